#include "gpu_probe/gpu_sampler.h"

#include <atomic>
#include <future>
#include <stdexcept>

#include "gpu_probe/fake_gpu_library.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

TEST_CASE("Starting a sample does nothing while one is running") {
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  std::atomic<int> samples = 0;
  std::atomic<int> emitted = 0;
  GpuSampler sampler(
      "test",
      [&] {
        opened.wait();
        ++samples;
        return reading_of("a");
      },
      [&](const GpuReading&) { ++emitted; });
  CHECK_FALSE(sampler.running_for());
  sampler.start();
  sampler.start();
  sampler.start();
  CHECK_FALSE(sampler.wait(in(20ms)));
  CHECK(sampler.running_for().value() >= 20ms);
  gate.set_value();
  REQUIRE(sampler.wait(in(10s)));
  CHECK(samples == 1);
  CHECK(emitted == 1);
  CHECK_FALSE(sampler.running_for());
  sampler.start();
  REQUIRE(sampler.wait(in(10s)));
  CHECK(samples == 2);
}

TEST_CASE("A sampler can be destroyed while its GPU is hung") {
  const auto gate = std::make_shared<std::promise<void>>();
  const auto done = std::make_shared<std::promise<void>>();
  {
    GpuSampler sampler(
        "test",
        [opened = gate->get_future().share()] {
          opened.wait();
          return std::optional<GpuReading>();
        },
        [done](const GpuReading&) {});
    sampler.start();
  }
  gate->set_value();
  SUCCEED();
}

TEST_CASE("A sample that throws or finds no GPU emits nothing, and the next one works") {
  int call = 0;
  std::atomic<int> emitted = 0;
  GpuSampler sampler(
      "test",
      [&]() -> std::optional<GpuReading> {
        ++call;
        if (call == 1) throw std::bad_alloc();
        if (call == 2) return std::nullopt;
        return reading_of("a");
      },
      [&](const GpuReading&) { ++emitted; });
  for (int i = 0; i < 3; ++i) {
    sampler.start();
    REQUIRE(sampler.wait(in(10s)));
    CHECK(emitted == (i == 2 ? 1 : 0));
  }
}

TEST_CASE("A reading that took too long is dropped and counted as a read error of the next one") {
  std::atomic<int> samples = 0;
  std::vector<GpuReading> emitted;  // written by the thread, read while it is idle
  GpuSampler sampler(
      "test",
      [&] {
        if (++samples <= 2) std::this_thread::sleep_for(150ms);
        return reading_of("a");
      },
      [&](const GpuReading& reading) { emitted.push_back(reading); }, 100ms);
  for (int i = 0; i < 4; ++i) {
    sampler.start();
    REQUIRE(sampler.wait(in(10s)));
  }
  REQUIRE_FALSE(emitted.empty());
  CHECK(emitted.front().read_errors.at("timeout") >= 2);  // more on a busy machine
}
