#include "host/memory_metrics.h"

#include <array>

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
    bytes("rig_memory_total_bytes", &Meminfo::total_bytes, "Memory the kernel manages."),
    bytes("rig_memory_free_bytes", &Meminfo::free_bytes, "Memory that nobody uses."),
    bytes("rig_memory_available_bytes", &Meminfo::available_bytes,
          "Memory that new programs can have without swapping, as the kernel estimates it."),
    bytes("rig_memory_buffers_bytes", &Meminfo::buffers_bytes, "Cache of block devices."),
    bytes("rig_memory_cached_bytes", &Meminfo::cached_bytes,
          "Cache of files, with tmpfs and shared memory."),
    bytes("rig_memory_shmem_bytes", &Meminfo::shmem_bytes, "Tmpfs and shared memory."),
    bytes("rig_memory_slab_reclaimable_bytes", &Meminfo::slab_reclaimable_bytes,
          "Kernel objects that can be given up, such as the caches of inodes and names."),
    bytes("rig_memory_slab_unreclaimable_bytes", &Meminfo::slab_unreclaimable_bytes,
          "Kernel objects that cannot be given up."),
    bytes("rig_memory_dirty_bytes", &Meminfo::dirty_bytes, "Waits to be written to disk."),
    bytes("rig_memory_writeback_bytes", &Meminfo::writeback_bytes, "Is being written to disk."),
    bytes("rig_memory_anonymous_bytes", &Meminfo::anonymous_bytes,
          "Memory of programs that is no file."),
    bytes("rig_memory_mapped_bytes", &Meminfo::mapped_bytes, "Files mapped by programs."),
    bytes("rig_memory_committed_bytes", &Meminfo::committed_bytes,
          "What programs have asked for, used or not."),
    bytes("rig_memory_commit_limit_bytes", &Meminfo::commit_limit_bytes,
          "What programs may ask for when overcommitting is forbidden."),
    bytes("rig_memory_hugepages_total_bytes", &Meminfo::hugepages_total_bytes,
          "Pool of huge pages of the default size."),
    bytes("rig_memory_hugepages_free_bytes", &Meminfo::hugepages_free_bytes,
          "Huge pages of the default size that nobody uses."),
    bytes("rig_memory_swap_total_bytes", &Meminfo::swap_total_bytes, "Swap space."),
    bytes("rig_memory_swap_free_bytes", &Meminfo::swap_free_bytes, "Swap space not in use."),
});

constexpr auto kSwappedIn = counter("rig_memory_swapped_in_bytes_total", Unit::bytes,
                                    "Memory read back from swap since boot.");
constexpr auto kSwappedOut = counter("rig_memory_swapped_out_bytes_total", Unit::bytes,
                                     "Memory written to swap since boot.");
constexpr auto kMajorFaults =
    counter("rig_memory_major_faults_total", Unit::none,
            "Page faults since boot that had to wait for a read from disk or swap.");
constexpr auto kOomKills =
    counter("rig_memory_oom_kills_total", Unit::none,
            "Processes that the kernel killed since boot for want of memory, "
            "in memory cgroups too.");

constexpr auto kNodeTotal =
    gauge("rig_memory_node_total_bytes", Unit::bytes,
          "Memory of a NUMA node; machines with more than one node only.", "node");
constexpr auto kNodeUsed = gauge("rig_memory_node_used_bytes", Unit::bytes,
                                 "Memory of the node that is not free, caches included.", "node");
constexpr auto kNodeFree = gauge("rig_memory_node_free_bytes", Unit::bytes,
                                 "Memory of the node that nobody uses.", "node");

constexpr auto kPool =
    gauge("rig_memory_hugepages_pool_bytes", Unit::bytes,
          "Pool of huge pages of a size, which the label says in bytes.", "size");
constexpr auto kPoolFree =
    gauge("rig_memory_hugepages_pool_free_bytes", Unit::bytes,
          "Huge pages of the size that nobody uses, the reserved ones included.", "size");
constexpr auto kPoolReserved =
    gauge("rig_memory_hugepages_pool_reserved_bytes", Unit::bytes,
          "Free huge pages of the size that are promised to programs.", "size");

constexpr auto kErrors =
    counter("rig_memory_errors_total", Unit::none,
            "Memory errors that ECC found since the EDAC driver was loaded or reset. correctable: "
            "no harm was done; uncorrectable: data was lost.",
            "controller", "severity");

constexpr auto kMetrics = [] {
  constexpr auto kOthers = std::to_array<const MetricInfo*>(
      {&kSwappedIn, &kSwappedOut, &kMajorFaults, &kOomKills, &kNodeTotal, &kNodeUsed, &kNodeFree,
       &kPool, &kPoolFree, &kPoolReserved, &kErrors});
  std::array<const MetricInfo*, kMeminfo.size() + kOthers.size()> metrics{};
  auto next = metrics.begin();
  for (const Gauge& gauge : kMeminfo) *next++ = &gauge.metric;
  for (const MetricInfo* metric : kOthers) *next++ = metric;
  return metrics;
}();

void add_problems(Samples& samples, const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) samples.problem(problem);
}

std::optional<double> in_bytes(std::optional<double> pages, double page_bytes) {
  if (!pages) return std::nullopt;
  return *pages * page_bytes;
}

}  // namespace

std::span<const MetricInfo* const> memory_metrics() { return kMetrics; }

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
    samples.add(kErrors, correctable, controller, "correctable");
    samples.add(kErrors, uncorrectable, controller, "uncorrectable");
  }
}

}  // namespace rig
