// Every file is read in a task of its own, so that one that hangs costs its own series only.
#include <unistd.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "host/cpu_metrics.h"
#include "host/cpu_sensor_metrics.h"
#include "host/cpu_time_bounds.h"
#include "host/cpu_topology.h"
#include "host/cpuinfo.h"
#include "host/loadavg.h"
#include "host/monotonic_ticks.h"
#include "host/proc_stat.h"
#include "host/required_file.h"
#include "rig/config/config.h"
#include "rig/kernel/files.h"
#include "rig/kernel/readable_files.h"
#include "rig/kernel/text.h"
#include "rig/scrape/collectors.h"
#include "rig/scrape/make_collector.h"
#include "rig/threads/task_pool.h"

namespace rig {
namespace {

double ticks_per_second() {
  static const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  return ticks;
}

std::vector<CpuTicks> total_of(const ProcStat& stat) {
  return stat.total ? std::vector{*stat.total} : std::vector<CpuTicks>();
}

struct FirstCpu {
  CpuModel model;
  bool is_truncated = false;
};

// Absent if neither cpuinfo nor the device tree exists.
ReadResult<FirstCpu> read_first_cpu(const RootPaths& roots) {
  const auto text = read_text(roots.proc / "cpuinfo", kFirstCpuBytes);
  if (text.problem() != nullptr) return *text.problem();
  FirstCpu cpu{parse_cpuinfo(text.value_or("")), false};
  // At the limit a truncated line is expected.
  cpu.is_truncated = text && text->size() < kFirstCpuBytes && is_truncated(*text);
  if (cpu.model.model.empty()) cpu.model.model = read_device_tree_model(roots);
  if (cpu.model.model.empty()) cpu.model.model = model_identifier(text.value_or(""));
  return !text && cpu.model.model.empty() ? ReadResult<FirstCpu>() : cpu;
}

class CpuCollector : public Collector {
 public:
  CpuCollector(RootPaths roots, const Config& config)
      : roots_(std::move(roots)),
        stat_(roots_.proc / "stat"),
        uptime_(roots_.proc / "uptime"),
        loadavg_(roots_.proc / "loadavg"),
        cpuinfo_(roots_.proc / "cpuinfo"),
        cpus_(roots_.sys / "devices/system/cpu"),
        online_(cpus_ + "/online"),
        powercap_(roots_.sys / "class/powercap"),
        hwmon_(roots_.sys / "class/hwmon"),
        thermal_(roots_.sys / "class/thermal"),
        per_core_(config.cpu.per_core) {}

  void collect(Samples& samples, Deadline deadline) override {
    Tasks tasks = system_tasks();
    add_sensor_tasks(tasks);
    add_temperature_tasks(samples, tasks);
    const Results results = pool_.run_all(std::move(tasks), deadline);
    add_stat(samples, results);
    add_load(samples, results);
    add_info(samples, results);
    const auto chips = known_chips(results);
    for (const auto& [path, result] : results) {
      const auto* const sensors = result ? std::get_if<CpuSensors>(&*result) : nullptr;
      if (sensors && !is_repeated(*sensors, chips)) add_cpu_sensors(samples, *sensors, energy_);
    }
    for (const auto& [path, result] : results) samples.value_or_problem(result);
  }

 private:
  // What one of the tasks has read. A text is that of /proc/stat or loadavg.
  using Read = std::variant<std::string, Uptime, FirstCpu, CpuTopology, CpuSensors>;
  // By the file or directory that is read.
  using Tasks = std::map<std::string, PoolTask<Read>>;
  using Results = std::map<std::string, ReadResult<Read>>;

  // `read` returns a ReadResult. Each task captures copies, since it may outlive the collector.
  template <typename Work>
  static void add_task(Tasks& tasks, const std::string& path, Work read) {
    tasks[path] = {path, [read = std::move(read)]() -> ReadResult<Read> {
                     auto result = read();
                     if (result.problem() != nullptr) return *result.problem();
                     return result ? ReadResult<Read>(Read(*std::move(result))) : std::nullopt;
                   }};
  }
  template <typename Work>
  static void add_sensor_task(Tasks& tasks, const std::string& path, Work read) {
    add_task(tasks, path,
             [read = std::move(read)] { return ReadResult<CpuSensors>(CpuSensors(read())); });
  }

  Tasks system_tasks() const {
    Tasks tasks;
    add_task(tasks, stat_, [file = stat_] { return read_required(file); });
    add_task(tasks, uptime_, [file = uptime_] { return read_uptime(file); });
    add_task(tasks, loadavg_, [file = loadavg_] { return read_procfs(file); });
    add_task(tasks, cpuinfo_, [roots = roots_] { return read_first_cpu(roots); });
    add_task(tasks, online_,
             [reader = topology_] { return ReadResult<CpuTopology>(reader->read()); });
    return tasks;
  }

  void add_sensor_tasks(Tasks& tasks) const {
    if (per_core_)
      add_sensor_task(tasks, cpus_ + "/cpufreq",
                      [reader = frequencies_] { return reader->read(); });
    add_sensor_task(tasks, cpus_ + "/thermal_throttle",
                    [sys = roots_.sys, per_core = per_core_, topology = topology_, files = files_] {
                      const CpuTopology cpus = topology->read();
                      return read_cpu_throttles(sys,
                                                per_core ? cpus.online : std::vector<unsigned>(),
                                                cpus.first_of_sockets, *files);
                    });
    add_sensor_task(tasks, powercap_, [reader = energy_zones_] { return reader->read(); });
  }

  void add_temperature_tasks(Samples& samples, Tasks& tasks) const {
    const auto add_all = [&](const std::string& directory, std::string_view prefix, auto read) {
      const auto names = list_names(directory);
      samples.value_or_problem(names);
      for (const std::string& name : names.value_or({})) {
        if (!name.starts_with(prefix)) continue;
        const std::string path = directory + "/" + name;
        add_sensor_task(tasks, path, [read, path, files = files_] { return read(path, *files); });
      }
    };
    add_all(hwmon_, "hwmon", read_cpu_temperatures);
    add_all(thermal_, "thermal_zone", read_cpu_zone);
  }

  // The drivers of the CPU's hwmon chips, including those that cannot be read at the moment.
  std::set<std::string> known_chips(const Results& results) {
    std::map<std::string, std::string> chips;
    for (const auto& [path, result] : results) {
      const auto* const sensors = result ? std::get_if<CpuSensors>(&*result) : nullptr;
      const auto* const found = sensors ? std::get_if<CpuTemperatures>(sensors) : nullptr;
      const auto known = chips_.find(path);
      if (found && !found->is_zone && !found->driver.empty()) chips[path] = found->driver;
      if (!result && known != chips_.end()) chips.insert(*known);
    }
    chips_ = std::move(chips);
    std::set<std::string> drivers;
    for (const auto& [path, driver] : chips_) drivers.insert(driver);
    return drivers;
  }

  static bool is_repeated(const CpuSensors& sensors, const std::set<std::string>& chips) {
    const auto* const found = std::get_if<CpuTemperatures>(&sensors);
    return found && found->is_zone && repeats_chip(found->driver, chips);
  }

  template <typename T>
  static const T* find(const Results& results, const std::string& path) {
    const auto& result = results.at(path);
    return result ? std::get_if<T>(&*result) : nullptr;
  }

  void add_stat(Samples& samples, const Results& results) {
    const std::string& file = stat_;
    const auto* const text = find<std::string>(results, file);
    if (!text) return;
    ProcStat stat = parse_proc_stat(*text);
    const auto* const uptime = find<Uptime>(results, uptime_);
    const auto longest =
        longest_uptime_seconds(roots_.proc, uptime ? std::optional(uptime->seconds) : std::nullopt,
                               stat.boot_time_seconds);
    for (std::string& why : remove_implausible(stat, longest, ticks_per_second()))
      samples.add_problem({Reason::implausible, file, std::move(why)});
    for (const CpuTicks& cpu : ticks_.update(per_core_ ? stat.cpus : total_of(stat)))
      add_cpu_time(samples, cpu, ticks_per_second());
    add_proc_stat(samples, stat);
    for (const std::string& line : stat.malformed)
      samples.add_problem(Problem::malformed(file, line));
    if (const auto problem = incomplete(file, *text, stat.missing)) samples.add_problem(*problem);
    const bool has_times = per_core_ ? !stat.cpus.empty() : stat.total.has_value();
    if (!has_times && stat.malformed.empty() && stat.missing.empty() && !is_truncated(*text))
      samples.add_problem(
          Problem::missing(file, per_core_ ? "no line for any CPU" : "no line cpu"));
  }

  void add_load(Samples& samples, const Results& results) const {
    const std::string& file = loadavg_;
    const auto* const text = find<std::string>(results, file);
    if (!text) return;
    if (const auto load = parse_loadavg(*text)) return add_loadavg(samples, *load);
    samples.add_problem(is_truncated(*text) ? Problem::truncated(file)
                                            : Problem::malformed(file, trim(*text)));
  }

  // All labels or no sample: a label that changes would start a new series.
  void add_info(Samples& samples, const Results& results) const {
    const std::string& file = cpuinfo_;
    const auto* const cpu = find<FirstCpu>(results, file);
    const auto* const topology = find<CpuTopology>(results, online_);
    if (cpu && cpu->is_truncated) samples.add_problem(Problem::truncated(file));
    if (!topology) return;
    for (const Problem& problem : topology->problems) samples.add_problem(problem);
    if (results.at(file).problem() != nullptr || !topology->problems.empty()) return;
    if (cpu || topology->threads) add_cpu_info(samples, cpu ? cpu->model : CpuModel(), *topology);
  }

  const RootPaths roots_;
  const std::string stat_;
  const std::string uptime_;
  const std::string loadavg_;
  const std::string cpuinfo_;
  const std::string cpus_;
  const std::string online_;
  const std::string powercap_;
  const std::string hwmon_;
  const std::string thermal_;
  const bool per_core_;
  MonotonicTicks ticks_{ticks_per_second()};
  std::map<std::string, std::string> chips_;  // the driver of each hwmon directory of a CPU
  EnergyTotals energy_;
  // These are shared with tasks, which may outlive the collector.
  std::shared_ptr<ReadableFiles> files_ = std::make_shared<ReadableFiles>();
  std::shared_ptr<CpuTopologyReader> topology_ = std::make_shared<CpuTopologyReader>(roots_.sys);
  std::shared_ptr<CpuFrequencyReader> frequencies_ =
      std::make_shared<CpuFrequencyReader>(roots_, files_);
  std::shared_ptr<EnergyZoneReader> energy_zones_ =
      std::make_shared<EnergyZoneReader>(roots_.sys, files_);
  TaskPool pool_{"cpu sensors"};
};

}  // namespace

CollectorInfo cpu_collector() {
  return {.name = "cpu",
          .help =
              "CPU time, load, model, frequency, temperature, energy: /proc/stat, loadavg, "
              "cpuinfo, cpufreq, hwmon, thermal, powercap",
          .metrics = cpu_metrics(),
          .make = make_collector<CpuCollector>};
}

}  // namespace rig
