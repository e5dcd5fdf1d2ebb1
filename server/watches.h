#pragma once

// What one thread's streams watch: who hears of a question there.

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "server/questions.h"

namespace server {

// Confined to its loop. Questions outlive it; it outlives its watches.
class Watches {
 public:
  class Watch;

  // loop: where watches hear; none: on the thread that changes an answer, of which there is only
  // one then.
  Watches(Questions& questions, Executor loop) : questions_(questions), loop_(std::move(loop)) {}
  ~Watches();
  Watches(const Watches&) = delete;
  Watches& operator=(const Watches&) = delete;

  // Keeps `question` answered: watch.found() is called at once, then after each change of the
  // answer, until the watch ends. Changes that pile up before the loop runs are folded to the
  // newest. Watches of equal questions share one standing query. Errors: exhausted.
  Result<void> watch(const tsdb::Question& question, Watch& watch);

 private:
  class Channel;
  // One question, and those who watch it.
  struct Group {
    std::string key;
    std::vector<Watch*> watches;
    std::shared_ptr<Channel> channel;
  };

  std::shared_ptr<Group> group_of(const tsdb::Question& question);
  static void tell(const Group& group, const Finding& finding);
  void end(Watch& watch);

  Questions& questions_;
  const Executor loop_;
  std::map<std::string, std::shared_ptr<Group>, std::less<>> groups_;
};

// Hears what becomes of one question; destroying it ends that, also within found().
class Watches::Watch {
 public:
  Watch() = default;
  virtual ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  friend class Watches;
  virtual void found(const Finding& finding) = 0;

  Watches* watches_ = nullptr;
  Group* group_ = nullptr;
  std::size_t position_ = 0;  // in the group's watches
};

}  // namespace server
