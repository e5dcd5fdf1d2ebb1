#include "simulation/csv_signal.h"

#include <gtest/gtest.h>

#include <string>

namespace simulation {
namespace {

using State = scale::Reading::State;

// "ns=value" for each sample, "?" for not-a-number.
std::string text_of(const Signal& signal) {
  std::string text = signal.offsets ? "offsets" : "";
  for (const Sample& sample : signal.samples) {
    if (!text.empty()) text += ' ';
    const auto at = signal.offsets ? (sample.at - offset_origin).count() : sample.at.ns;
    text += std::to_string(at) + "=";
    text += sample.state == State::value ? std::to_string(sample.value) : "?";
  }
  return text;
}

std::string read(std::string_view csv, const SignalLimits& limits = {}) {
  const auto signal = read_csv(csv, limits);
  return signal ? text_of(*signal) : signal.error().what;
}

struct Case {
  const char* name;
  const char* csv;
  const char* want;
};

TEST(ReadCsv, TakesEachFormOfTime) {
  const Case cases[] = {
      {"offsets", "0s,1\n15s,2.5\n1m,3\n",
       "offsets 0=1.000000 15000000000=2.500000 60000000000=3.000000"},
      {"unix seconds", "1700000000,1\n1700000000.5,2\n",
       "1700000000000000000=1.000000 1700000000500000000=2.000000"},
      {"exact nanoseconds", "1700000000.123456789,1", "1700000000123456789=1.000000"},
      {"RFC 3339", "2023-11-14T22:13:20Z,7\n2023-11-14T23:13:21+01:00,8",
       "1700000000000000000=7.000000 1700000001000000000=8.000000"},
      {"a header", "time,value\n0s,1\n", "offsets 0=1.000000"},
      {"quotes, blanks and carriage returns", "\"Time\",\"depth\"\r\n \"0s\" , \"1\" \r\n\r\n",
       "offsets 0=1.000000"},
      {"a byte order mark", "\xef\xbb\xbftime,value\n0s,1\n", "offsets 0=1.000000"},
      {"no sample at a time", "0s,1\n15s,\n30s,2\n", "offsets 0=1.000000 30000000000=2.000000"},
      {"not a number", "0s,NaN\n1s,+Inf\n2s,-inf\n3s,+4\n",
       "offsets 0=? 1000000000=? 2000000000=? 3000000000=4.000000"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(read(c.csv), c.want);
  }
}

TEST(ReadCsv, NamesTheLineThatIsWrong) {
  const Case cases[] = {
      {"nothing", "", "holds no sample"},
      {"a header alone", "time,value\n", "holds no sample"},
      {"one column", "0s,1\n15s\n", "line 2: want a time and a value, separated by a comma"},
      {"three columns", "0s,1,2\n", "line 1: more than two columns, want time,value"},
      {"a second header", "time,value\ntime,value\n",
       "line 2: time \"time\" is neither RFC 3339, nor Unix seconds, nor an offset such as 15s"},
      {"an unknown unit", "0d,1\n",
       "line 1: time \"0d\" is neither RFC 3339, nor Unix seconds, nor an offset such as 15s"},
      {"an empty time", "0s,1\n,2\n",
       "line 2: Unix seconds after an offset: one form of time in one file"},
      {"a negative offset", "-15s,1\n",
       "line 1: time \"-15s\" is neither RFC 3339, nor Unix seconds, nor an offset such as 15s"},
      {"milliseconds", "1700000000000,1\n",
       "line 1: time \"1700000000000\" is after the year 2159: want Unix seconds, not "
       "milliseconds"},
      {"far beyond", "99999999999999999999,1\n",
       "line 1: time \"99999999999999999999\" is after the year 2159: want Unix seconds, not "
       "milliseconds"},
      {"two points", "1.2.3,1\n",
       "line 1: time \"1.2.3\" is not Unix seconds (at most nine decimals)"},
      {"ten decimals", "1.0123456789,1\n",
       "line 1: time \"1.0123456789\" is not Unix seconds (at most nine decimals)"},
      {"the epoch", "0,1\n", "line 1: time \"0\" is not between 1970 and 2159"},
      {"a bad date", "2023-13-14T22:13:20Z,7\n",
       "line 1: \"2023-13-14T22:13:20Z\" is not an RFC 3339 time"},
      {"two forms", "0s,1\n1700000000,2\n",
       "line 2: Unix seconds after an offset: one form of time in one file"},
      {"back in time", "15s,1\n0s,2\n", "line 2: times must ascend"},
      {"one time twice", "15s,1\n15s,2\n", "line 2: times must ascend"},
      {"words", "0s,many\n", "line 1: value \"many\" is not a number"},
      {"beyond a double", "0s,1e999\n", "line 1: value \"1e999\" is not a number"},
      {"half a number", "0s,1.5x\n", "line 1: value \"1.5x\" is not a number"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(read(c.csv), c.want);
  }
}

TEST(ReadCsv, IsBounded) {
  EXPECT_EQ(read("0s,1\n1s,2\n2s,3\n", {.samples_max = 2}), "line 3: more than 2 samples");
  EXPECT_EQ(read("0s,1\n", {.bytes_max = 4}), "larger than 4 bytes");
}

}  // namespace
}  // namespace simulation
