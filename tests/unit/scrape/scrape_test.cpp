#include "rig/scrape/scrape.h"

#include <prometheus/metric_family.h>

#include <array>
#include <atomic>
#include <future>
#include <map>
#include <string>
#include <thread>

#include "rig/metrics/exposition_text.h"
#include "rig/metrics/sample_recorder.h"
#include "scrape/test_collector.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

// A collector that waits while its gate is closed.
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
      [](Samples&, Deadline) { throw std::runtime_error("malformed"); });
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

Scrape make_scrape(const Config& config = {}) {
  return Scrape(kCollectors, config, std::make_shared<Instrumentation>());
}

const CollectorResult* result_of(const ScrapeResult& scrape, std::string_view collector) {
  const auto found = std::ranges::find(scrape.collectors, collector, &CollectorResult::name);
  return found == scrape.collectors.end() ? nullptr : &*found;
}

// Whether a collector has a sample of the test metric in a result.
bool has_sample(const ScrapeResult& scrape, std::string_view collector) {
  const auto* result = result_of(scrape, collector);
  return result != nullptr && result->collection &&
         !result->collection->samples.find(kTestValue).empty();
}

std::string text_of(Scrape& scrape, const ScrapeResult& result) {
  return scrape.exposition_text(result, ExpositionFormat::text);
}

}  // namespace

TEST_CASE("A scrape has the samples, success and duration of every collector") {
  Scrape scrape = make_scrape();
  const auto result = scrape.collect({}, in(10s));
  CHECK(has_sample(result, "good"));
  CHECK(has_sample(result, "gated"));
  CHECK(result_of(result, "good")->success());
  CHECK_FALSE(result_of(result, "throwing")->success());
  const auto text = text_of(scrape, result);
  for (const char* line :
       {"rig_test_value{device=\"good\"} 1\n", "rig_collector_success{collector=\"good\"} 1\n",
        "rig_collector_success{collector=\"throwing\"} 0\n",
        "rig_collector_duration_seconds{collector=\"throwing\"} "}) {
    CHECK_THAT(text, ContainsSubstring(std::string("\n") + line));
  }
}

TEST_CASE("A value is found by metric and labels") {
  Scrape scrape = make_scrape();
  const auto result = scrape.collect({}, in(10s));
  CHECK(result.value(kTestValue, {{"device", "good"}}) == 1);
  CHECK_FALSE(result.value(kTestValue, {{"device", "none"}}));
  CHECK_FALSE(result.value(kTestValue, {{"no_such_label", "good"}}));
}

TEST_CASE("If a collector hangs, only its own samples are missing from the scrape") {
  gate_open = false;
  Scrape scrape = make_scrape();
  const auto result = scrape.collect({}, in(500ms));
  CHECK(has_sample(result, "good"));
  CHECK_FALSE(result_of(result, "gated")->collection);
  CHECK_FALSE(result_of(result, "gated")->success());
  CHECK(result_of(result, "gated")->seconds > 0);
  CHECK_THAT(text_of(scrape, result),
             ContainsSubstring("rig_collector_success{collector=\"gated\"} 0\n"));
  open_gate();
}

TEST_CASE("Two scrapes at once share the collection in progress") {
  gate_open = false;
  collections = 0;
  Scrape scrape = make_scrape();
  auto first = std::async(std::launch::async, [&] { return scrape.collect({}, in(10s)); });
  auto second = std::async(std::launch::async, [&] { return scrape.collect({}, in(10s)); });
  std::this_thread::sleep_for(50ms);
  open_gate();
  CHECK(has_sample(first.get(), "gated"));
  CHECK(has_sample(second.get(), "gated"));
  // One, or two if the machine was too busy to start both scrapes within the pause.
  CHECK(collections <= 2);
}

TEST_CASE("Only the selected collectors are run") {
  Scrape scrape = make_scrape();
  const std::array only{std::string("good")};
  const auto result = scrape.collect(only, in(10s));
  CHECK(has_sample(result, "good"));
  CHECK(result_of(result, "gated") == nullptr);
  CHECK_THAT(text_of(scrape, result), !ContainsSubstring("collector=\"gated\""));
}

TEST_CASE("A disabled collector does not exist") {
  Config config;
  config.collectors_by_default = false;
  config.collectors["good"] = true;
  CHECK(make_scrape(config).names() == std::vector<std::string>{"good"});
}

TEST_CASE("Every scrape has the metrics of the exporter itself") {
  Scrape scrape = make_scrape();
  const std::string text = text_of(scrape, scrape.collect({}, in(10s)));
  for (const char* name :
       {"rig_exporter_build_info{", "rig_exporter_scrape_duration_seconds_count 1\n",
        "process_cpu_seconds_total ", "process_resident_memory_bytes ", "process_open_fds ",
        "process_start_time_seconds "}) {
    CHECK_THAT(text, ContainsSubstring(std::string("\n") + name));
  }
}

namespace {

// Counts what it gets.
class CountingRecorder : public SampleRecorder {
 public:
  bool wants_readings_of(const MetricInfo&) const override { return true; }
  void record_reading(const MetricInfo&, double, std::span<const std::string_view>, Time) override {
    ++readings;
  }
  void record_collection(const Samples& samples, Time read_at) override {
    for (const auto& sample : samples.find(kTestValue)) {
      ++values[std::string(sample.label("device"))];
      age = std::chrono::steady_clock::now() - read_at;
    }
  }

  int readings = 0;
  std::map<std::string, int> values;
  Time::duration age{};
};

std::unique_ptr<Collector> make_sending(const RootPaths&, const Config&) {
  class SendingCollector : public Collector {
   public:
    void collect(Samples&, Deadline) override {}
    void record_readings(const std::shared_ptr<SampleRecorder>& recorder) override {
      recorder->record_reading(kTestValue, 1, {}, std::chrono::steady_clock::now());
    }
  };
  return std::make_unique<SendingCollector>();
}

}  // namespace

TEST_CASE("A recorder gets the samples of each collection that completes, and readings") {
  const std::array<CollectorInfo, 3> collectors{{{"good", "", kMetrics, &make_good},
                                                 {"throwing", "", kMetrics, &make_throwing},
                                                 {"sending", "", kMetrics, &make_sending}}};
  const Config config;
  const auto recorder = std::make_shared<CountingRecorder>();
  Scrape scrape(collectors, config, std::make_shared<Instrumentation>(), recorder);
  CHECK(recorder->readings == 1);
  CHECK(recorder->values.empty());
  scrape.collect({}, in(10s));
  scrape.collect({}, in(10s));
  CHECK(recorder->values == std::map<std::string, int>{{"good", 2}});
  CHECK(recorder->age < 5s);
}
