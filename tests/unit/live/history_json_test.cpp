#include "rig/live/history_json.h"

#include <array>
#include <nlohmann/json.hpp>

#include "live/recorded_points.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

constexpr auto kJsonSpeed =
    gauge("rig_speed_hertz", Unit::hertz, "A speed.", "name", "device").within(kAnyCount);
// The boot clock was 0 at 1764460000.000.
constexpr WallTime::Difference kBooted{1'764'460'000'000ms, 3};

Json history_at(const History& history, double now,
                std::optional<std::chrono::milliseconds> since = {}) {
  return Json::parse(history_json(history, since, boot_at(now), kBooted));
}

}  // namespace

TEST_CASE("Points are served with the metric, its labels, Unix times and values") {
  History history;
  history.record(kJsonSpeed, std::array<std::string_view, 2>{"sda", "a \"b\""}, 0.1, boot_at(1.5));
  history.record(kJsonSpeed, std::array<std::string_view, 2>{"sda", "a \"b\""}, 2e9,
                 boot_at(3.004));
  CHECK(history_json(history, {}, boot_at(4), kBooted) ==
        R"({"time":1764460004.000,"clock":3,"series":[{"metric":"rig_speed_hertz",)"
        R"("labels":{"device":"sda","name":"a \"b\""},"times":[1764460001.500,1764460003.004],)"
        R"("values":[0.1,2000000000]}]})");
}

TEST_CASE("An empty history has no series") {
  CHECK(history_at(History(), 1)["series"] == Json::array());
}

TEST_CASE("With since only later points are served, and not the one at that time again") {
  History history;
  for (const double second : {1.0, 2.0, 3.0})
    history.record(kJsonSpeed, std::array<std::string_view, 2>{"a", "b"}, second, boot_at(second));
  CHECK(history_at(history, 3, 1'764'460'002'000ms)["series"][0]["values"] == Json::array({3}));
  CHECK(history_at(history, 3, 1'764'460'001'999ms)["series"][0]["values"] == Json::array({2, 3}));
  CHECK(history_at(history, 3, 1'764'460'003'000ms)["series"].empty());
  CHECK(history_at(history, 3, 0ms)["series"][0]["values"].size() == 3);
}

TEST_CASE("After the system clock was set back, a client that follows gets everything") {
  History history;
  history.record(kJsonSpeed, std::array<std::string_view, 2>{"a", "b"}, 1, boot_at(1));
  CHECK(history_at(history, 3, 1'764'463'600'000ms)["series"].size() == 1);
  CHECK(history_at(history, 3, 1'764'460'003'500ms)["series"].empty());
}

TEST_CASE("Times have three decimals") {
  const auto json_time = [](long milliseconds) {
    std::string json;
    append_json_time(json, std::chrono::milliseconds(milliseconds));
    return json;
  };
  CHECK(json_time(1'764'460'000'000) == "1764460000.000");
  CHECK(json_time(1'764'460'000'007) == "1764460000.007");
  CHECK(json_time(1'999) == "1.999");
  CHECK(json_time(42) == "0.042");
  CHECK(json_time(-1'500) == "-1.500");
}
