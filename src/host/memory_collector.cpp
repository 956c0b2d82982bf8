#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "host/memory_metrics.h"
#include "host/required_file.h"
#include "rig/kernel/files.h"
#include "rig/scrape/collectors.h"
#include "rig/scrape/make_collector.h"
#include "rig/threads/timed_task.h"

namespace rig {
namespace {

void add_malformed(Samples& samples, const std::filesystem::path& file,
                   const std::vector<std::string>& lines) {
  for (const std::string& line : lines) samples.add_problem(Problem::malformed(file, line));
}

class MemoryCollector : public Collector {
 public:
  explicit MemoryCollector(const RootPaths& roots)
      : proc_(roots.proc), sys_(roots.sys), edac_("edac", sys_ / "devices/system/edac") {}

  void collect(Samples& samples, Deadline deadline) override {
    const auto controllers = edac_.start([sys = sys_] { return read_memory_controllers(sys); });
    add_proc_meminfo(samples);
    add_proc_vmstat(samples);
    add_numa_nodes(samples, read_numa_nodes(sys_));
    add_hugepage_pools(samples, read_hugepage_pools(sys_));
    const auto errors = edac_.result(controllers, deadline);
    if (samples.value_or_problem(errors)) add_memory_controllers(samples, *errors);
  }

 private:
  void add_proc_meminfo(Samples& samples) const {
    const auto file = proc_ / "meminfo";
    const auto text = read_required(file);
    if (!samples.value_or_problem(text)) return;
    Meminfo memory = parse_meminfo(*text);
    for (Problem& problem : remove_implausible(memory, file)) samples.add_problem(problem);
    add_meminfo(samples, memory);
    add_malformed(samples, file, memory.malformed);
    if (const auto problem = incomplete(file, *text, memory.missing)) samples.add_problem(*problem);
  }

  void add_proc_vmstat(Samples& samples) const {
    // The page size of this machine, even if `proc` is a copy from another machine.
    static const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
    const auto file = proc_ / "vmstat";
    const auto text = read_text(file);
    if (!samples.value_or_problem(text)) return;
    const Vmstat vmstat = parse_vmstat(*text);
    add_vmstat(samples, vmstat, page_bytes);
    add_malformed(samples, file, vmstat.malformed);
    if (const auto problem = incomplete(file, *text, vmstat.missing)) samples.add_problem(*problem);
  }

  const std::filesystem::path proc_;
  const std::filesystem::path sys_;
  TimedTask<MemoryControllers> edac_;
};

}  // namespace

CollectorInfo memory_collector() {
  return {.name = "memory",
          .help = "memory, swap, huge pages, NUMA nodes, ECC errors: /proc/meminfo, vmstat, sysfs",
          .metrics = memory_metrics(),
          .make = make_collector<MemoryCollector>};
}

}  // namespace rig
