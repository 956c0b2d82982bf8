#include "gpu_probe/card_sampler.h"

#include <atomic>
#include <future>
#include <stdexcept>

#include "gpu_probe/fake_gpu_library.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

TEST_CASE("A card's sampler takes a sample per tick and none while one is out") {
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  std::atomic<int> samples = 0;
  std::atomic<int> emitted = 0;
  CardSampler sampler(
      "test",
      [&] {
        opened.wait();
        ++samples;
        return reading_of("a");
      },
      [&](const GpuReading&) { ++emitted; });
  CHECK_FALSE(sampler.out_for());
  sampler.tick();
  sampler.tick();
  sampler.tick();
  CHECK_FALSE(sampler.wait(in(20ms)));
  CHECK(sampler.out_for().value() >= 20ms);
  gate.set_value();
  REQUIRE(sampler.wait(in(10s)));
  CHECK(samples == 1);
  CHECK(emitted == 1);
  CHECK_FALSE(sampler.out_for());
  sampler.tick();
  REQUIRE(sampler.wait(in(10s)));
  CHECK(samples == 2);
}

TEST_CASE("A card's sampler can be destroyed while its card hangs") {
  const auto gate = std::make_shared<std::promise<void>>();
  const auto done = std::make_shared<std::promise<void>>();
  {
    CardSampler sampler(
        "test",
        [opened = gate->get_future().share()] {
          opened.wait();
          return std::optional<GpuReading>();
        },
        [done](const GpuReading&) {});
    sampler.tick();
  }
  gate->set_value();
  SUCCEED();
}

TEST_CASE("A sample that throws or finds no card emits nothing, and the next one works") {
  int turn = 0;
  std::atomic<int> emitted = 0;
  CardSampler sampler(
      "test",
      [&]() -> std::optional<GpuReading> {
        ++turn;
        if (turn == 1) throw std::bad_alloc();
        if (turn == 2) return std::nullopt;
        return reading_of("a");
      },
      [&](const GpuReading&) { ++emitted; });
  for (int i = 0; i < 3; ++i) {
    sampler.tick();
    REQUIRE(sampler.wait(in(10s)));
    CHECK(emitted == (i == 2 ? 1 : 0));
  }
}

TEST_CASE("A reading that took too long is dropped, and the next one says that there was such") {
  std::atomic<int> samples = 0;
  std::vector<GpuReading> emitted;  // of the thread; looked at when it rests
  CardSampler sampler(
      "test",
      [&] {
        if (++samples <= 2) std::this_thread::sleep_for(150ms);
        return reading_of("a");
      },
      [&](const GpuReading& reading) { emitted.push_back(reading); }, 100ms);
  for (int i = 0; i < 4; ++i) {
    sampler.tick();
    REQUIRE(sampler.wait(in(10s)));
  }
  REQUIRE_FALSE(emitted.empty());
  CHECK(emitted.front().read_errors.at("timeout") >= 2);  // more on a machine that is busy
}
