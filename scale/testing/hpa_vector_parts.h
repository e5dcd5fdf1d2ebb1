#pragma once

// The parts that vectors of several kinds share: pods, metrics, history, settings; and comparing.

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"
#include "scale/hpa/reconcile.h"

namespace scale::testing {

// "Now" of a vector; every age counts back from it.
inline constexpr Timestamp vector_now{1'000'000'000'000'000'000};

Timestamp aged(const json::Value& value, std::string_view key, double otherwise, Timestamp now);
Duration seconds_at(const json::Value& value, std::string_view key, double otherwise);
std::int64_t int_or(const json::Value& value, std::string_view key, std::int64_t otherwise);
std::int32_t int32_or(const json::Value& value, std::string_view key, std::int32_t otherwise);
std::string text_or(const json::Value& value, std::string_view key, std::string_view otherwise);
bool is_null(const json::Value& value, std::string_view key);
// The member's items; empty where there is no list.
const json::Array& list(const json::Value& value, std::string_view key);

hpa::Config read_config(const json::Value& vector);
hpa::Gates read_gates(const json::Value& vector);

hpa::Amounts read_amounts(const json::Value* value);
// The vector's `pods`, and the samples of those that have one and of `orphanSamples`.
std::vector<hpa::Pod> read_pods(const json::Value& vector, Timestamp now);
std::vector<hpa::PodSample> read_samples(const json::Value& vector, Timestamp now);
// The values of `podValues` and `extraPodValues`; `holder` carries them, `vector` the pods.
std::vector<hpa::PodValue> read_pod_values(const json::Value& holder, const json::Value& vector);

hpa::Recommendations read_recommendations(const json::Value& history, Timestamp now);
std::vector<hpa::ScaleEvent> read_events(const json::Value& history, std::string_view key,
                                         Timestamp now);

// Collects what differs from `expect`.
class Expect {
 public:
  explicit Expect(const json::Value& expect) : expect_(expect) {}

  // Only what `expect` mentions is compared.
  void number(std::string_view key, std::int64_t got);
  void text(std::string_view key, std::string_view got);
  void truth(std::string_view key, bool got);
  void real(std::string_view key, double got);  // to the bit
  void numbers(std::string_view key, const std::vector<std::int32_t>& got);
  void texts(std::string_view key, const std::vector<std::string>& got);  // in order
  void note(std::string problem);

  const json::Value* find(std::string_view key) const { return json::find(expect_, key); }
  // Whether `expect` wants an error. When it does, `got` must be its code; nothing else matters.
  bool wants_error(const std::string* got);
  std::vector<std::string> take() { return std::move(problems_); }

 private:
  void differ(std::string_view key, const json::Value& want, const json::Value& got);

  const json::Value& expect_;
  std::vector<std::string> problems_;
};

using Problems = std::vector<std::string>;
std::string code_name(hpa::FailureCode code);

}  // namespace scale::testing
