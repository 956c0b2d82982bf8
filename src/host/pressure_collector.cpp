#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/pressure.h"
#include "host/required_file.h"
#include "rig/host/host_families.h"
#include "rig/kernel/files.h"
#include "rig/kernel/readable_files.h"
#include "rig/scrape/collectors.h"
#include "rig/scrape/make_collector.h"
#include "rig/threads/task_pool.h"

namespace rig {
namespace {

constexpr auto kPressureMetrics = std::to_array<const MetricInfo*>({&kPressureSeconds});
constexpr auto kResources = std::to_array<const char*>({"cpu", "memory", "io", "irq"});

class PressureCollector : public Collector {
 public:
  explicit PressureCollector(const RootPaths& roots) : directory_(roots.proc / "pressure") {}

  void collect(Samples& samples, Deadline deadline) override {
    std::map<std::string, PoolTask<std::string>> tasks;
    for (const std::string resource : kResources) {
      const auto file = directory_ + "/" + resource;
      tasks[resource] = {file, [file] { return read_procfs(file); }};
    }
    for (const auto& [resource, result] : pool_.run_all(std::move(tasks), deadline)) {
      // EOPNOTSUPP if pressure stall information is disabled (boot parameter psi=0).
      const auto text = files_.check(directory_ + "/" + resource, result);
      if (samples.value_or_problem(text)) add(samples, resource, *text);
    }
  }

 private:
  void add(Samples& samples, const std::string& resource, const std::string& text) const {
    const auto file = directory_ + "/" + resource;
    const Pressure pressure = parse_pressure(text);
    samples.add(kPressureSeconds, pressure.some_seconds, resource, "some");
    // Undefined for the CPUs of the whole system: the kernel reports 0 for compatibility.
    if (resource != "cpu") samples.add(kPressureSeconds, pressure.full_seconds, resource, "full");
    for (const std::string& line : pressure.malformed)
      samples.add_problem(Problem::malformed(file, line));
    // Every kernel prints "some", except for interrupts, and "full", except for CPUs before 5.13.
    std::vector<std::string_view> missing;
    if (resource != "irq" && !pressure.some_seconds && pressure.malformed.empty())
      missing.emplace_back("some");
    if (resource != "cpu" && !pressure.full_seconds && pressure.malformed.empty())
      missing.emplace_back("full");
    if (const auto problem = incomplete(file, text, missing)) samples.add_problem(*problem);
  }

  const std::string directory_;
  ReadableFiles files_;
  TaskPool pool_{"pressure"};
};

}  // namespace

CollectorInfo pressure_collector() {
  return {.name = "pressure",
          .help = "pressure stall information: /proc/pressure",
          .metrics = kPressureMetrics,
          .make = make_collector<PressureCollector>};
}

}  // namespace rig
