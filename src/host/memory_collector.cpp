#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "host/memory_metrics.h"
#include "host/required_file.h"
#include "rig/kernel/files.h"
#include "rig/scrape/collectors.h"
#include "rig/scrape/make_collector.h"
#include "rig/threads/task_pool.h"

namespace rig {
namespace {

void add_malformed(Samples& samples, const std::string& file,
                   const std::vector<std::string>& lines) {
  for (const std::string& line : lines) samples.add_problem(Problem::malformed(file, line));
}

// Every source is read in a task of its own, so that one that hangs costs its own series only.
class MemoryCollector : public Collector {
 public:
  explicit MemoryCollector(const RootPaths& roots) : proc_(roots.proc), sys_(roots.sys) {}

  void collect(Samples& samples, Deadline deadline) override {
    for (const auto& [path, result] : pool_.run_all(tasks(), deadline)) {
      const Read* const read = samples.value_or_problem(result);
      if (!read) continue;
      const auto add_read = [&, file = std::filesystem::path(path)](const auto& found) {
        add(samples, file, found);
      };
      std::visit(add_read, *read);
    }
  }

 private:
  struct MeminfoText {
    std::string text;
  };
  struct VmstatText {
    std::string text;
  };
  using Read = std::variant<MeminfoText, VmstatText, NumaNodes, HugepagePools, MemoryControllers>;

  // By the file or directory that is read. Each captures copies, since it may outlive the
  // collector.
  std::map<std::string, PoolTask<Read>> tasks() const {
    std::map<std::string, PoolTask<Read>> tasks;
    const auto add_task = [&](const std::string& path, auto read) { tasks[path] = {path, read}; };
    add_task(proc_ + "/meminfo", [file = proc_ + "/meminfo"]() -> ReadResult<Read> {
      auto text = read_required(file);
      if (text.problem() != nullptr) return *text.problem();
      return Read(MeminfoText{*std::move(text)});
    });
    add_task(proc_ + "/vmstat", [file = proc_ + "/vmstat"]() -> ReadResult<Read> {
      auto text = read_procfs(file);
      if (text.problem() != nullptr) return *text.problem();
      return text ? ReadResult<Read>(Read(VmstatText{*std::move(text)})) : std::nullopt;
    });
    add_task(sys_ + "/devices/system/node", [sys = sys_] { return Read(read_numa_nodes(sys)); });
    add_task(sys_ + "/kernel/mm/hugepages",
             [sys = sys_] { return Read(read_hugepage_pools(sys)); });
    add_task(sys_ + "/devices/system/edac",
             [sys = sys_] { return Read(read_memory_controllers(sys)); });
    return tasks;
  }

  static void add(Samples& samples, const std::string& file, const MeminfoText& read) {
    Meminfo memory = parse_meminfo(read.text);
    for (Problem& problem : remove_implausible(memory, file)) samples.add_problem(problem);
    add_meminfo(samples, memory);
    add_malformed(samples, file, memory.malformed);
    if (const auto problem = incomplete(file, read.text, memory.missing))
      samples.add_problem(*problem);
  }

  static void add(Samples& samples, const std::string& file, const VmstatText& read) {
    // The page size of this machine, even if `proc` is a copy from another machine.
    static const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
    const Vmstat vmstat = parse_vmstat(read.text);
    add_vmstat(samples, vmstat, page_bytes);
    add_malformed(samples, file, vmstat.malformed);
    if (const auto problem = incomplete(file, read.text, vmstat.missing))
      samples.add_problem(*problem);
  }

  static void add(Samples& samples, const std::string& /*directory*/, const NumaNodes& found) {
    add_numa_nodes(samples, found);
  }
  static void add(Samples& samples, const std::string& /*directory*/, const HugepagePools& found) {
    add_hugepage_pools(samples, found);
  }
  static void add(Samples& samples, const std::string& /*directory*/,
                  const MemoryControllers& found) {
    add_memory_controllers(samples, found);
  }

  const std::string proc_;
  const std::string sys_;
  TaskPool pool_{"memory"};
};

}  // namespace

CollectorInfo memory_collector() {
  return {.name = "memory",
          .help = "memory, swap, huge pages, NUMA nodes, ECC errors: /proc/meminfo, vmstat, sysfs",
          .metrics = memory_metrics(),
          .make = make_collector<MemoryCollector>};
}

}  // namespace rig
