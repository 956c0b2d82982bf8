#include "rig/scrape/collector_runner.h"

#include <array>
#include <atomic>
#include <future>
#include <stdexcept>

#include "scrape/test_collector.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

TEST_CASE("A collector that throws keeps what it said before and has a problem") {
  CollectorRunner worker("test", std::make_unique<TestCollector>([](Samples& samples, Deadline) {
                           samples.add(kTestValue, 1, "a");
                           throw std::runtime_error("file: senseless");
                         }));
  const auto collected = worker.finish(worker.start(in(10s)), in(10s));
  REQUIRE(collected);
  CHECK_THAT(collected->text, ContainsSubstring("\nrig_test_value{device=\"a\"} 1\n"));
  CHECK(collected->problems == std::vector<std::string>{"file: senseless"});
}

TEST_CASE("A collector that hangs is waited for once and works again when it comes back") {
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  auto back = std::make_shared<std::atomic<int>>(0);
  CollectorRunner worker(
      "test", std::make_unique<TestCollector>([opened, back](Samples& samples, Deadline) {
        opened.wait();
        samples.add(kTestValue, ++*back, "a");
      }));
  CHECK_FALSE(worker.finish(worker.start(in(1s)), in(20ms)));
  const auto before = std::chrono::steady_clock::now();
  CHECK_FALSE(worker.finish(worker.start(in(1h)), in(1h)));
  CHECK(std::chrono::steady_clock::now() - before < 10min);

  gate.set_value();
  std::shared_ptr<const Collection> collected;
  while (!collected) collected = worker.finish(worker.start(in(10s)), in(10s));
  // The late answer, 1, was dropped.
  CHECK_THAT(collected->text, ContainsSubstring("\nrig_test_value{device=\"a\"} 2\n"));
}

TEST_CASE("What a collector says of a device that vanished is gone from the next answer") {
  auto devices = std::make_shared<std::atomic<int>>(2);
  CollectorRunner worker("test",
                         std::make_unique<TestCollector>([devices](Samples& samples, Deadline) {
                           for (int i = 0; i < *devices; ++i)
                             samples.add(kTestValue, 1, std::to_string(i));
                         }));
  const auto vanishing = ContainsSubstring("rig_test_value{device=\"1\"} 1\n");
  CHECK_THAT(worker.finish(worker.start(in(10s)), in(10s))->text, vanishing);
  *devices = 1;
  CHECK_THAT(worker.finish(worker.start(in(10s)), in(10s))->text, !vanishing);
}
