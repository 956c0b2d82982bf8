// Reloads of Scrape and ScrapeScheduler: tests/unit/app has those of the settings.
#include <array>
#include <atomic>
#include <future>
#include <map>
#include <set>
#include <thread>

#include "rig/scrape/scrape.h"
#include "rig/scrape/scrape_scheduler.h"
#include "scrape/test_collector.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

using ChangedCollectors = std::set<std::string, std::less<>>;

std::atomic<int> living = 0;
std::atomic<int> created = 0;
std::atomic<bool> may_collect = true;
std::atomic<int> entered = 0;
std::atomic<bool> may_be_destroyed = true;

// Counts its collections: what a collector that is created again starts from 1.
class StatefulCollector : public Collector {
 public:
  explicit StatefulCollector(std::string device) : device_(std::move(device)) {
    ++living;
    ++created;
  }
  ~StatefulCollector() override {
    may_be_destroyed.wait(false);
    --living;
  }
  void collect(Samples& samples, Deadline) override {
    ++entered;
    may_collect.wait(false);
    samples.add(kTestValue, ++count_, device_);
  }

 private:
  const std::string device_;
  int count_ = 0;
};

constexpr std::array<const MetricInfo*, 1> kStateMetrics{&kTestValue};
const std::array<CollectorInfo, 2> kStatefulCollectors{{
    {"one", "", kStateMetrics,
     [](const RootPaths&, const Config&) -> std::unique_ptr<Collector> {
       return std::make_unique<StatefulCollector>("one");
     }},
    {"two", "", kStateMetrics,
     [](const RootPaths&, const Config&) -> std::unique_ptr<Collector> {
       return std::make_unique<StatefulCollector>("two");
     }},
}};

using Counts = std::map<std::string, double>;

// How often each collector that is running has collected.
Counts counts(const ScrapeResult& result) {
  Counts found;
  for (const auto& collector : result.collectors) {
    if (!collector.collection) continue;
    for (const auto& sample : collector.collection->samples.find(kTestValue))
      found[collector.name] = sample.value;
  }
  return found;
}

void set_and_notify(std::atomic<bool>& flag) {
  flag = true;
  flag.notify_all();
}

bool becomes(const std::atomic<int>& value, int expected) {
  const auto end = in(10s);
  while (value != expected && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(1ms);
  return value == expected;
}

Config without(const std::string& collector) {
  Config config;
  config.collectors[collector] = false;
  return config;
}

}  // namespace

TEST_CASE("A reload keeps the state of collectors whose settings have not changed") {
  {
    Scrape scrape(kStatefulCollectors, {}, std::make_shared<Instrumentation>());
    CHECK(counts(scrape.collect({}, in(10s))) == Counts{{"one", 1}, {"two", 1}});
    const int before = created;
    scrape.prepare_reload(kStatefulCollectors, {}, {})();
    CHECK(created == before);
    CHECK(counts(scrape.collect({}, in(10s))) == Counts{{"one", 2}, {"two", 2}});
    scrape.prepare_reload(kStatefulCollectors, {}, ChangedCollectors{"two"})();
    CHECK(counts(scrape.collect({}, in(10s))) == Counts{{"one", 3}, {"two", 1}});
    CHECK(becomes(living, 2));
  }
  CHECK(becomes(living, 0));
}

TEST_CASE("A reload disables and enables collectors, in the order of their list") {
  Scrape scrape(kStatefulCollectors, without("one"), std::make_shared<Instrumentation>());
  CHECK(scrape.names() == std::vector<std::string>{"two"});
  CHECK(counts(scrape.collect({}, in(10s))) == Counts{{"two", 1}});
  scrape.prepare_reload(kStatefulCollectors, {}, {})();
  CHECK(scrape.names() == std::vector<std::string>{"one", "two"});
  CHECK(counts(scrape.collect({}, in(10s))) == Counts{{"one", 1}, {"two", 2}});
  scrape.prepare_reload(kStatefulCollectors, without("two"), {})();
  CHECK(counts(scrape.collect({}, in(10s))) == Counts{{"one", 2}});
  CHECK(becomes(living, 1));
}

TEST_CASE("A reload that is prepared and dropped changes nothing") {
  Scrape scrape(kStatefulCollectors, {}, std::make_shared<Instrumentation>());
  scrape.collect({}, in(10s));
  scrape.prepare_reload(kStatefulCollectors, without("two"), ChangedCollectors{"one"});
  CHECK(becomes(living, 2));
  CHECK(counts(scrape.collect({}, in(10s))) == Counts{{"one", 2}, {"two", 2}});
}

TEST_CASE("A scrape that runs during a reload is answered by the previous collectors") {
  Scrape scrape(kStatefulCollectors, {}, std::make_shared<Instrumentation>());
  scrape.collect({}, in(10s));
  may_collect = false;
  const int before = entered;
  auto running =
      std::async(std::launch::async, [&] { return counts(scrape.collect({}, in(10s))); });
  CHECK(becomes(entered, before + 2));
  scrape.prepare_reload(kStatefulCollectors, without("one"), ChangedCollectors{"two"})();
  CHECK(living == 3);
  set_and_notify(may_collect);
  CHECK(running.get() == Counts{{"one", 2}, {"two", 2}});
  CHECK(becomes(living, 1));
  CHECK(counts(scrape.collect({}, in(10s))) == Counts{{"two", 1}});
}

TEST_CASE("A reload waits neither for a collector that hangs nor for the end of a previous one") {
  Scrape scrape(kStatefulCollectors, {}, std::make_shared<Instrumentation>());
  may_collect = false;
  may_be_destroyed = false;
  CHECK(counts(scrape.collect({}, in(50ms))).empty());
  const auto start = std::chrono::steady_clock::now();
  scrape.prepare_reload(kStatefulCollectors, without("one"), ChangedCollectors{"two"})();
  CHECK(std::chrono::steady_clock::now() - start < 5s);
  set_and_notify(may_collect);
  CHECK(counts(scrape.collect({}, in(10s))) == Counts{{"two", 1}});
  CHECK(living == 3);
  set_and_notify(may_be_destroyed);
  CHECK(becomes(living, 1));
}

TEST_CASE("A request after a reload does not share a scrape that began before it") {
  ScrapeScheduler scheduler(kStatefulCollectors, {}, std::make_shared<Instrumentation>());
  const auto request = [&] {
    const auto promise = std::make_shared<std::promise<Counts>>();
    CHECK(scheduler.request(
        {}, in(10s), [promise](const auto& result) { promise->set_value(counts(*result)); }));
    return promise->get_future();
  };
  may_collect = false;
  const int before = entered;
  auto earlier = request();
  CHECK(becomes(entered, before + 2));
  auto config = without("one");
  config.scrape_timeout = 7s;
  scheduler.prepare_reload(kStatefulCollectors, config, ChangedCollectors{"two"})();
  CHECK(scheduler.limit() == 7s);
  auto later = request();
  set_and_notify(may_collect);
  CHECK(earlier.get() == Counts{{"one", 1}, {"two", 1}});
  CHECK(later.get() == Counts{{"two", 1}});
}
