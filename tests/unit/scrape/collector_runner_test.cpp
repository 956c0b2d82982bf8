#include "scrape/collector_runner.h"

#include <atomic>
#include <future>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "rig/config/config.h"
#include "rig/metrics/instrumentation.h"
#include "rig/threads/hand_over_threads.h"
#include "scrape/test_collector.h"
#include "support/catch.h"
#include "support/deadline.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

CollectorRunner make_runner(TestCollector::Act act) {
  return {"test", std::make_unique<TestCollector>(std::move(act)),
          std::make_shared<HandOverThreads>("test", 2)};
}

std::shared_ptr<const Collection> run(CollectorRunner& runner) {
  return runner.result(runner.start(in(10s)), in(10s)).value_or(nullptr);
}

std::size_t series_count(const Collection& collection) {
  return collection.samples.find(kTestValue).size();
}

}  // namespace

TEST_CASE("A collector that throws keeps the samples it added before and has a problem") {
  CollectorRunner runner = make_runner([](Samples& samples, Deadline) {
    samples.add(kTestValue, 1, "a");
    throw std::runtime_error("no more memory");
  });
  const auto collection = run(runner);
  REQUIRE(collection);
  CHECK(series_count(*collection) == 1);
  CHECK(collection->samples.problems() ==
        std::vector<Problem>{{Reason::failed, "", "no more memory"}});
}

TEST_CASE("The problem of a failed read keeps its reason and its path") {
  CollectorRunner runner = make_runner([](Samples&, Deadline) {
    throw ReadError(Problem{Reason::permission_denied, "/proc/x", "Permission denied"});
  });
  CHECK(run(runner)->samples.problems() ==
        std::vector<Problem>{{Reason::permission_denied, "/proc/x", "Permission denied"}});
}

TEST_CASE("A collector that hangs is waited for only once, and works again after it returns") {
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  auto calls = std::make_shared<std::atomic<int>>(0);
  CollectorRunner runner = make_runner([opened, calls](Samples& samples, Deadline) {
    opened.wait();
    samples.add(kTestValue, ++*calls, "a");
  });
  CHECK(runner.result(runner.start(in(1s)), in(20ms)).timed_out());
  const auto before = std::chrono::steady_clock::now();
  CHECK(runner.result(runner.start(in(1h)), in(1h)).timed_out());
  CHECK(std::chrono::steady_clock::now() - before < 10min);

  gate.set_value();
  std::shared_ptr<const Collection> collection;
  while (!collection) collection = run(runner);
  // The result of the first call, 1, was dropped.
  CHECK(collection->samples.find(kTestValue).at(0).value == 2);
}

TEST_CASE("The samples of a device that disappeared are gone from the next collection") {
  auto devices = std::make_shared<std::atomic<int>>(2);
  CollectorRunner runner = make_runner([devices](Samples& samples, Deadline) {
    for (int i = 0; i < *devices; ++i) samples.add(kTestValue, 1, std::to_string(i));
  });
  CHECK(series_count(*run(runner)) == 2);
  CHECK(run(runner)->complete);
  *devices = 1;
  CHECK(series_count(*run(runner)) == 1);
}

TEST_CASE("A collector that runs out of memory says so") {
  CollectorRunner runner = make_runner([](Samples&, Deadline) { throw std::bad_alloc(); });
  CHECK_FALSE(run(runner)->complete);
  CHECK(run(runner)->samples.problems() ==
        std::vector<Problem>{
            {Reason::failed, "", "out of memory (limit of memory: MemoryMax, RLIMIT_AS)"}});
}

TEST_CASE("A collector that cannot be created for lack of threads is created by a later scrape") {
  static int errors = 0;
  errors = 2;
  const CollectorInfo info{
      "test", "", {}, [](const RootPaths&, const Config&) -> std::unique_ptr<Collector> {
        if (errors-- > 0) throw std::system_error(EAGAIN, std::generic_category(), "thread");
        return std::make_unique<TestCollector>(
            [](Samples& samples, Deadline) { samples.add(kTestValue, 1, "a"); });
      }};
  const Config config;
  Instrumentation instrumentation;
  CollectorRunner runner(info, config, instrumentation,
                         std::make_shared<HandOverThreads>("test", 2));
  CHECK(runner.ready());
  const auto refused = runner.result(runner.start(in(10s)), in(10s));
  REQUIRE(refused.problem() != nullptr);
  CHECK(refused.problem()->reason == Reason::failed);
  CHECK_THAT(refused.problem()->detail, ContainsSubstring("thread"));
  REQUIRE(run(runner));
  CHECK(series_count(*run(runner)) == 1);
}

TEST_CASE("A collector that rejects its configuration is an error") {
  const CollectorInfo info{
      "test", "", {}, [](const RootPaths&, const Config&) -> std::unique_ptr<Collector> {
        throw std::system_error(EINVAL, std::generic_category(), "flag");
      }};
  const Config config;
  Instrumentation instrumentation;
  CHECK_THROWS(
      CollectorRunner(info, config, instrumentation, std::make_shared<HandOverThreads>("test", 2)));
}

namespace {

// A collector that reads two sources, of which one hangs until open().
class HalfHung {
 public:
  CollectorRunner make_runner(CollectorRunner::Task::Options options = {}) {
    auto collector = std::make_unique<TestCollector>([state = state_](Samples& samples, Deadline) {
      const auto hang = [state] {
        ++state->calls;
        state->opened.wait();
        return 1;
      };
      const auto hanging = state->hanging.start(hang);
      samples.add(kTestValue, *state->other.run([] { return 2; }, in(10s)), "other");
      if (const auto value = state->hanging.result(hanging, in(100ms)))
        samples.add(kTestValue, *value, "hanging");
    });
    return {"test", std::move(collector), std::make_shared<HandOverThreads>("test", 2),
            std::move(options)};
  }

  int calls() const { return state_->calls; }  // of the source that hangs
  void open() { state_->gate.set_value(); }

 private:
  struct State {
    std::promise<void> gate;
    std::shared_future<void> opened = gate.get_future().share();
    std::atomic<int> calls = 0;
    TimedTask<int> hanging{"test", "/sys/hanging"};
    TimedTask<int> other{"test", "/sys/other"};
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace

TEST_CASE("A collection whose operation hangs is started again and lacks only that operation") {
  HalfHung sources;
  auto runner = sources.make_runner();
  const auto ticket = runner.start(in(30s));
  while (!runner.settled(ticket)) {
    runner.start_again_if_hung(ticket);
    runner.wait_for(ticket, 1ms);
  }
  const auto collection = *runner.result(ticket, in(10s));
  REQUIRE(series_count(*collection) == 1);
  CHECK(collection->samples.find(kTestValue).at(0).label("device") == "other");
  CHECK(collection->seconds >= 0.1);  // with the first attempt
  // The next one does not wait for it.
  CHECK(series_count(*run(runner)) == 1);
  CHECK(sources.calls() == 1);
  sources.open();
  while (series_count(*run(runner)) < 2) std::this_thread::sleep_for(1ms);
}

TEST_CASE("A collection that timed out before it could be started again is not joined for ever") {
  HalfHung sources;
  auto runner = sources.make_runner({std::chrono::milliseconds(1), {}});
  const auto ticket = runner.start(in(30s));
  while (!runner.settled(ticket)) std::this_thread::sleep_for(1ms);
  CHECK_FALSE(runner.start_again_if_hung(ticket));
  CHECK(runner.result(ticket, in(10s)).timed_out());
  runner.set_limit(10s);
  std::shared_ptr<const Collection> collection;
  while (!collection) collection = run(runner);
  CHECK(series_count(*collection) == 1);
  CHECK(sources.calls() == 1);
  sources.open();
  while (series_count(*run(runner)) < 2) std::this_thread::sleep_for(1ms);
}

TEST_CASE("A collector does not outlive its runner once its collection has ended") {
  const auto owned = std::make_shared<int>(0);
  for (int i = 0; i < 100; ++i) {
    {
      auto runner =
          make_runner([owned](Samples& samples, Deadline) { samples.add(kTestValue, 1, "a"); });
      REQUIRE(run(runner));
    }
    CHECK(owned.use_count() == 1);
  }
}
