#include <unistd.h>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/cpu_sensor_metrics.h"
#include "host/cpu_topology.h"
#include "host/cpuinfo.h"
#include "host/loadavg.h"
#include "host/monotonic_ticks.h"
#include "host/proc_stat.h"
#include "host/required_file.h"
#include "rig/config/config.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"
#include "rig/scrape/collectors.h"
#include "rig/scrape/make_collector.h"
#include "rig/threads/task_pool.h"

namespace rig {
namespace {

constexpr auto kSeconds = counter(
    "rig_cpu_seconds_total", Unit::seconds,
    "Time a CPU spent in each mode since boot (/proc/stat); user includes guest, nice includes "
    "guest_nice. With per-core metrics disabled, the CPU all is the sum over all CPUs, including "
    "those that are offline now.",
    "cpu", "mode");
constexpr auto kBootTime = gauge("rig_boot_time_seconds", Unit::seconds,
                                 "Time the kernel booted, in seconds since the Unix epoch.");
constexpr auto kLoad = gauge("rig_load_average", Unit::none,
                             "Load average: the mean number of tasks that are running, runnable or "
                             "in uninterruptible sleep, over the window.",
                             "window");
constexpr auto kInfo = gauge("rig_cpu_info", Unit::none,
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
                                  "state");

constexpr auto kOwnMetrics = std::to_array<const MetricInfo*>(
    {&kSeconds, &kBootTime, &kLoad, &kInfo, &kContextSwitches, &kForks, &kProcesses});

std::span<const MetricInfo* const> cpu_metrics() {
  static const auto metrics = [] {
    std::vector<const MetricInfo*> all(kOwnMetrics.begin(), kOwnMetrics.end());
    const auto sensors = cpu_sensor_metrics();
    all.insert(all.end(), sensors.begin(), sensors.end());
    return all;
  }();
  return metrics;
}

double ticks_per_second() {
  static const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  return ticks;
}

std::string label(std::optional<std::size_t> count) { return count ? std::to_string(*count) : ""; }

std::vector<CpuTicks> total_of(const ProcStat& stat) {
  return stat.total ? std::vector{*stat.total} : std::vector<CpuTicks>();
}

class CpuCollector : public Collector {
 public:
  CpuCollector(RootPaths roots, const Config& config)
      : roots_(std::move(roots)), per_core_(config.cpu.per_core) {}

  void collect(Samples& samples, Deadline deadline) override {
    add_stat(samples);
    add_load(samples);
    refresh_topology();
    add_info(samples);
    for (const auto& [path, sensors] : pool_.run_all(sensor_tasks(samples), deadline)) {
      if (samples.value_or_problem(sensors)) add_cpu_sensors(samples, *sensors, energy_);
    }
  }

 private:
  using SensorTasks = std::map<std::string, PoolTask<CpuSensors>>;

  // By the directory that is read. Each task captures copies, since it may outlive the collector.
  SensorTasks sensor_tasks(Samples& samples) const {
    SensorTasks tasks;
    const auto add = [&tasks](const std::filesystem::path& path, auto read) {
      tasks[path] = {path, [read] { return CpuSensors(read()); }};
    };
    const auto cpus = roots_.sys / "devices/system/cpu";
    if (per_core_) add(cpus / "cpufreq", [reader = frequencies_] { return reader->read(); });
    add(cpus / "thermal_throttle",
        [sys = roots_.sys, sockets = topology_.first_of_sockets,
         cores = per_core_ ? topology_.online : std::vector<unsigned>()] {
          return read_cpu_throttles(sys, cores, sockets);
        });
    add(roots_.sys / "class/powercap", [sys = roots_.sys] { return read_energy_zones(sys); });
    const auto chips = find_cpu_chips(roots_.sys);
    samples.value_or_problem(chips);
    for (const auto& chip : chips.value_or({}))
      add(chip, [chip] { return read_cpu_temperatures(chip); });
    return tasks;
  }

  // Valid until the set of online CPUs changes.
  void refresh_topology() {
    const std::string online =
        read_text(roots_.sys / "devices/system/cpu/online").value_or(std::string());
    const bool complete = topology_.problems.empty() && topology_.sockets && topology_.cores;
    if (complete && online == online_cpus_) return;
    topology_ = read_cpu_topology(roots_.sys);
    online_cpus_ = online;
  }

  static void add_ticks(Samples& samples, const CpuTicks& cpu) {
    for (std::size_t i = 0; i < kCpuModes.size(); ++i) {
      if (cpu.ticks[i])
        samples.add(kSeconds, static_cast<double>(*cpu.ticks[i]) / ticks_per_second(), cpu.cpu,
                    kCpuModes[i]);
    }
  }

  void add_stat(Samples& samples) {
    const auto file = roots_.proc / "stat";
    const auto text = read_required(file);
    if (!samples.value_or_problem(text)) return;
    const ProcStat stat = parse_proc_stat(*text);
    for (const CpuTicks& cpu : ticks_.update(per_core_ ? stat.cpus : total_of(stat)))
      add_ticks(samples, cpu);
    samples.add(kBootTime, stat.boot_time_seconds);
    samples.add(kContextSwitches, stat.context_switches);
    samples.add(kForks, stat.forks);
    samples.add(kProcesses, stat.processes_running, "running");
    samples.add(kProcesses, stat.processes_blocked, "blocked");
    for (const std::string& line : stat.malformed)
      samples.add_problem(Problem::malformed(file, line));
    if (const auto problem = incomplete(file, *text, stat.missing)) samples.add_problem(*problem);
  }

  void add_load(Samples& samples) const {
    const auto file = roots_.proc / "loadavg";
    const auto text = read_text(file);
    if (!samples.value_or_problem(text)) return;
    const auto load = parse_loadavg(*text);
    if (is_cut(*text)) return samples.add_problem(Problem::cut(file));
    if (!load) return samples.add_problem(Problem::malformed(file, trim(*text)));
    samples.add(kLoad, load->over_1m, "1m");
    samples.add(kLoad, load->over_5m, "5m");
    samples.add(kLoad, load->over_15m, "15m");
  }

  // All labels or no sample: a label that changes would start a new series.
  void add_info(Samples& samples) const {
    const auto cpuinfo = read_text(roots_.proc / "cpuinfo", kFirstCpuBytes);
    samples.value_or_problem(cpuinfo);
    // At the limit a cut is expected.
    if (cpuinfo && cpuinfo->size() < kFirstCpuBytes && is_cut(*cpuinfo))
      samples.add_problem(Problem::cut(roots_.proc / "cpuinfo"));
    for (const Problem& problem : topology_.problems) samples.add_problem(problem);
    if (cpuinfo.problem() || !topology_.problems.empty()) return;
    if (!cpuinfo && !topology_.threads) return;
    const CpuModel cpu = parse_cpuinfo(cpuinfo.value_or(""));
    samples.add(kInfo, 1, cpu.model, cpu.vendor, cpu.microcode, label(topology_.sockets),
                label(topology_.cores), label(topology_.threads));
  }

  const RootPaths roots_;
  const bool per_core_;
  MonotonicTicks ticks_{ticks_per_second()};
  std::string online_cpus_;  // the list that topology_ was read for
  CpuTopology topology_;
  std::shared_ptr<CpuFrequencyReader> frequencies_ = std::make_shared<CpuFrequencyReader>(roots_);
  EnergyTotals energy_;
  TaskPool pool_{"cpu sensors"};
};

}  // namespace

CollectorInfo cpu_collector() {
  return {.name = "cpu",
          .help =
              "CPU time, load, model, frequency, temperature, energy: /proc/stat, loadavg, "
              "cpuinfo, cpufreq, hwmon, powercap",
          .metrics = cpu_metrics(),
          .make = make_collector<CpuCollector>};
}

}  // namespace rig
