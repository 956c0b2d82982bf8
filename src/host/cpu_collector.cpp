#include <unistd.h>

#include <utility>

#include "rig/collectors.h"
#include "rig/cpu_sysfs.h"
#include "rig/cpuinfo.h"
#include "rig/kernel_file.h"
#include "rig/kernel_text.h"
#include "rig/lane.h"
#include "rig/loadavg.h"
#include "rig/proc_stat.h"

namespace rig {
namespace {

constexpr auto kSeconds =
    counter("rig_cpu_seconds_total", Unit::seconds,
            "Time a CPU spent in a mode since boot, as the kernel counts it: user includes guest, "
            "and nice includes guest_nice.",
            "cpu", "mode");
constexpr auto kBootTime =
    gauge("rig_boot_time_seconds", Unit::seconds, "When the kernel started, since 1970.");
constexpr auto kLoad =
    gauge("rig_load_average", Unit::none,
          "Tasks that ran, waited for a CPU or slept uninterruptibly, on average "
          "over the window.",
          "window");
constexpr auto kInfo = gauge("rig_cpu_info", Unit::none,
                             "The CPU: how it names itself, and what of it is online. Always 1.",
                             "model", "vendor", "microcode", "sockets", "cores", "threads");
constexpr auto kFrequency =
    gauge("rig_cpu_frequency_hertz", Unit::hertz, "Frequency a CPU runs at.", "cpu");
constexpr auto kFrequencyMin =
    gauge("rig_cpu_frequency_min_hertz", Unit::hertz, "Lowest frequency a CPU can run at.", "cpu");
constexpr auto kFrequencyMax = gauge("rig_cpu_frequency_max_hertz", Unit::hertz,
                                     "Highest frequency a CPU can run at, turbo included.", "cpu");

constexpr auto kMetrics = std::to_array<const MetricInfo*>(
    {&kSeconds, &kBootTime, &kLoad, &kInfo, &kFrequency, &kFrequencyMin, &kFrequencyMax});

std::string label(std::optional<std::size_t> count) { return count ? std::to_string(*count) : ""; }

// The text; what kept it from being read becomes a problem.
std::optional<std::string> text_of(FileText file, Samples& samples) {
  if (!file.problem.empty()) samples.problem(std::move(file.problem));
  return std::move(file.text);
}

class CpuCollector : public Collector {
 public:
  explicit CpuCollector(Host host) : host_(std::move(host)) {}

  void collect(Samples& samples, Deadline deadline) override {
    const auto frequencies =
        cpufreq_.start([sys = host_.sys] { return read_cpu_frequencies(sys); });
    add_stat(samples);
    add_load(samples);
    add_info(samples);
    add_frequencies(samples, cpufreq_.finish(frequencies, deadline));
  }

 private:
  static void add_ticks(Samples& samples, const CpuTicks& cpu) {
    static const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
    for (std::size_t i = 0; i < kCpuModes.size(); ++i) {
      if (cpu.ticks[i])
        samples.add(kSeconds, static_cast<double>(*cpu.ticks[i]) / ticks_per_second, cpu.cpu,
                    kCpuModes[i]);
    }
  }

  void add_stat(Samples& samples) const {
    const auto path = host_.proc / "stat";
    const FileText file = try_read_file(path);
    if (!file.text && file.problem.empty())
      samples.problem(path.string() + ": is not there; is --path.procfs right?");
    const auto text = text_of(file, samples);
    if (!text) return;
    const ProcStat stat = parse_proc_stat(*text);
    for (const CpuTicks& cpu : stat.cpus) add_ticks(samples, cpu);
    samples.add(kBootTime, stat.boot_time_seconds);
    for (const std::string& line : stat.senseless)
      samples.problem(path.string() + ": makes no sense: " + line);
    if (stat.cpus.empty() && stat.senseless.empty())
      samples.problem(path.string() + ": has no line for any CPU");
  }

  void add_load(Samples& samples) const {
    const auto path = host_.proc / "loadavg";
    const auto text = text_of(try_read_file(path), samples);
    if (!text) return;
    const auto load = parse_loadavg(*text);
    if (!load) {
      samples.problem(path.string() + ": makes no sense: " + std::string(trim(*text)));
      return;
    }
    samples.add(kLoad, load->over_1m, "1m");
    samples.add(kLoad, load->over_5m, "5m");
    samples.add(kLoad, load->over_15m, "15m");
  }

  void add_frequencies(Samples& samples, const Lane<CpuFrequencies>::Outcome& outcome) const {
    if (outcome.late)
      samples.problem((host_.sys / "devices/system/cpu").string() + ": cpufreq did not answer");
    if (!outcome.error.empty()) samples.problem(outcome.error);
    if (!outcome.value) return;
    for (const std::string& problem : outcome.value->problems) samples.problem(problem);
    for (const CpuFrequency& cpu : outcome.value->cpus) {
      const std::string name = std::to_string(cpu.cpu);
      samples.add(kFrequency, cpu.current_hertz, name);
      samples.add(kFrequencyMin, cpu.min_hertz, name);
      samples.add(kFrequencyMax, cpu.max_hertz, name);
    }
  }

  // Whole or not there: with labels that come and go it would be another series each time.
  void add_info(Samples& samples) const {
    const FileText cpuinfo = try_read_beginning(host_.proc / "cpuinfo", kCpuinfoBeginning);
    const CpuTopology topology = read_cpu_topology(host_.sys);
    if (!cpuinfo.problem.empty()) samples.problem(cpuinfo.problem);
    for (const std::string& problem : topology.problems) samples.problem(problem);
    if (!cpuinfo.problem.empty() || !topology.problems.empty()) return;
    if (!cpuinfo.text && !topology.threads) return;
    const CpuModel cpu = parse_cpuinfo(cpuinfo.text.value_or(""));
    samples.add(kInfo, 1, cpu.model, cpu.vendor, cpu.microcode, label(topology.sockets),
                label(topology.cores), label(topology.threads));
  }

  const Host host_;
  Lane<CpuFrequencies> cpufreq_{"cpufreq"};
};

}  // namespace

CollectorInfo cpu_collector() {
  return {.name = "cpu",
          .what = "CPU time, load, frequency and model: /proc/stat, loadavg, cpuinfo, cpufreq",
          .metrics = kMetrics,
          .make = [](const Host& host, const Config&) -> std::unique_ptr<Collector> {
            return std::make_unique<CpuCollector>(host);
          }};
}

}  // namespace rig
