#include "host/cpu_sensor_metrics.h"

#include <array>

namespace rig {
namespace {

constexpr auto kFrequency =
    gauge("rig_cpu_frequency_hertz", Unit::hertz, "Frequency a CPU runs at.", "cpu");
constexpr auto kFrequencyMin =
    gauge("rig_cpu_frequency_min_hertz", Unit::hertz, "Lowest frequency a CPU can run at.", "cpu");
constexpr auto kFrequencyMax = gauge("rig_cpu_frequency_max_hertz", Unit::hertz,
                                     "Highest frequency a CPU can run at, turbo included.", "cpu");
constexpr auto kThrottles =
    counter("rig_cpu_throttles_total", Unit::none,
            "Times that a CPU was slowed down because it was too hot. core: its core; package: its "
            "socket, which stands once, under the first of its CPUs that is online.",
            "cpu", "scope");
constexpr auto kTemperature =
    gauge("rig_cpu_temperature_celsius", Unit::celsius,
          "Temperature of the CPU. Of an AMD CPU that has Tctl and Tdie, Tdie is the real one and "
          "Tctl what the fans follow.",
          "chip", "sensor");
constexpr auto kEnergy = counter("rig_cpu_energy_joules_total", Unit::joules,
                                 "Energy that a part of the machine took, as the CPU counts it "
                                 "(RAPL). Linux 5.10 and later show it to root only.",
                                 "zone");

constexpr auto kMetrics = std::to_array<const MetricInfo*>(
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

std::span<const MetricInfo* const> cpu_sensor_metrics() { return kMetrics; }

void add_cpu_sensors(Samples& samples, const CpuSensors& sensors, EnergyTotals& energy) {
  const auto add_all = [&](const auto& found) {
    for (const std::string& problem : found.problems) samples.problem(problem);
    add(samples, found, energy);
  };
  std::visit(add_all, sensors);
}

}  // namespace rig
