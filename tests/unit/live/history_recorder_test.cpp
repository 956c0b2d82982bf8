#include "rig/live/history_recorder.h"

#include <array>
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "live/recorded_metrics.h"
#include "live/recorded_points.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

namespace {

constexpr std::string_view kGpu = "0";
constexpr std::string_view kAddress = "0000:03:00.0";

struct Recording {
  std::shared_ptr<History> history = std::make_shared<History>();
  std::shared_ptr<SampleRecorder> recorder = make_history_recorder(history);

  template <std::size_t N>
  void reading(const Metric<N>& metric, double value, std::array<std::string_view, N> labels,
               Steady::time_point time = Steady::now()) const {
    recorder->record_reading(metric, value, labels, time);
  }

  // The values of each series, by "name value value".
  std::map<std::string, std::vector<double>> values() const {
    std::map<std::string, std::vector<double>> all;
    const auto now = std::chrono::duration<double>(BootClock::now().time_since_epoch()).count();
    for (const auto& [name, points] : points_of(*history, now + 1, now - 3600)) {
      for (const auto& point : points) all[name].push_back(point.second);
    }
    return all;
  }
};

}  // namespace

TEST_CASE("A reading is recorded with its labels sorted by name, as they are exported") {
  const Recording recording;
  recording.reading(gpu_field::temperature_celsius.metric, 68, {kGpu, kAddress, "edge"});
  recording.reading(gpu_field::power_watts.metric, 151.5, {kGpu, kAddress});
  recording.reading(gpu_field::busy_ratio.metric, 0.37, {kGpu, kAddress, "gfx"});
  CHECK(recording.values() == std::map<std::string, std::vector<double>>{
                                  {"rig_gpu_busy_ratio gfx 0 0000:03:00.0", {0.37}},
                                  {"rig_gpu_power_watts 0 0000:03:00.0", {151.5}},
                                  {"rig_gpu_temperature_celsius 0 0000:03:00.0 edge", {68}}});
}

TEST_CASE("Other metrics of a reading, other clocks and implausible values are not recorded") {
  const Recording recording;
  CHECK(recording.recorder->wants_readings_of(gpu_field::power_watts.metric));
  CHECK_FALSE(recording.recorder->wants_readings_of(gpu_field::power_cap_watts.metric));
  CHECK_FALSE(recording.recorder->wants_readings_of(kDiskReadBytes));
  recording.reading(gpu_field::power_cap_watts.metric, 200, {kGpu, kAddress});
  recording.reading(gpu_field::clock_hertz.metric, 1e9, {kGpu, kAddress, "fclk"});
  recording.reading(gpu_field::clock_hertz.metric, 2e9, {kGpu, kAddress, "sclk"});
  recording.reading(gpu_field::memory_used_bytes.metric, 5, {kGpu, kAddress, "visible_vram"});
  recording.reading(gpu_field::temperature_celsius.metric, 511, {kGpu, kAddress, "edge"});
  recording.reading(gpu_field::power_watts.metric, std::nan(""), {kGpu, kAddress});
  CHECK(recording.values() == std::map<std::string, std::vector<double>>{
                                  {"rig_gpu_clock_hertz sclk 0 0000:03:00.0", {2e9}}});
}

TEST_CASE("A collection is recorded once, however many scrapes share it") {
  const Recording recording;
  Samples samples;
  samples.add(kDiskReadBytes, 4096, "sda", "md0");
  samples.add(kDiskReads, 1, "sda", "md0");
  samples.add(kMemoryAvailable, 1e9);
  samples.add(gpu_field::power_watts.metric, 151, kGpu, kAddress);  // recorded from readings
  const auto now = Steady::now();
  recording.recorder->record_collection(samples, now - 5s);
  recording.recorder->record_collection(samples, now - 5s);
  recording.recorder->record_collection(samples, now);
  CHECK(recording.values() == std::map<std::string, std::vector<double>>{
                                  {"rig_disk_read_bytes_total md0 sda", {4096, 4096}},
                                  {"rig_memory_available_bytes", {1e9, 1e9}}});
}

TEST_CASE("CPU time is recorded as the sum over all CPUs, by mode") {
  const Recording recording;
  Samples samples;
  for (const char* cpu : {"0", "1", "2"}) {
    samples.add(kCpuModeSeconds, 10.25, cpu, "user");
    samples.add(kCpuModeSeconds, 100, cpu, "idle");
  }
  recording.recorder->record_collection(samples, Steady::now());
  CHECK(recording.values() ==
        std::map<std::string, std::vector<double>>{{"rig_cpu_seconds_total all idle", {300}},
                                                   {"rig_cpu_seconds_total all user", {30.75}}});
}

TEST_CASE("The CPU time does not jump when a CPU is switched off or on") {
  const Recording recording;
  const auto collect = [&](std::initializer_list<std::pair<const char*, double>> cpus, int second) {
    Samples samples;
    for (const auto& [cpu, seconds] : cpus) samples.add(kCpuModeSeconds, seconds, cpu, "user");
    recording.recorder->record_collection(samples, Steady::now() - 60s + second * 1s);
  };
  collect({{"0", 1000}, {"1", 5000}}, 0);
  collect({{"0", 1001}}, 1);
  collect({}, 2);
  collect({{"0", 1003}, {"1", 5000}}, 3);
  collect({{"0", 1004}, {"1", 5001}}, 4);
  CHECK(recording.values() == std::map<std::string, std::vector<double>>{
                                  {"rig_cpu_seconds_total all user", {6000, 6001, 6003, 6005}}});
}

TEST_CASE("A sum counts a collection that several scrapes share once") {
  const Recording recording;
  const auto now = Steady::now();
  for (const double seconds : {10.0, 12.0}) {
    Samples samples;
    samples.add(kCpuModeSeconds, seconds, "0", "user");
    for (int scrape = 0; scrape < 3; ++scrape) {
      recording.recorder->record_collection(samples,
                                            now - 60s + std::chrono::seconds(int(seconds)));
      recording.recorder->record_collection(samples, now - 70s);  // late
    }
  }
  CHECK(recording.values() ==
        std::map<std::string, std::vector<double>>{{"rig_cpu_seconds_total all user", {10, 12}}});
}

TEST_CASE("The time of a point is when it was read, not when it was recorded") {
  const Recording recording;
  recording.reading(gpu_field::power_watts.metric, 1, {kGpu, kAddress}, Steady::now() - 60s);
  const auto now = BootClock::now();
  recording.history->visit(now - 100s, now, [&](const HistorySeries& series) {
    CHECK(std::chrono::abs(now - 60s - series.points[0].time) < 5s);
  });
  CHECK(recording.values().size() == 1);
}

TEST_CASE("Each recorded metric is in the table once, and its label exists") {
  std::set<std::string_view> names;
  for (const auto& recorded : kRecordedMetrics) {
    CHECK(names.insert(recorded.metric->name).second);
    for (const auto label : {recorded.selected_label, recorded.summed_label}) {
      const auto& labels = recorded.metric->labels;
      if (!label.empty()) CHECK(std::ranges::find(labels, label) != labels.end());
    }
  }
}
