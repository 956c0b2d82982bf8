#include "rig/live/history.h"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "live/recorded_points.h"
#include "support/catch.h"

using namespace rig;

namespace {

constexpr auto kHistoryLevel = gauge("rig_level", Unit::none, "A level.", "device");
constexpr auto kHistoryTotal = counter("rig_total", Unit::none, "A total.");

void record_level(History& history, std::string_view device, double value, double seconds) {
  history.record(kHistoryLevel, std::array{device}, value, boot_at(seconds));
}

}  // namespace

TEST_CASE("Points are kept for ten minutes, oldest first, with exactly their value") {
  History history;
  for (int second = 0; second <= 1000; ++second)
    record_level(history, "a", 0.1 * second + 1e13, second);
  const auto points = points_of(history, 1000)["rig_level a"];
  REQUIRE(points.size() == 601);
  CHECK(points.front() == std::pair(400.0, 0.1 * 400 + 1e13));
  CHECK(points.back() == std::pair(1000.0, 0.1 * 1000 + 1e13));
}

TEST_CASE("Only points after a time are asked for, and a series without such points is left out") {
  History history;
  for (const double second : {1.0, 2.0, 3.001, 4.0}) record_level(history, "a", second, second);
  record_level(history, "b", 1, 1);
  const auto all = points_of(history, 5, 3);
  CHECK(all.size() == 1);
  CHECK(all.at("rig_level a") == RecordedPoints{{3.001, 3.001}, {4, 4}});
  CHECK(points_of(history, 5, 4).empty());
}

TEST_CASE("A value that was not recorded is a gap, however long") {
  History history;
  for (const double second : {0.0, 1.0, 70.0, 200.0, 599.0}) record_level(history, "a", 5, second);
  CHECK(points_of(history, 600)["rig_level a"] ==
        RecordedPoints{{0, 5}, {1, 5}, {70, 5}, {200, 5}, {599, 5}});
}

TEST_CASE("A point that is not later than the last one, or follows too soon, is left out") {
  History history;
  for (const double second : {10.0, 10.0, 9.0, 10.7, 10.75, 11.4, 11.5})
    record_level(history, "a", second, second);
  CHECK(points_of(history, 20)["rig_level a"] ==
        RecordedPoints{{10, 10}, {10.75, 10.75}, {11.5, 11.5}});
}

TEST_CASE("A series without values for ten minutes disappears, and its memory is used again") {
  History history;
  for (int second = 0; second < 600; ++second) record_level(history, "gone", 1, second);
  for (int second = 0; second < 1300; ++second) record_level(history, "there", 1, second);
  const auto memory = history.memory_bytes();
  CHECK(points_of(history, 1300).size() == 1);
  for (int second = 1300; second < 1900; ++second) {
    record_level(history, "there", 1, second);
    record_level(history, "new", 1, second);
  }
  CHECK(history.memory_bytes() <= memory + 200);
}

TEST_CASE("The window ends now: what is older is not served even if nothing follows") {
  History history;
  record_level(history, "a", 1, 0);
  record_level(history, "a", 2, 300);
  CHECK(points_of(history, 601)["rig_level a"] == RecordedPoints{{300, 2}});
  CHECK(points_of(history, 5000).empty());
}

TEST_CASE("Series are sorted by metric and labels and have the labels that were recorded") {
  History history;
  history.record(kHistoryTotal, {}, 7, boot_at(1));
  for (const char* device : {"b", "", "a b"}) record_level(history, device, 1, 1);
  std::vector<std::string> names;
  for (const auto& [name, points] : points_of(history, 2)) names.push_back(name);
  CHECK(names ==
        std::vector<std::string>{"rig_level ", "rig_level a b", "rig_level b", "rig_total"});
}

TEST_CASE("The number of series is limited until some disappear") {
  History history;
  const auto record_all = [&](double second) {
    for (std::size_t i = 0; i < 2 * History::kMaxSeries; ++i)
      record_level(history, std::to_string(second) + "/" + std::to_string(i), 1, second);
  };
  record_all(0);
  CHECK(points_of(history, 1).size() == History::kMaxSeries);
  record_all(700);
  CHECK(points_of(history, 701).size() == History::kMaxSeries);
}

TEST_CASE("A series with very long labels is not recorded") {
  History history;
  record_level(history, std::string(1000, 'x'), 1, 1);
  CHECK(points_of(history, 2).empty());
}

TEST_CASE("When the memory is used up, the oldest points of all series make room") {
  History history(4);
  for (int second = 0; second < 64; ++second) {
    record_level(history, "a", second, second);
    record_level(history, "b", second, second);
  }
  const auto full = history.memory_bytes();
  for (int second = 64; second < 96; ++second) record_level(history, "a", second, second);
  CHECK(history.memory_bytes() == full);
  const auto all = points_of(history, 96);
  CHECK(all.at("rig_level a").size() + all.at("rig_level b").size() == 128);
  CHECK(all.at("rig_level a").back() == std::pair(95.0, 95.0));
  CHECK(all.at("rig_level b").back() == std::pair(63.0, 63.0));
  History none(0);
  record_level(none, "a", 1, 1);
  CHECK(points_of(none, 2).empty());
}

TEST_CASE("A big machine that is read every second takes less than 4 MiB") {
  // 8 GPUs with 8 temperatures and 10 other series, 96 disks and arrays with three series, 32 syncs
  // with two, and 16 series of CPU, memory and pressure.
  constexpr int kSeries = 8 * 18 + 96 * 3 + 32 * 2 + 16;
  const std::string common = "0000:c3:00.0/a label of usual length/";
  History history;
  for (int second = 0; second < 1800; ++second) {
    for (int i = 0; i < kSeries; ++i)
      record_level(history, common + std::to_string(i), second + 0.1 * i, second + 0.001 * (i % 7));
  }
  CHECK(points_of(history, 1800).size() == kSeries);
  CHECK(history.memory_bytes() < 4'000'000);
  const auto memory = history.memory_bytes();
  for (int second = 1800; second < 2400; ++second) {
    for (int i = 0; i < kSeries; ++i) record_level(history, common + std::to_string(i), 1, second);
  }
  CHECK(history.memory_bytes() == memory);
}

TEST_CASE("The boot clock runs forward") {
  const auto first = BootClock::now();
  CHECK(first.time_since_epoch().count() > 0);
  CHECK(BootClock::now() >= first);
}
