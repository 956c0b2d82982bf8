#include "gpu_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

namespace rig {
namespace {

using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

constexpr auto kGpus = gauge("rig_gpus", Unit::none, "AMD GPUs that are present now.");
constexpr auto kUp = gauge("rig_gpu_up", Unit::none,
                           "1: the GPU is there and has just answered. 0: its driver hangs or "
                           "refuses, or the GPU has vanished since the exporter started.",
                           "gpu", "pci_address");
constexpr auto kInfo = gauge("rig_gpu_info", Unit::none, "Identity of a GPU; always 1.", "gpu",
                             "pci_address", "name", "unique_id", "serial", "device_id", "revision",
                             "subsystem_id", "vbios_version", "memory_vendor", "card", "render");
constexpr auto kTemperature = gauge("rig_gpu_temperature_celsius", Unit::celsius,
                                    "Temperature of a GPU sensor.", "gpu", "pci_address", "sensor");
constexpr auto kTemperatureLimit =
    gauge("rig_gpu_temperature_limit_celsius", Unit::celsius,
          "Temperature at which the GPU acts: critical or emergency.", "gpu", "pci_address",
          "sensor", "limit");
constexpr auto kPower = gauge(
    "rig_gpu_power_watts", Unit::watts,
    "Power: average where the GPU reports an average, else of the moment.", "gpu", "pci_address");
constexpr auto kPowerCap = gauge("rig_gpu_power_cap_watts", Unit::watts,
                                 "Power that the GPU may take.", "gpu", "pci_address");
constexpr auto kClock = gauge("rig_gpu_clock_hertz", Unit::hertz, "Clock of a part of the GPU.",
                              "gpu", "pci_address", "clock");
constexpr auto kFan =
    gauge("rig_gpu_fan_rpm", Unit::rpm, "Speed of the fan; 0 while it is allowed to stand still.",
          "gpu", "pci_address");
constexpr auto kFanMax =
    gauge("rig_gpu_fan_max_rpm", Unit::rpm, "Highest speed of the fan.", "gpu", "pci_address");
constexpr auto kFanRatio =
    gauge("rig_gpu_fan_ratio", Unit::ratio, "Duty cycle of the fan, 0 to 1.", "gpu", "pci_address");
constexpr auto kPerformanceLevel =
    gauge("rig_gpu_performance_level", Unit::none, "1 for the performance level that is set.",
          "gpu", "pci_address", "level");
constexpr auto kBusy =
    gauge("rig_gpu_busy_ratio", Unit::ratio, "How busy a part of the GPU says it is, 0 to 1.",
          "gpu", "pci_address", "engine");
constexpr auto kMemorySize =
    gauge("rig_gpu_memory_size_bytes", Unit::bytes, "Memory that the GPU has or can reach.", "gpu",
          "pci_address", "kind");
constexpr auto kMemoryUsed = gauge("rig_gpu_memory_used_bytes", Unit::bytes,
                                   "Memory of the GPU in use.", "gpu", "pci_address", "kind");
constexpr auto kRuntimeState =
    gauge("rig_gpu_runtime_state", Unit::none,
          "1 for the state of runtime power management; a suspended GPU is left asleep.", "gpu",
          "pci_address", "state");
constexpr auto kSampleAge = gauge("rig_gpu_sample_age_seconds", Unit::seconds,
                                  "Time since the GPU was last read.", "gpu", "pci_address");
constexpr auto kProbeInfo =
    gauge("rig_gpu_probe_info", Unit::none,
          "What reads the GPUs, and why not rocm_smi when it is not; always 1.", "source",
          "rocm_smi_version", "reason");
constexpr auto kRestarts = counter("rig_gpu_probe_restarts_total", Unit::none,
                                   "Times that the process that reads the GPUs was started again.");

constexpr auto kMetrics = std::to_array<const MetricInfo*>(
    {&kGpus, &kUp, &kInfo, &kTemperature, &kTemperatureLimit, &kPower, &kPowerCap, &kClock, &kFan,
     &kFanMax, &kFanRatio, &kPerformanceLevel, &kBusy, &kMemorySize, &kMemoryUsed, &kRuntimeState,
     &kSampleAge, &kProbeInfo, &kRestarts});

double seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

template <typename T>
std::optional<std::string_view> view_of(const std::optional<T>& text) {
  if (!text) return std::nullopt;
  return std::string_view(*text);
}

// While a GPU is reset its driver refuses every read that goes to the GPU. What it knows by itself,
// memory in use and the identity, it still tells: that is no sign of life where others are refused.
bool shows_life(const GpuReading& reading) {
  constexpr auto kLeftAlone =
      std::to_array<std::string_view>({"suspended", "suspending", "resuming"});
  const auto left_alone = [&](std::string_view state) { return reading.runtime_state == state; };
  if (std::ranges::any_of(kLeftAlone, left_alone)) return true;
  const bool told = !reading.temperature_celsius.empty() || reading.power_watts ||
                    !reading.clock_hertz.empty() || reading.fan_rpm || reading.fan_ratio ||
                    reading.performance_level || !reading.busy_ratio.empty();
  return told || (!reading.memory_used_bytes.empty() && reading.problems.empty());
}

// The samples of one card.
class CardSamples {
 public:
  CardSamples(Samples& samples, const std::string& number, const std::string& pci_address)
      : samples_(samples), number_(number), pci_address_(pci_address) {}

  void add_values(const GpuReading& reading) {
    add_identity(reading.identity);
    add_each(kTemperature, reading.temperature_celsius);
    for (const auto& [sensor, limits] : reading.temperature_limit_celsius) {
      for (const auto& [limit, value] : limits) add(kTemperatureLimit, value, sensor, limit);
    }
    add(kPower, reading.power_watts);
    add(kPowerCap, reading.power_cap_watts);
    add_each(kClock, reading.clock_hertz);
    add(kFan, reading.fan_rpm);
    add(kFanMax, reading.fan_max_rpm);
    add(kFanRatio, reading.fan_ratio);
    samples_.add_states(kPerformanceLevel, kPerformanceLevels, view_of(reading.performance_level),
                        number_, pci_address_);
    add_each(kBusy, reading.busy_ratio);
    add_each(kMemorySize, reading.memory_size_bytes);
    add_each(kMemoryUsed, reading.memory_used_bytes);
    samples_.add_states(kRuntimeState, kRuntimeStates, view_of(reading.runtime_state), number_,
                        pci_address_);
    for (const auto& problem : reading.problems) samples_.problem(problem);
  }

  void add_up(bool up) { add(kUp, up ? 1.0 : 0.0); }
  void add_age(Duration age) { add(kSampleAge, seconds(age)); }

  void add_problem(std::string_view what) {
    samples_.problem(fmt::format("GPU {} ({}): {}", number_, pci_address_, what));
  }

 private:
  template <typename M, typename... Values>
  void add(const M& metric, std::optional<double> value, const Values&... label_values) {
    samples_.add(metric, value, number_, pci_address_, label_values...);
  }

  template <typename M>
  void add_each(const M& metric, const std::map<std::string, double>& values) {
    for (const auto& [label, value] : values) add(metric, value, label);
  }

  void add_identity(const GpuIdentity& identity) {
    add(kInfo, 1.0, identity.name, identity.unique_id, identity.serial, identity.device_id,
        identity.revision, identity.subsystem_id, identity.vbios_version, identity.memory_vendor,
        identity.card, identity.render);
  }

  Samples& samples_;
  const std::string& number_;
  const std::string& pci_address_;
};

void add_listed(CardSamples card, const ProbeGpu& gpu, Time now, Duration fresh_for) {
  const auto silent = now - (gpu.reading ? gpu.read_at : gpu.listed_since);
  if (gpu.reading) card.add_age(silent);
  if (gpu.reading && silent <= fresh_for) {
    card.add_up(shows_life(*gpu.reading));
    card.add_values(*gpu.reading);
    if (!shows_life(*gpu.reading)) card.add_problem("its driver answers and refuses every value");
    return;
  }
  // A card whose first reading is due any moment is neither up nor down.
  if (!gpu.reading && gpu.presence.waiting_seconds <= 0 && silent <= fresh_for) return;
  card.add_up(false);
  // For how long is in the sample's age: a text that changes with every scrape would fill the log.
  card.add_problem("its driver does not answer");
}

// Why nothing is known of the cards; empty when their list is fresh.
std::string why_unknown(const ProbeSnapshot& probe, Time now, Duration fresh_for) {
  if (!probe.down.empty()) return probe.down;
  if (!probe.gpus) return "rig_gpu_probe was started and has said nothing yet";
  if (now - probe.listed_at <= fresh_for) return {};
  return fmt::format("rig_gpu_probe has said nothing for more than {} s", seconds(fresh_for));
}

}  // namespace

std::span<const MetricInfo* const> gpu_metrics() { return kMetrics; }

bool has_first_readings(const ProbeSnapshot& probe) {
  if (!probe.startable) return true;
  if (!probe.report || !probe.gpus) return false;
  return std::all_of(probe.gpus->begin(), probe.gpus->end(), [](const auto& entry) {
    return entry.second.reading || entry.second.presence.waiting_seconds > 0;
  });
}

void add_gpu_samples(Samples& samples, const ProbeSnapshot& probe, GpuNumbers& numbers, Time now,
                     Duration fresh_for) {
  samples.add(kRestarts, static_cast<double>(probe.restarts));
  if (const auto& report = probe.report) {
    samples.add(kProbeInfo, 1.0, report->source, report->rocm_smi_version, report->reason);
  }
  if (auto why = why_unknown(probe, now, fresh_for); !why.empty()) {
    samples.problem(std::move(why));
    return;
  }
  samples.add(kGpus, static_cast<double>(probe.gpus->size()));
  for (const auto& [address, gpu] : *probe.gpus) {
    const CardSamples card(samples, numbers.number_of(address), address);
    add_listed(card, gpu, now, fresh_for);
  }
  for (const auto& [address, number] : numbers.all()) {
    if (!probe.gpus->contains(address)) CardSamples(samples, number, address).add_up(false);
  }
}

}  // namespace rig
