#include <unistd.h>

#include <utility>

#include "host/memory_metrics.h"
#include "rig/kernel/files.h"
#include "rig/scrape/collectors.h"
#include "rig/scrape/make_collector.h"
#include "rig/threads/timed_task.h"

namespace rig {
namespace {

// Adds the problem if the file could not be read.
std::optional<std::string> text_of(FileText file, Samples& samples) {
  if (!file.problem.empty()) samples.problem(std::move(file.problem));
  return std::move(file.text);
}

void add_senseless(Samples& samples, const std::filesystem::path& path,
                   const std::vector<std::string>& lines) {
  for (const std::string& line : lines)
    samples.problem(path.string() + ": makes no sense: " + line);
}

class MemoryCollector : public Collector {
 public:
  explicit MemoryCollector(RootPaths roots) : roots_(std::move(roots)) {}

  void collect(Samples& samples, Deadline deadline) override {
    const auto controllers =
        edac_.start([sys = roots_.sys] { return read_memory_controllers(sys); });
    add_meminfo_of_host(samples);
    add_vmstat_of_host(samples);
    add_numa_nodes(samples, read_numa_nodes(roots_.sys));
    add_hugepage_pools(samples, read_hugepage_pools(roots_.sys));
    add_errors(samples, edac_.finish(controllers, deadline));
  }

 private:
  void add_meminfo_of_host(Samples& samples) const {
    const auto path = roots_.proc / "meminfo";
    const FileText file = try_read_file(path);
    if (!file.text && file.problem.empty())
      samples.problem(path.string() + ": is not there; is --path.procfs right?");
    const auto text = text_of(file, samples);
    if (!text) return;
    const Meminfo memory = parse_meminfo(*text);
    add_meminfo(samples, memory);
    add_senseless(samples, path, memory.malformed);
    if (!memory.total_bytes && memory.malformed.empty())
      samples.problem(path.string() + ": has no line MemTotal");
  }

  void add_vmstat_of_host(Samples& samples) const {
    // The page size of this machine, even if `proc` is a copy from another machine.
    static const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
    const auto path = roots_.proc / "vmstat";
    const auto text = text_of(try_read_file(path), samples);
    if (!text) return;
    const Vmstat vmstat = parse_vmstat(*text);
    add_vmstat(samples, vmstat, page_bytes);
    add_senseless(samples, path, vmstat.malformed);
  }

  void add_errors(Samples& samples, const TimedTask<MemoryControllers>::Outcome& outcome) const {
    if (outcome.late)
      samples.problem((roots_.sys / "devices/system/edac").string() + ": did not answer");
    if (!outcome.error.empty()) samples.problem(outcome.error);
    if (outcome.value) add_memory_controllers(samples, *outcome.value);
  }

  const RootPaths roots_;
  TimedTask<MemoryControllers> edac_{"edac"};
};

}  // namespace

CollectorInfo memory_collector() {
  return {.name = "memory",
          .what = "memory, swap, huge pages, NUMA nodes, ECC errors: /proc/meminfo, vmstat, sysfs",
          .metrics = memory_metrics(),
          .make = make_collector<MemoryCollector>};
}

}  // namespace rig
