#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "disk/diskstats.h"
#include "disk/monitored_devices.h"
#include "rig/disk/disk_families.h"
#include "rig/kernel/files.h"
#include "rig/scrape/collectors.h"
#include "rig/scrape/make_collector.h"
#include "rig/threads/task_pool.h"
#include "rig/threads/timed_task.h"

namespace rig {
namespace {

// Summed over all requests in progress, of which a disk may have thousands.
constexpr Range kPlausibleRequestSeconds{0, 1e13};
// The kernel counts them in 31 bits or less; a wrapped count is a number just under 2^32 or 2^64.
constexpr Range kPlausibleInProgress{0, 2147483647};

constexpr auto kWrites = counter("rig_disk_writes_total", Unit::none,
                                 "Writes completed since the device was added.", "device", "array");
constexpr auto kReadSeconds =
    counter("rig_disk_read_seconds_total", Unit::seconds,
            "Time spent on reads since the device was added, summed over all reads. Absent for "
            "arrays before Linux 5.14.",
            "device", "array")
        .within(kPlausibleRequestSeconds);
constexpr auto kWriteSeconds =
    counter("rig_disk_write_seconds_total", Unit::seconds,
            "Time spent on writes since the device was added, summed over all writes. Absent for "
            "arrays before Linux 5.14.",
            "device", "array")
        .within(kPlausibleRequestSeconds);
constexpr auto kInProgress =
    gauge("rig_disk_io_in_progress", Unit::none,
          "Requests in progress. Absent for arrays before Linux 5.14.", "device", "array")
        .within(kPlausibleInProgress);

constexpr auto kMetrics = std::to_array<const MetricInfo*>(
    {&kDiskReads, &kWrites, &kDiskReadBytes, &kDiskWrittenBytes, &kReadSeconds, &kWriteSeconds,
     &kDiskIoSeconds, &kInProgress});

std::string label_of(const std::set<std::string>& arrays) {
  std::string label;
  for (const std::string& array : arrays) label += (label.empty() ? "" : ",") + array;
  return label;
}

struct ReportedDevice {
  std::string arrays;  // the label
  const DiskIo* io = nullptr;
  bool is_array = false;
};

// In the order of the labels, in which samples are added fastest.
std::vector<ReportedDevice> reported_devices(const Diskstats& stats,
                                             const MonitoredDevices& devices) {
  std::vector<ReportedDevice> reported;
  // A device that was added or removed between the two reads is in one of the results only.
  for (const DiskIo& io : stats.devices) {
    const auto device = devices.find(io.name);
    // A label that is wrong for one scrape would start another series.
    if (device != devices.end() && device->second.arrays_known)
      reported.push_back({label_of(device->second.arrays), &io, device->second.is_array});
  }
  std::ranges::sort(reported, {}, [](const ReportedDevice& device) {
    return std::pair<std::string_view, std::string_view>(device.arrays, device.io->name);
  });
  return reported;
}

void add_device(Samples& samples, const ReportedDevice& device) {
  const DiskIo& io = *device.io;
  const std::string& arrays = device.arrays;
  const auto add = [&](const Metric<2>& metric, std::uint64_t count, double unit = 1) {
    samples.add(metric, static_cast<double>(count) * unit, io.name, arrays);
  };
  constexpr double kSectorBytes = 512;
  add(kDiskReads, io.reads);
  add(kWrites, io.writes);
  add(kDiskReadBytes, io.read_sectors, kSectorBytes);
  add(kDiskWrittenBytes, io.written_sectors, kSectorBytes);
  // Zero times are plausible for a fast disk, but for an array they mean that the kernel does not
  // measure them.
  if (device.is_array && !io.is_timed()) return;
  const auto add_seconds = [&](const Metric<2>& metric, std::uint64_t milliseconds) {
    constexpr double kMillisecondsPerSecond = 1000;
    samples.add(metric, static_cast<double>(milliseconds) / kMillisecondsPerSecond, io.name,
                arrays);
  };
  add_seconds(kReadSeconds, io.read_milliseconds);
  add_seconds(kWriteSeconds, io.write_milliseconds);
  add_seconds(kDiskIoSeconds, io.busy_milliseconds);
  add(kInProgress, io.in_progress);
}

// Absent without /proc/diskstats.
ReadResult<Diskstats> read_diskstats(const std::filesystem::path& file) {
  const auto text = read_procfs(file).get();
  if (!text) return std::nullopt;
  return parse_diskstats(*text);
}

class DiskCollector : public Collector {
 public:
  explicit DiskCollector(const RootPaths& roots)
      : diskstats_(roots.proc / "diskstats"),
        sys_(roots.sys.native()),
        stats_task_("disk stats", diskstats_),
        list_task_("disk list", sys_ + "/block") {}

  void collect(Samples& samples, Deadline deadline) override {
    const auto stats_ticket =
        stats_task_.start([file = diskstats_] { return read_diskstats(file); });
    const auto listed = list_task_.run([sys = sys_] { return list_devices(sys); }, deadline);
    MonitoredDevices devices;
    if (samples.value_or_problem(listed)) {
      for (const Problem& problem : listed->problems) samples.add_problem(problem);
      devices = monitored_devices(*listed, read_containers(listed->arrays, samples, deadline));
    }
    const auto stats = stats_task_.result(stats_ticket, deadline);
    if (!samples.value_or_problem(stats)) return;
    for (const std::string& line : stats->malformed)
      samples.add_problem(Problem::malformed(diskstats_, line));
    for (const ReportedDevice& device : reported_devices(*stats, devices))
      add_device(samples, device);
  }

 private:
  using Arrays = std::map<std::string, ListedDevices::Array>;
  using Containers = std::map<std::string, bool>;

  // As read now or, for an array that cannot be read, as it was when it could.
  Containers read_containers(const Arrays& arrays, Samples& samples, Deadline deadline) {
    std::map<std::string, PoolTask<bool>> tasks;
    for (const auto& [name, array] : arrays) {
      tasks[name] = {array.directory + "/md/metadata_version",
                     [directory = array.directory] { return read_is_container(directory); }};
    }
    Containers containers;
    for (const auto& [name, result] : array_pool_.run_all(std::move(tasks), deadline)) {
      // md returns EBUSY while an array is being assembled or stopped.
      const bool busy = result.problem() && result.problem()->reason == Reason::busy;
      if (result.problem() && !busy) samples.add_problem(*result.problem());
      if (result) {
        containers[name] = *result;
      } else if (const auto before = containers_.find(name); before != containers_.end()) {
        containers[name] = before->second;
      }
    }
    containers_ = containers;
    return containers;
  }

  const std::filesystem::path diskstats_;
  const std::string sys_;
  TimedTask<Diskstats> stats_task_;
  TimedTask<ListedDevices> list_task_;
  TaskPool array_pool_{"disk array"};
  Containers containers_;  // by the name of the array, as of the last scrape
};

}  // namespace

CollectorInfo disk_collector() {
  return {.name = "disk",
          .help = "I/O statistics of disks and md arrays: /proc/diskstats, /sys/block",
          .metrics = kMetrics,
          .make = make_collector<DiskCollector>};
}

}  // namespace rig
