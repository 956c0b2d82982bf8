#include "rig/scrape/scrape.h"

#include <array>
#include <atomic>
#include <future>
#include <optional>
#include <thread>

#include "rig/kernel/text.h"
#include "scrape/test_collector.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

// A collector that waits while its gate is shut.
std::atomic<bool> gate_open = true;
std::atomic<int> collections = 0;

std::unique_ptr<Collector> make_good(const RootPaths&, const Config&) {
  return std::make_unique<TestCollector>(
      [](Samples& samples, Deadline) { samples.add(kTestValue, 1, "good"); });
}
std::unique_ptr<Collector> make_gated(const RootPaths&, const Config&) {
  return std::make_unique<TestCollector>([](Samples& samples, Deadline) {
    ++collections;
    gate_open.wait(false);
    samples.add(kTestValue, 2, "gated");
  });
}
std::unique_ptr<Collector> make_throwing(const RootPaths&, const Config&) {
  return std::make_unique<TestCollector>(
      [](Samples&, Deadline) { throw std::runtime_error("no sense in it"); });
}

constexpr std::array<const MetricInfo*, 1> kMetrics{&kTestValue};
const std::array<CollectorInfo, 3> kCollectors{{
    {"good", "", kMetrics, &make_good},
    {"gated", "", kMetrics, &make_gated},
    {"throwing", "", kMetrics, &make_throwing},
}};

void open_gate() {
  gate_open = true;
  gate_open.notify_all();
}

// Of a metric with one label.
std::optional<double> value_of(const std::string& text, std::string_view name,
                               std::string_view label_value) {
  for (const auto line : lines(text)) {
    const auto [series, value] = split_at(line, ' ');
    if (series.starts_with(std::string(name) + '{') &&
        series.ends_with("=\"" + std::string(label_value) + "\"}"))
      return parse_number<double>(value);
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("A scrape has every collector's samples, its success and its duration") {
  Scrape scrape(kCollectors, {});
  const auto text = scrape.collect({}, in(10s));
  CHECK(value_of(text, "rig_test_value", "good") == 1);
  CHECK(value_of(text, "rig_test_value", "gated") == 2);
  CHECK(value_of(text, "rig_collector_success", "good") == 1);
  CHECK(value_of(text, "rig_collector_success", "throwing") == 0);
  CHECK(value_of(text, "rig_collector_duration_seconds", "throwing"));
}

TEST_CASE("A collector that hangs costs its own samples, in the same scrape") {
  gate_open = false;
  Scrape scrape(kCollectors, {});
  const auto text = scrape.collect({}, in(50ms));
  CHECK(value_of(text, "rig_test_value", "good") == 1);
  CHECK_FALSE(value_of(text, "rig_test_value", "gated"));
  CHECK(value_of(text, "rig_collector_success", "gated") == 0);
  open_gate();
}

TEST_CASE("Two scrapes at once share the collection under way") {
  gate_open = false;
  collections = 0;
  Scrape scrape(kCollectors, {});
  auto first = std::async(std::launch::async, [&] { return scrape.collect({}, in(10s)); });
  auto second = std::async(std::launch::async, [&] { return scrape.collect({}, in(10s)); });
  std::this_thread::sleep_for(50ms);
  open_gate();
  CHECK(value_of(first.get(), "rig_test_value", "gated") == 2);
  CHECK(value_of(second.get(), "rig_test_value", "gated") == 2);
  // One, or two where the machine was too busy to start both scrapes within the pause.
  CHECK(collections <= 2);
}

TEST_CASE("Only the collectors that were asked for answer") {
  Scrape scrape(kCollectors, {});
  const std::array only{std::string("good")};
  const auto text = scrape.collect(only, in(10s));
  CHECK(value_of(text, "rig_test_value", "good") == 1);
  CHECK_FALSE(value_of(text, "rig_collector_success", "gated"));
}

TEST_CASE("A collector that is switched off is not there") {
  Config config;
  config.collectors_by_default = false;
  config.collectors["good"] = true;
  const Scrape scrape(kCollectors, config);
  CHECK(scrape.names() == std::vector<std::string_view>{"good"});
}

TEST_CASE("The exporter's own process is in every answer") {
  Scrape scrape(kCollectors, {});
  const std::string text = scrape.collect({}, in(10s));
  for (const char* name :
       {"rig_exporter_build_info{", "process_cpu_seconds_total ", "process_resident_memory_bytes ",
        "process_open_fds ", "process_start_time_seconds "}) {
    CHECK_THAT(text, ContainsSubstring(std::string("\n") + name));
  }
}
