#include "gpu/gpu_reading_recorder.h"

#include <algorithm>
#include <map>
#include <string>

#include "gpu/gpu_snapshots.h"
#include "support/catch.h"

using namespace rig;

namespace {

// Keeps the numbers of all metrics that `wanted` names, by series.
class KeepingRecorder : public SampleRecorder {
 public:
  bool wants_readings_of(const MetricInfo& metric) const override {
    return wanted.empty() || std::ranges::find(wanted, metric.name) != wanted.end();
  }
  void record_reading(const MetricInfo& metric, double value,
                      std::span<const std::string_view> labels, Time read_at) override {
    CHECK(labels.size() == metric.label_count);
    std::string name(metric.name);
    for (const auto label : labels) name.append(" ").append(label);
    values[name] = value;
    time = read_at;
  }
  void record_collection(const Samples&, Time) override {}

  std::vector<std::string_view> wanted;
  std::map<std::string, double> values;
  Time time{};
};

ProbeGpus gpus_with(std::initializer_list<const char*> addresses) {
  ProbeGpus gpus;
  for (const std::string address : addresses) {
    gpus[address] = {{address, 0},
                     kNow,
                     std::make_shared<const GpuReading>(idle_rx6800(address)),
                     kNow - 2s,
                     nullptr};
  }
  return gpus;
}

}  // namespace

TEST_CASE("Numbers of a reading are recorded with the GPU's index, its address and the time") {
  const auto recorder = std::make_shared<KeepingRecorder>();
  GpuReadingRecorder readings;
  const auto gpus = gpus_with({kFirst, kSecond});
  readings.record(gpus, gpus.at(kSecond));  // there is no recorder yet
  readings.record_to(recorder);
  recorder->wanted = {"rig_gpu_power_watts", "rig_gpu_clock_hertz"};
  readings.record(gpus, gpus.at(kSecond));
  CHECK(recorder->values ==
        std::map<std::string, double>{{"rig_gpu_clock_hertz 1 0000:06:00.0 mclk", 96e6},
                                      {"rig_gpu_clock_hertz 1 0000:06:00.0 sclk", 0},
                                      {"rig_gpu_power_watts 1 0000:06:00.0", 5}});
  CHECK(recorder->time == kNow - 2s);
}

TEST_CASE("A value that a reading lacks is not recorded") {
  const auto recorder = std::make_shared<KeepingRecorder>();
  GpuReadingRecorder readings;
  readings.record_to(recorder);
  auto gpus = gpus_with({kFirst});
  GpuReading asleep;
  asleep.pci_address = kFirst;
  asleep.runtime_state = "suspended";
  gpus.at(kFirst).reading = std::make_shared<const GpuReading>(asleep);
  readings.record(gpus, gpus.at(kFirst));
  CHECK(recorder->values.empty());
}

TEST_CASE("Recorded values have the labels that a scrape exports, whichever came first") {
  const auto recorder = std::make_shared<KeepingRecorder>();
  GpuReadingRecorder readings;
  readings.record_to(recorder);
  recorder->wanted = {"rig_gpu_power_watts"};
  const auto gpus = gpus_with({kFirst, kSecond});
  readings.record(gpus, gpus.at(kSecond));
  Samples samples;
  readings.use_indices([&](GpuIndices& indices) {
    add_gpu_samples(samples, probe_with({kFirst, kSecond}), indices, kNow, 3s);
  });
  const auto exported = series(samples);
  CHECK(exported.contains("rig_gpu_power_watts{gpu=\"1\",pci_address=\"0000:06:00.0\"}"));
  CHECK(recorder->values.contains("rig_gpu_power_watts 1 0000:06:00.0"));
}
