#include "rig/metrics/samples.h"

#include <prometheus/metric_family.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.h"
#include "support/problem_texts.h"

using namespace rig;

namespace {

constexpr auto kSpeed = gauge("rig_test_speed_hertz", Unit::hertz, "Speed.", "cpu");
constexpr auto kTime = counter("rig_test_time_seconds_total", Unit::seconds, "Time.", "cpu");
constexpr auto kState = gauge("rig_test_state", Unit::none, "State.", "array", "state");
constexpr auto kStates = std::to_array<std::string_view>({"clean", "broken", "other"});

std::string label(const prometheus::ClientMetric& metric, std::string_view name) {
  for (const auto& pair : metric.label) {
    if (pair.name == name) return pair.value;
  }
  return "";
}

}  // namespace

TEST_CASE("An absent value adds nothing") {
  Samples samples;
  samples.add(kSpeed, std::nullopt, "0");
  CHECK(samples.families().empty());
}

TEST_CASE("Families are sorted by name and series by the value of numbers") {
  Samples samples;
  samples.add(kTime, 5.0, "0");
  for (const char* cpu : {"10", "9", "0"}) samples.add(kSpeed, 1.0, cpu);
  const auto families = samples.families();
  REQUIRE(families.size() == 2);
  CHECK(families[0].name == "rig_test_speed_hertz");
  CHECK(label(families[0].metric[0], "cpu") == "0");
  CHECK(label(families[0].metric[1], "cpu") == "9");
  CHECK(label(families[0].metric[2], "cpu") == "10");
  CHECK(families[1].metric[0].counter.value == 5.0);
}

TEST_CASE("Series are in the same order however they are added") {
  const std::vector<std::string> sorted{"0",   "9", "10", "99999999999999999999", "", "01", "10a",
                                        "1e3", "a", "b10"};
  std::vector<std::string> added = sorted;
  for (int rotation = 0; rotation < 10; ++rotation) {
    Samples samples;
    for (const auto& cpu : added) samples.add(kSpeed, 1.0, cpu);
    std::vector<std::string> found;
    for (const auto& sample : samples.find(kSpeed)) found.emplace_back(sample.label("cpu"));
    CHECK(found == sorted);
    std::rotate(added.begin(), added.begin() + 3, added.end());
  }
}

TEST_CASE("Several objects that describe a metric are one family") {
  constexpr auto kSame = gauge("rig_test_speed_hertz", Unit::hertz, "Speed.", "cpu");
  Samples samples;
  samples.add(kSpeed, 1.0, "1");
  samples.add(kSame, 0.0, "0");
  samples.add(kSame, 2.0, "1");
  samples.add(kSpeed, 2.0, "2");
  REQUIRE(samples.families().size() == 1);
  CHECK(samples.find(kSpeed).size() == 3);
  CHECK(samples.find(kSame).at(1).value == 1.0);
  CHECK(samples.problems().size() == 1);
}

TEST_CASE("Samples can be moved, and added to afterwards") {
  Samples first;
  first.add(kSpeed, 1.0, "1");
  Samples second = std::move(first);
  second.add(kSpeed, 2.0, "2");
  Samples third;
  third.add(kTime, 3.0, "3");
  third = std::move(second);
  third.add(kSpeed, 3.0, "3");
  CHECK(third.find(kSpeed).size() == 3);
  CHECK(third.find(kSpeed).at(0).label("cpu") == "1");
  CHECK(third.find(kTime).empty());
}

TEST_CASE("A duplicate label set is a problem and keeps its first value") {
  Samples samples;
  samples.add(kSpeed, 1.0, "0");
  samples.add(kSpeed, 2.0, "0");
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(texts(samples.problems())[0], ContainsSubstring("rig_test_speed_hertz{cpu=\"0\"}"));
  CHECK(samples.families()[0].metric.at(0).gauge.value == 1.0);
}

TEST_CASE("A value outside the range of its metric is a problem and not a sample") {
  constexpr auto kPort = gauge("rig_test_port", Unit::none, "Port.", "cpu").within(Range{1, 65535});
  Samples samples;
  // Not a number, a frequency of all ones in MHz, and a count that wrapped below zero.
  samples.add(kSpeed, std::nan(""), "0");
  samples.add(kSpeed, 65535e6, "1");
  samples.add(kTime, 18446744073709551615.0, "0");
  samples.add(kPort, 0, "0");
  CHECK(samples.families().empty());
  REQUIRE(samples.problems().size() == 4);
  CHECK(to_string(samples.problems()[1]) ==
        R"(rig_test_speed_hertz{cpu="1"}: implausible: 6.5535e+10)");
  CHECK(samples.problems()[3].reason == Reason::implausible);
}

TEST_CASE("A state set has every state, and an unknown word is shown as other") {
  Samples samples;
  samples.add_states(kState, kStates, "broken", "md0");
  samples.add_states(kState, kStates, "melted", "md1");
  samples.add_states(kState, kStates, std::nullopt, "md2");
  const auto families = samples.families();
  REQUIRE(families.size() == 1);
  REQUIRE(families[0].metric.size() == 6);
  double sum = 0;
  for (const auto& metric : families[0].metric) {
    sum += metric.gauge.value;
    if (metric.gauge.value == 1.0) {
      CHECK(label(metric, "state") == (label(metric, "array") == "md0" ? "broken" : "other"));
    }
  }
  CHECK(sum == 2.0);
}

TEST_CASE("Invalid UTF-8 in a label value is replaced") {
  Samples samples;
  samples.add(kSpeed, 1.0,
              "a\xff"
              "b\xc3\xa9\xed\xa0\x80");
  CHECK(label(samples.families()[0].metric[0], "cpu") ==
        "a\uFFFD"
        "b\u00e9\uFFFD\uFFFD\uFFFD");
}

TEST_CASE("Of many problems the first are kept, with short texts, and the others are counted") {
  Samples samples;
  for (int i = 0; i < 1000; ++i)
    samples.add_problem({Reason::malformed, "/" + std::to_string(i), std::string(100'000, 'x')});
  REQUIRE(samples.problems().size() == 101);
  CHECK(to_string(samples.problems().front()).size() < 400);
  CHECK(to_string(samples.problems().back()) == "problems: and 900 more");
}
