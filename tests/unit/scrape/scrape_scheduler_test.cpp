#include "rig/scrape/scrape_scheduler.h"

#include <array>
#include <atomic>
#include <future>
#include <thread>

#include "rig/threads/timed_task.h"
#include "scrape/test_collector.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

using SharedResult = std::shared_ptr<const ScrapeResult>;

// The collector "gate" waits while it is closed; it counts its collections.
struct Gate {
  std::atomic<bool> open = true;
  std::atomic<int> passed = 0;
} gate;

class ClosedGate {
 public:
  ClosedGate() { gate.open = false; }
  ~ClosedGate() { open(); }
  static void open() {
    gate.open = true;
    gate.open.notify_all();
  }
};

std::unique_ptr<Collector> make_gate(const RootPaths&, const Config&) {
  return std::make_unique<TestCollector>([](Samples& samples, Deadline) {
    gate.open.wait(false);
    ++gate.passed;
    samples.add(kTestValue, 1, "gate");
  });
}

std::unique_ptr<Collector> make_free(const RootPaths&, const Config&) {
  return std::make_unique<TestCollector>(
      [](Samples& samples, Deadline) { samples.add(kTestValue, 2, "free"); });
}

constexpr std::array<const MetricInfo*, 1> kGateMetrics{&kTestValue};
const std::array<CollectorInfo, 2> kGateCollectors{{
    {"gate", "", kGateMetrics, &make_gate},
    {"free", "", kGateMetrics, &make_free},
}};

struct Scheduled {
  explicit Scheduled(std::chrono::milliseconds limit = 10s, unsigned max_requests = 40) {
    config.scrape_timeout = limit;
    config.web.max_requests = max_requests;
    scheduler.emplace(kGateCollectors, config, std::make_shared<Instrumentation>());
  }

  std::future<SharedResult> request(std::vector<std::string> only,
                                    std::chrono::milliseconds timeout = 10s) {
    const auto promise = std::make_shared<std::promise<SharedResult>>();
    auto future = promise->get_future();
    CHECK(scheduler->request(std::move(only), in(timeout), [promise](const SharedResult& result) {
      promise->set_value(result);
    }));
    return future;
  }

  Config config;
  std::optional<ScrapeScheduler> scheduler;
};

// The collectors of a result that have samples.
std::vector<std::string> answered(const SharedResult& result) {
  std::vector<std::string> names;
  for (const auto& collector : result->collectors) {
    if (collector.collection && !collector.collection->samples.find(kTestValue).empty())
      names.push_back(collector.name);
  }
  return names;
}

}  // namespace

TEST_CASE("A request gets the samples of the collectors that it selects") {
  Scheduled scheduled;
  CHECK(answered(scheduled.request({}).get()) == std::vector<std::string>{"gate", "free"});
  CHECK(answered(scheduled.request({"free", "free"}).get()) == std::vector<std::string>{"free"});
}

TEST_CASE("Requests for the same collectors that overlap share one scrape") {
  Scheduled scheduled;
  const ClosedGate closed;
  const int before = gate.passed;
  std::vector<std::future<SharedResult>> requests;
  for (int i = 0; i < 100; ++i) requests.push_back(scheduled.request({}));
  ClosedGate::open();
  const auto first = requests.front().get();
  for (std::size_t i = 1; i < requests.size(); ++i) CHECK(requests[i].get() == first);
  CHECK(gate.passed == before + 1);
}

TEST_CASE("A request with an early deadline gets what is there, and the others lose nothing") {
  Scheduled scheduled;
  const ClosedGate closed;
  auto patient = scheduled.request({});
  auto hurried = scheduled.request({}, 300ms);
  CHECK(answered(hurried.get()) == std::vector<std::string>{"free"});
  CHECK(patient.wait_for(0ms) == std::future_status::timeout);
  ClosedGate::open();
  CHECK(answered(patient.get()) == std::vector<std::string>{"gate", "free"});
}

TEST_CASE("A collector that hangs is waited for no longer than the time limit of a scrape") {
  Scheduled scheduled(500ms);
  const ClosedGate closed;
  CHECK(answered(scheduled.request({}, 1h).get()) == std::vector<std::string>{"free"});
  const auto before = std::chrono::steady_clock::now();
  CHECK(answered(scheduled.request({}, 1h).get()) == std::vector<std::string>{"free"});
  CHECK(std::chrono::steady_clock::now() - before < 10min);
}

TEST_CASE("Too many scrapes of different collectors are refused, that of all is not") {
  Scheduled scheduled(10s, 1);
  const ClosedGate closed;
  auto gated = scheduled.request({"gate"});
  CHECK_FALSE(scheduled.scheduler->request({"free"}, in(10s), [](const SharedResult&) {}));
  auto joined = scheduled.request({"gate"});
  auto all = scheduled.request({});
  ClosedGate::open();
  CHECK(gated.get() == joined.get());
  CHECK(answered(all.get()).size() == 2);
}

TEST_CASE("Requests that are waiting are dropped at the end") {
  const ClosedGate closed;
  std::future<SharedResult> waiting;
  {
    Scheduled scheduled;
    waiting = scheduled.request({});
  }
  CHECK_THROWS_AS(waiting.get(), std::future_error);
}

TEST_CASE("A scraper with a short timeout takes no source away from one with a long timeout") {
  // A collector whose second source takes longer than the time of the first scraper.
  static constexpr auto kMake = [](const RootPaths&, const Config&) -> std::unique_ptr<Collector> {
    return std::make_unique<TestCollector>([](Samples& samples, Deadline sources_until) {
      samples.add(kTestValue, 1, "fast");
      const auto slow = in(750ms);
      std::this_thread::sleep_until(std::min(slow, sources_until));
      if (slow <= sources_until) {
        samples.add(kTestValue, 1, "slow");
      } else {
        samples.add_problem(Problem::timed_out("/slow"));
      }
    });
  };
  const std::array collectors{CollectorInfo{"test", "", kGateMetrics, +kMake}};
  Config config;
  config.scrape_timeout = 10s;
  ScrapeScheduler scheduler(collectors, config, std::make_shared<Instrumentation>());
  std::promise<SharedResult> hurried;
  std::promise<SharedResult> patient;
  CHECK(scheduler.request({}, in(500ms), [&](const SharedResult& r) { hurried.set_value(r); }));
  CHECK(scheduler.request({}, in(10s), [&](const SharedResult& r) { patient.set_value(r); }));
  CHECK(hurried.get_future().get()->find(kTestValue).size() == 1);
  CHECK(patient.get_future().get()->find(kTestValue).size() == 2);
}

TEST_CASE("A function is called at once although a collector hangs") {
  Scheduled scheduled;
  const ClosedGate closed;
  const auto result = scheduled.request({}, 10s);
  std::promise<void> called;
  scheduled.scheduler->call([&] { called.set_value(); });
  CHECK(called.get_future().wait_for(5s) == std::future_status::ready);
  CHECK(result.wait_for(0s) != std::future_status::ready);
  ClosedGate::open();
  CHECK(result.wait_for(10s) == std::future_status::ready);
}

TEST_CASE("Collectors of which each has a hung operation lose nothing else, and do not wait") {
  // Reads a source that hangs and one that does not.
  class HalfHung : public Collector {
   public:
    void collect(Samples& samples, Deadline sources_until) override {
      ++gate.passed;
      const auto hung = hanging_.start([] {
        gate.open.wait(false);
        return 1;
      });
      if (hanging_.result(hung, sources_until)) samples.add(kTestValue, 1, "hung");
      if (other_.run([] { return 2; }, in(10s))) samples.add(kTestValue, 2, "other");
    }

   private:
    TimedTask<int> hanging_{"hanging", "/sys/hanging"};
    TimedTask<int> other_{"other", "/sys/other"};
  };
  static constexpr auto kMake = [](const RootPaths&, const Config&) -> std::unique_ptr<Collector> {
    return std::make_unique<HalfHung>();
  };
  const std::array collectors{CollectorInfo{"a", "", kGateMetrics, +kMake},
                              CollectorInfo{"b", "", kGateMetrics, +kMake},
                              CollectorInfo{"c", "", kGateMetrics, +kMake}};
  Config config;
  config.scrape_timeout = 10s;
  ScrapeScheduler scheduler(collectors, config, std::make_shared<Instrumentation>());
  const ClosedGate closed;
  gate.passed = 0;
  std::promise<SharedResult> first;
  CHECK(scheduler.request({}, in(2s), [&](const SharedResult& r) { first.set_value(r); }));
  CHECK(answered(first.get_future().get()) == std::vector<std::string>{"a", "b", "c"});
  CHECK(gate.passed == 6);  // each was started again once
  // The next one does not wait for what hangs.
  std::promise<SharedResult> second;
  CHECK(scheduler.request({}, in(1h), [&](const SharedResult& r) { second.set_value(r); }));
  CHECK(answered(second.get_future().get()) == std::vector<std::string>{"a", "b", "c"});
}
