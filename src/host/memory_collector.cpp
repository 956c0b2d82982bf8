#include "rig/collectors.h"
#include "rig/kernel_file.h"
#include "rig/meminfo.h"

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

constexpr auto kGauges = std::to_array<Gauge>({
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

constexpr auto kMetrics = [] {
  std::array<const MetricInfo*, kGauges.size()> metrics{};
  for (std::size_t i = 0; i < kGauges.size(); ++i) metrics[i] = &kGauges[i].metric;
  return metrics;
}();

class MemoryCollector : public Collector {
 public:
  explicit MemoryCollector(const Host& host) : path_(host.proc / "meminfo") {}

  void collect(Samples& samples, Deadline /*one source*/) override {
    const auto text = read_file(path_);
    if (!text) throw ReadError(path_, "is not there; is --path.procfs right?");
    const Meminfo memory = parse_meminfo(*text);
    for (const Gauge& gauge : kGauges) samples.add(gauge.metric, memory.*gauge.field);
    for (const std::string& line : memory.senseless)
      samples.problem(path_.string() + ": makes no sense: " + line);
    if (!memory.total_bytes && memory.senseless.empty())
      throw ReadError(path_, "has no line MemTotal");
  }

 private:
  const std::filesystem::path path_;
};

}  // namespace

CollectorInfo memory_collector() {
  return {.name = "memory",
          .what = "memory and swap: /proc/meminfo",
          .metrics = kMetrics,
          .make = [](const Host& host, const Config&) -> std::unique_ptr<Collector> {
            return std::make_unique<MemoryCollector>(host);
          }};
}

}  // namespace rig
