#include "host/cpu_sensor_metrics.h"

#include <array>

namespace rig {
namespace {

constexpr auto kFrequency =
    gauge("rig_cpu_frequency_hertz", Unit::hertz, "Current frequency of the CPU.", "cpu");
constexpr auto kFrequencyMin = gauge("rig_cpu_frequency_min_hertz", Unit::hertz,
                                     "Lowest frequency supported by the CPU.", "cpu");
constexpr auto kFrequencyMax =
    gauge("rig_cpu_frequency_max_hertz", Unit::hertz,
          "Highest frequency supported by the CPU, including turbo.", "cpu");
constexpr auto kThrottles =
    counter("rig_cpu_throttles_total", Unit::none,
            "Thermal throttling events since boot (Intel only): of the core, or of the package "
            "(socket), which is reported for the first online CPU of the socket.",
            "cpu", "scope");
constexpr auto kTemperature = gauge(
    "rig_cpu_temperature_celsius", Unit::celsius,
    "CPU temperature reported by hwmon (coretemp, k10temp, cpu_thermal, ...) or, without a "
    "hwmon chip, by the CPU's thermal zone. On AMD CPUs Tctl is the fan control value and may "
    "be higher than Tdie, the actual temperature.",
    "chip", "sensor");
constexpr auto kEnergy =
    counter("rig_cpu_energy_joules_total", Unit::joules,
            "Energy consumed by a RAPL zone (/sys/class/powercap), corrected for counter "
            "wraparound. Readable by root only since Linux 5.10.",
            "zone");

constexpr auto kSensorMetrics = std::to_array<const MetricInfo*>(
    {&kFrequency, &kFrequencyMin, &kFrequencyMax, &kThrottles, &kTemperature, &kEnergy});

void add(Samples& samples, const CpuFrequencies& found, EnergyTotals& /*energy*/) {
  for (const CpuFrequency& cpu : found.cpus) {
    const std::string name = std::to_string(cpu.cpu);
    samples.add(kFrequency, cpu.current_hertz, name);
    samples.add(kFrequencyMin, cpu.min_hertz, name);
    samples.add(kFrequencyMax, cpu.max_hertz, name);
  }
}

void add(Samples& samples, const CpuThrottles& found, EnergyTotals& /*energy*/) {
  for (const auto& count : found.counts) {
    const std::string name = std::to_string(count.cpu);
    samples.add(kThrottles, count.core, name, "core");
    samples.add(kThrottles, count.package, name, "package");
  }
}

void add(Samples& samples, const CpuTemperatures& found, EnergyTotals& /*energy*/) {
  for (const auto& sensor : found.sensors)
    samples.add(kTemperature, sensor.celsius, sensor.chip, sensor.name);
}

void add(Samples& samples, const EnergyZones& found, EnergyTotals& energy) {
  for (const auto& [zone, joules] : energy.update(found.zones, found.read_at))
    samples.add(kEnergy, joules, zone);
}

}  // namespace

std::span<const MetricInfo* const> cpu_sensor_metrics() { return kSensorMetrics; }

void add_cpu_sensors(Samples& samples, const CpuSensors& sensors, EnergyTotals& energy) {
  const auto add_all = [&](const auto& found) {
    for (const Problem& problem : found.problems) samples.add_problem(problem);
    add(samples, found, energy);
  };
  std::visit(add_all, sensors);
}

}  // namespace rig
