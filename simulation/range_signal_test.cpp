#include "simulation/range_signal.h"

#include <gtest/gtest.h>

#include <string>

namespace simulation {
namespace {

using State = scale::Reading::State;

std::string text_of(const Signal& signal) {
  std::string text;
  for (const Sample& sample : signal.samples) {
    if (!text.empty()) text += ' ';
    text += std::to_string(sample.at.ns / 1'000'000) + "=";
    text += sample.state == State::value ? std::to_string(sample.value)
                                         : std::string(to_string(sample.state));
  }
  return text;
}

std::string range(std::string_view text, Series series = Series::one,
                  const SignalLimits& limits = {}) {
  const auto signal = read_range(text, series, limits);
  return signal ? text_of(*signal) : signal.error().what;
}

std::string matrix(std::string_view result) {
  return R"({"status":"success","data":{"resultType":"matrix","result":)" + std::string(result) +
         "}}";
}

struct Case {
  const char* name;
  std::string text;
  const char* want;
};

TEST(ReadRange, TakesOneSeries) {
  EXPECT_EQ(range(matrix(R"([{"metric":{"queue":"mail"},"values":
      [[1700000000,"1"],[1700000015.5,"2.5"],[1700000030.781,"NaN"],[1700000045,"+Inf"]]}])")),
            "1700000000000=1.000000 1700000015500=2.500000 1700000030781=not_a_number "
            "1700000045000=not_a_number");
}

TEST(ReadRange, AddsUpSeveralOnlyWhenAsked) {
  const std::string two = matrix(R"([
      {"metric":{"pod":"a"},"values":[[10,"1"],[20,"2"]]},
      {"metric":{"pod":"b"},"values":[[20,"5"],[30,"NaN"]]}])");
  EXPECT_EQ(range(two),
            "data.result: 2 series, want one: aggregate in the query, or add them up with --sum; "
            "the first two are {\"pod\":\"a\"} and {\"pod\":\"b\"}");
  EXPECT_EQ(range(two, Series::sum), "10000=1.000000 20000=7.000000 30000=not_a_number");
}

TEST(ReadRange, SaysWhatIsWrong) {
  const Case cases[] = {
      {"no JSON", "{\n\"status\":\n", "line 3: bad JSON at byte 12: incomplete JSON"},
      {"another document", "[]",
       "not the answer of a range query: want \"status\" and "
       "\"data.resultType\""},
      {"a failed query", R"({"status":"error","error":"bad query"})",
       "the query failed: bad query"},
      {"an instant query", R"({"status":"success","data":{"resultType":"vector","result":[]}})",
       "data.resultType: want matrix, the answer of a range query, got vector"},
      {"no result", R"({"status":"success","data":{"resultType":"matrix"}})",
       "data.result: want a list"},
      {"no series", matrix("[]"), "data.result: holds no sample"},
      {"no samples", matrix(R"([{"metric":{},"values":[]}])"), "data.result: holds no sample"},
      {"no values", matrix(R"([{"metric":{}}])"), "data.result[0]: want a list \"values\""},
      {"histograms", matrix(R"([{"metric":{},"values":[],"histograms":[]}])"),
       "data.result[0]: a histogram is no number: take a quantile in the query"},
      {"a number that is no text", matrix(R"([{"values":[[10,1]]}])"),
       "data.result[0]: values[0]: the number must be a text"},
      {"a text that is no number", matrix(R"([{"values":[[10,"1"],[20,"x"]]}])"),
       "data.result[0]: values[1]: the text is not a number"},
      {"no pair", matrix(R"([{"values":[[10]]}])"),
       "data.result[0]: values[0]: want [seconds, \"number\"]"},
      {"a time that is a text", matrix(R"([{"values":[["10","1"]]}])"),
       "data.result[0]: values[0]: want Unix seconds between 1970 and 2159 and a text"},
      {"milliseconds", matrix(R"([{"values":[[1700000000000,"1"]]}])"),
       "data.result[0]: values[0]: want Unix seconds between 1970 and 2159 and a text"},
      {"back in time", matrix(R"([{"values":[[20,"1"],[10,"1"]]}])"),
       "data.result[0]: values[1]: times must ascend"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(range(c.text), c.want);
  }
}

TEST(ReadRange, IsBounded) {
  const std::string text = matrix(R"([{"values":[[10,"1"],[20,"1"]]}])");
  EXPECT_EQ(range(text, Series::one, {.samples_max = 1}), "data.result[0]: more than 1 samples");
  EXPECT_EQ(range(text, Series::one, {.bytes_max = 10}), "larger than 10 bytes");
}

std::string points(std::string_view text) {
  const auto recorded = read_points(json::parse(text).value());
  if (!recorded) return recorded.error().what;
  return (recorded->replicas ? std::to_string(*recorded->replicas) + ": " : "") +
         text_of(recorded->signal);
}

TEST(ReadPoints, KeepsTheStateOfEachReading) {
  EXPECT_EQ(points(R"({"trigger":0,"items":[
      {"at":"1970-01-01T00:00:10Z","state":"absent","value":null,"target":10,"replicas":3},
      {"at":"1970-01-01T00:00:25Z","state":"value","value":7.5,"target":10,"replicas":4},
      {"at":"1970-01-01T00:00:40Z","state":"stale","value":null,"target":10,"replicas":4},
      {"at":"1970-01-01T00:00:55Z","state":"error","value":null,"target":10,"replicas":4}]})"),
            "3: 10000=absent 25000=7.500000 40000=stale 55000=error");
  EXPECT_EQ(points(R"({"items":[]})"), "");
}

TEST(ReadPoints, SaysWhatIsWrong) {
  const Case cases[] = {
      {"no list", R"({})", "items: want a list"},
      {"no time", R"({"items":[{"state":"value","value":1}]})",
       "items[0]: at: want an RFC 3339 time between 1970 and 2159"},
      {"an unknown state", R"({"items":[{"at":"1970-01-01T00:00:10Z","state":"odd"}]})",
       "items[0]: state: want the state of a reading"},
      {"no value", R"({"items":[{"at":"1970-01-01T00:00:10Z","state":"value","value":null}]})",
       "items[0]: value: want a number"},
      {"back in time", R"({"items":[{"at":"1970-01-01T00:00:10Z","state":"stale"},
                                    {"at":"1970-01-01T00:00:10Z","state":"stale"}]})",
       "items[1].at: times must ascend"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(points(c.text), c.want);
  }
}

}  // namespace
}  // namespace simulation
