#include "host/memory_metrics.h"

#include <array>

#include "rig/host/host_families.h"

namespace rig {
namespace {

struct Gauge {
  Metric<0> metric;
  std::optional<double> Meminfo::*field;
};

consteval Gauge bytes(std::string_view name, std::optional<double> Meminfo::*field,
                      std::string_view help) {
  return {gauge(name, Unit::bytes, help), field};
}

constexpr auto kMeminfo = std::to_array<Gauge>({
    bytes("rig_memory_total_bytes", &Meminfo::total_bytes,
          "Memory usable by the kernel and programs: physical memory except what firmware and the "
          "kernel image reserve."),
    bytes("rig_memory_free_bytes", &Meminfo::free_bytes, "Unused memory."),
    {kMemoryAvailable, &Meminfo::available_bytes},
    bytes("rig_memory_buffers_bytes", &Meminfo::buffers_bytes, "Page cache of block devices."),
    bytes("rig_memory_cached_bytes", &Meminfo::cached_bytes,
          "Page cache of files, including tmpfs and shared memory."),
    bytes("rig_memory_shmem_bytes", &Meminfo::shmem_bytes,
          "Memory used by tmpfs and shared memory."),
    bytes("rig_memory_slab_reclaimable_bytes", &Meminfo::slab_reclaimable_bytes,
          "Kernel slab memory that can be reclaimed, such as the dentry and inode caches."),
    bytes("rig_memory_slab_unreclaimable_bytes", &Meminfo::slab_unreclaimable_bytes,
          "Kernel slab memory that cannot be reclaimed."),
    bytes("rig_memory_dirty_bytes", &Meminfo::dirty_bytes,
          "Memory waiting to be written back to disk."),
    bytes("rig_memory_writeback_bytes", &Meminfo::writeback_bytes,
          "Memory being written back to disk."),
    bytes("rig_memory_anonymous_bytes", &Meminfo::anonymous_bytes,
          "Anonymous memory: mapped by programs and not backed by a file."),
    bytes("rig_memory_mapped_bytes", &Meminfo::mapped_bytes,
          "File-backed and shared memory mapped by programs."),
    bytes("rig_memory_committed_bytes", &Meminfo::committed_bytes,
          "Memory allocated by programs, whether used yet or not (Committed_AS)."),
    bytes("rig_memory_commit_limit_bytes", &Meminfo::commit_limit_bytes,
          "Limit of committed memory; enforced only if vm.overcommit_memory is 2."),
    bytes("rig_memory_hugepages_total_bytes", &Meminfo::hugepages_total_bytes,
          "Size of the pool of huge pages of the default size."),
    bytes("rig_memory_hugepages_free_bytes", &Meminfo::hugepages_free_bytes,
          "Free memory in the pool of huge pages of the default size."),
    bytes("rig_memory_swap_total_bytes", &Meminfo::swap_total_bytes, "Total swap space."),
    bytes("rig_memory_swap_free_bytes", &Meminfo::swap_free_bytes, "Unused swap space."),
});

constexpr auto kSwappedIn = counter("rig_memory_swapped_in_bytes_total", Unit::bytes,
                                    "Memory read back from swap since boot.");
constexpr auto kSwappedOut = counter("rig_memory_swapped_out_bytes_total", Unit::bytes,
                                     "Memory written to swap since boot.");
constexpr auto kMajorFaults =
    counter("rig_memory_major_faults_total", Unit::none,
            "Major page faults since boot: those that required a read from disk or swap.");
constexpr auto kOomKills =
    counter("rig_memory_oom_kills_total", Unit::none,
            "Processes killed by the OOM killer since boot, including kills in memory cgroups.");

constexpr auto kNodeTotal =
    gauge("rig_memory_node_total_bytes", Unit::bytes,
          "Memory of the NUMA node; absent on machines with a single node.", "node");
constexpr auto kNodeUsed = gauge("rig_memory_node_used_bytes", Unit::bytes,
                                 "Used memory of the NUMA node, including caches.", "node");
constexpr auto kNodeFree =
    gauge("rig_memory_node_free_bytes", Unit::bytes, "Unused memory of the NUMA node.", "node");

constexpr auto kPool =
    gauge("rig_memory_hugepages_pool_bytes", Unit::bytes,
          "Size of the pool of huge pages, including surplus pages; the label size is the page "
          "size in bytes.",
          "size");
constexpr auto kPoolFree =
    gauge("rig_memory_hugepages_pool_free_bytes", Unit::bytes,
          "Free memory in the pool of huge pages, including reserved pages.", "size");
constexpr auto kPoolReserved = gauge(
    "rig_memory_hugepages_pool_reserved_bytes", Unit::bytes,
    "Free memory in the pool of huge pages that is reserved by programs but not yet used.", "size");

constexpr auto kMemoryErrors =
    counter("rig_memory_errors_total", Unit::none,
            "Memory errors detected by ECC since the EDAC driver was loaded or its counters were "
            "reset: correctable (data intact) or uncorrectable (data lost).",
            "controller", "severity")
        .within(kPlausible32BitCount);

constexpr auto kMemoryMetrics = [] {
  constexpr auto kOthers = std::to_array<const MetricInfo*>(
      {&kSwappedIn, &kSwappedOut, &kMajorFaults, &kOomKills, &kNodeTotal, &kNodeUsed, &kNodeFree,
       &kPool, &kPoolFree, &kPoolReserved, &kMemoryErrors});
  std::array<const MetricInfo*, kMeminfo.size() + kOthers.size()> metrics{};
  auto next = metrics.begin();
  for (const Gauge& gauge : kMeminfo) *next++ = &gauge.metric;
  for (const MetricInfo* metric : kOthers) *next++ = metric;
  return metrics;
}();

void add_problems(Samples& samples, const std::vector<Problem>& problems) {
  for (const Problem& problem : problems) samples.add_problem(problem);
}

std::optional<double> in_bytes(std::optional<double> pages, double page_bytes) {
  if (!pages) return std::nullopt;
  return *pages * page_bytes;
}

}  // namespace

std::span<const MetricInfo* const> memory_metrics() { return kMemoryMetrics; }

void add_meminfo(Samples& samples, const Meminfo& memory) {
  for (const Gauge& gauge : kMeminfo) samples.add(gauge.metric, memory.*gauge.field);
}

void add_vmstat(Samples& samples, const Vmstat& vmstat, double page_bytes) {
  samples.add(kSwappedIn, in_bytes(vmstat.swapped_in_pages, page_bytes));
  samples.add(kSwappedOut, in_bytes(vmstat.swapped_out_pages, page_bytes));
  samples.add(kMajorFaults, vmstat.major_faults);
  samples.add(kOomKills, vmstat.oom_kills);
}

void add_numa_nodes(Samples& samples, const NumaNodes& found) {
  add_problems(samples, found.problems);
  if (found.nodes.size() < 2) return;
  for (const auto& [node, memory] : found.nodes) {
    samples.add(kNodeTotal, memory.total_bytes, node);
    samples.add(kNodeUsed, memory.used_bytes, node);
    samples.add(kNodeFree, memory.free_bytes, node);
  }
}

void add_hugepage_pools(Samples& samples, const HugepagePools& found) {
  add_problems(samples, found.problems);
  for (const HugepagePool& pool : found.pools) {
    const std::string size = std::to_string(pool.page_bytes);
    samples.add(kPool, pool.bytes, size);
    samples.add(kPoolFree, pool.free_bytes, size);
    samples.add(kPoolReserved, pool.reserved_bytes, size);
  }
}

void add_memory_controllers(Samples& samples, const MemoryControllers& found) {
  add_problems(samples, found.problems);
  for (const auto& [controller, correctable, uncorrectable] : found.controllers) {
    samples.add(kMemoryErrors, correctable, controller, "correctable");
    samples.add(kMemoryErrors, uncorrectable, controller, "uncorrectable");
  }
}

}  // namespace rig
