#include "gpu/derived/busy_history.h"

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

using Values = std::map<std::string, double>;

// A BusyHistory with its own clock.
struct TestBusy {
  BusyHistory history{3s, 60s};
  BusyHistory::Clock::time_point now{1000h};

  void add(const GpuReading& reading, int seconds = 1) {
    for (int i = 0; i < seconds; ++i) history.add(reading, now += 1s);
  }
};

GpuReading ratios(double gfx, double memory, double memory_clock) {
  GpuReading reading;
  reading.busy_ratio = {{"gfx", gfx}, {"memory", memory}};
  reading.clock_hertz = {{"mclk", memory_clock}};
  reading.clock_min_hertz = {{"mclk", 96e6}};
  reading.clock_max_hertz = {{"mclk", 1000e6}};
  return reading;
}

GpuReading working() { return ratios(0.8, 0.25, 1000e6); }
GpuReading full() { return ratios(1, 0.5, 1000e6); }
GpuReading contradictory() { return ratios(0.99, 0, 96e6); }

GpuReading in_state(const char* state) {
  GpuReading reading;
  reading.runtime_state = state;
  return reading;
}

}  // namespace

TEST_CASE("Ratios of a GPU that works are believed and counted") {
  TestBusy gpu;
  gpu.add(working(), 5);
  CHECK(gpu.history.believed() == Values{{"gfx", 0.8}, {"memory", 0.25}});
  CHECK(gpu.history.seconds() == Values{{"gfx", 3.2}, {"memory", 1}});
  CHECK(gpu.history.peaks() == Values{{"gfx", 0.8}, {"memory", 0.25}});
  CHECK(gpu.history.suspect() == false);
  gpu.add(GpuReading());
  CHECK(gpu.history.believed().empty());
}

TEST_CASE("A stuck gfx ratio is not believed from its first sample on, and never counted") {
  TestBusy gpu;
  gpu.add(working());
  for (int i = 0; i < 200; ++i) {
    gpu.add(contradictory());
    CHECK(gpu.history.believed() == Values{{"memory", 0}});
    CHECK(gpu.history.suspect() == (i >= 60));
    CHECK(gpu.history.seconds().at("gfx") == 0);
  }
  CHECK(gpu.history.peaks() == Values{{"memory", 0}});
  gpu.add(working());
  CHECK(gpu.history.believed() == Values{{"gfx", 0.8}, {"memory", 0.25}});
  CHECK(gpu.history.seconds() == Values{{"gfx", 0.8}, {"memory", 0.25}});
  CHECK(gpu.history.peaks() == Values{{"gfx", 0.8}, {"memory", 0.25}});
}

TEST_CASE("A gfx ratio that looks stuck for less than a minute is counted afterwards") {
  TestBusy gpu;
  gpu.add(working());
  gpu.add(contradictory(), 20);
  CHECK(gpu.history.seconds().at("gfx") == 0);
  CHECK(gpu.history.peaks().at("gfx") == 0.8);
  gpu.add(working());
  CHECK(gpu.history.seconds().at("gfx") == Approx(20 * 0.99 + 0.8));
  CHECK(gpu.history.peaks().at("gfx") == 0.99);
  gpu.add(working(), 58);
  CHECK(gpu.history.peaks().at("gfx") == 0.99);
  gpu.add(working());
  CHECK(gpu.history.peaks().at("gfx") == 0.8);  // a minute after the sample, not after the end
}

TEST_CASE("A display that raises the memory clock for a moment makes no stuck ratio believed") {
  TestBusy gpu;
  for (int i = 0; i < 300; ++i) {
    gpu.add(i % 30 == 29 ? ratios(0.99, 0, 1000e6) : contradictory());
    CHECK(gpu.history.believed() == Values{{"memory", 0}});
  }
  CHECK(gpu.history.seconds().at("gfx") == 0);
  gpu.add(ratios(0.99, 0, 1000e6), 3);  // a load that does not use the memory
  CHECK(gpu.history.believed().at("gfx") == 0.99);
}

TEST_CASE("A suspension or a gap drops what looked stuck") {
  const bool gap = GENERATE(true, false);
  TestBusy gpu;
  gpu.add(contradictory(), 20);
  if (gap) {
    gpu.now += 10s;
  } else {
    gpu.add(in_state("suspended"));
    gpu.now += 60s;
    gpu.add(working(), 15);
  }
  gpu.add(working());
  CHECK(gpu.history.seconds().at("gfx") == Approx(gap ? 0 : 0.8));
  CHECK(gpu.history.peaks().at("gfx") == 0.8);
}

TEST_CASE("Ratios are not believed for 15 s after waking up") {
  const char* state = GENERATE("suspended", "suspending", "resuming");
  TestBusy gpu;
  gpu.add(working(), 2);
  gpu.add(in_state(state));
  CHECK(gpu.history.believed().empty());
  gpu.now += 100s;
  const auto before = gpu.history.seconds();
  gpu.add(full(), 15);
  CHECK(gpu.history.believed().empty());
  CHECK(gpu.history.seconds() == before);
  CHECK(gpu.history.peaks().empty());
  gpu.add(working());
  CHECK(gpu.history.believed() == Values{{"gfx", 0.8}, {"memory", 0.25}});
  CHECK(gpu.history.seconds().at("gfx") == before.at("gfx") + 0.8);
  CHECK(gpu.history.peaks().at("gfx") == 0.8);
}

TEST_CASE("A sleep between two readings is noticed by the kernel's counter") {
  TestBusy gpu;
  auto reading = full();
  reading.suspended_seconds = 40;
  gpu.add(reading, 2);
  CHECK(gpu.history.believed().at("gfx") == 1);
  reading.suspended_seconds = 47.5;
  gpu.add(reading, 15);
  CHECK(gpu.history.believed().empty());
  gpu.add(reading);
  CHECK(gpu.history.believed().at("gfx") == 1);
  reading.suspended_seconds = 0;  // the driver was reloaded
  gpu.add(reading);
  CHECK(gpu.history.believed().at("gfx") == 1);
}

TEST_CASE("Values outside 0 to 1 are not believed") {
  TestBusy gpu;
  gpu.add(ratios(1.01, -0.1, 1000e6), 2);
  CHECK(gpu.history.believed().empty());
  CHECK(gpu.history.seconds().empty());
}

TEST_CASE("Busy time is what the firmware has accumulated, once its unit is known") {
  TestBusy gpu;
  GpuReading reading = working();
  const auto add = [&](double true_ratio, int seconds) {
    for (int i = 0; i < seconds; ++i) {
      reading.counted_cycles = reading.counted_cycles.value_or(0) + 1000;
      reading.busy_cycles["gfx"] += 1000 * 100 * true_ratio;
      gpu.add(reading);
    }
  };
  add(0.8, 61);
  const double before = gpu.history.seconds().at("gfx");
  CHECK(before == Approx(0.8 * 60));
  add(0.3, 1);
  CHECK(gpu.history.seconds().at("gfx") == Approx(before + 0.3));
  CHECK(gpu.history.believed().at("gfx") == 0.8);  // a sample
  CHECK(gpu.history.seconds().at("memory") == Approx(0.25 * 61));
}
