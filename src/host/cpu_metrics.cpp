#include "host/cpu_metrics.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "host/cpu_sensor_metrics.h"
#include "rig/host/host_families.h"

namespace rig {
namespace {

// The largest PID_MAX_LIMIT of any kernel.
constexpr Range kTaskCount{0, 4194304};

constexpr auto kBootTime = gauge("rig_boot_time_seconds", Unit::seconds,
                                 "Time the kernel booted, in seconds since the Unix epoch.")
                               .within(kPlausible32BitCount);
constexpr auto kLoad = gauge("rig_load_average", Unit::none,
                             "Load average: the mean number of tasks that are running, runnable or "
                             "in uninterruptible sleep, over the window.",
                             "window")
                           .within(kTaskCount);
constexpr auto kCpuInfo =
    gauge("rig_cpu_info", Unit::none,
          "Model, vendor and microcode of the CPU, and the number of sockets, "
          "cores and threads that are online. Always 1.",
          "model", "vendor", "microcode", "sockets", "cores", "threads");
constexpr auto kContextSwitches =
    counter("rig_context_switches_total", Unit::none, "Context switches since boot.");
constexpr auto kForks =
    counter("rig_processes_forked_total", Unit::none, "Processes and threads created since boot.");
constexpr auto kProcesses = gauge("rig_processes", Unit::none,
                                  "Tasks that are running or runnable (running), and tasks that "
                                  "are blocked waiting for I/O (blocked).",
                                  "state")
                                .within(kTaskCount);

constexpr auto kOwnMetrics = std::to_array<const MetricInfo*>(
    {&kCpuModeSeconds, &kBootTime, &kLoad, &kCpuInfo, &kContextSwitches, &kForks, &kProcesses});

// Positions in kCpuModes in the order of the labels, in which samples are added fastest.
constexpr auto kModesByName = [] {
  std::array<std::size_t, kCpuModes.size()> modes{};
  for (std::size_t i = 0; i < modes.size(); ++i) modes[i] = i;
  std::ranges::sort(modes, {}, [](std::size_t mode) { return kCpuModes[mode]; });
  return modes;
}();

std::string label(std::optional<std::size_t> count) { return count ? std::to_string(*count) : ""; }

}  // namespace

std::span<const MetricInfo* const> cpu_metrics() {
  static const auto metrics = [] {
    std::vector<const MetricInfo*> all(kOwnMetrics.begin(), kOwnMetrics.end());
    const auto sensors = cpu_sensor_metrics();
    all.insert(all.end(), sensors.begin(), sensors.end());
    return all;
  }();
  return metrics;
}

void add_proc_stat(Samples& samples, const ProcStat& stat) {
  samples.add(kBootTime, stat.boot_time_seconds);
  samples.add(kContextSwitches, stat.context_switches);
  samples.add(kForks, stat.forks);
  samples.add(kProcesses, stat.processes_running, "running");
  samples.add(kProcesses, stat.processes_blocked, "blocked");
}

void add_cpu_time(Samples& samples, const CpuTicks& cpu, double ticks_per_second) {
  for (const std::size_t mode : kModesByName) {
    if (cpu.ticks[mode])
      samples.add(kCpuModeSeconds, static_cast<double>(*cpu.ticks[mode]) / ticks_per_second,
                  cpu.cpu, kCpuModes[mode]);
  }
}

void add_loadavg(Samples& samples, const LoadAverage& load) {
  samples.add(kLoad, load.over_1m, "1m");
  samples.add(kLoad, load.over_5m, "5m");
  samples.add(kLoad, load.over_15m, "15m");
}

void add_cpu_info(Samples& samples, const CpuModel& cpu, const CpuTopology& topology) {
  samples.add(kCpuInfo, 1, cpu.model, cpu.vendor, cpu.microcode, label(topology.sockets),
              label(topology.cores), label(topology.threads));
}

}  // namespace rig
