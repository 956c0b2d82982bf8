#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "disk/diskstats.h"
#include "disk/monitored_devices.h"
#include "rig/kernel/files.h"
#include "rig/scrape/collectors.h"
#include "rig/scrape/make_collector.h"
#include "rig/threads/timed_task.h"

namespace rig {
namespace {

constexpr auto kReads =
    counter("rig_disk_reads_total", Unit::none,
            "Reads completed since the disk or array was added. The label array lists the md "
            "arrays that use the device, separated by commas.",
            "device", "array");
constexpr auto kWrites = counter("rig_disk_writes_total", Unit::none,
                                 "Writes completed since the device was added.", "device", "array");
constexpr auto kReadBytes = counter("rig_disk_read_bytes_total", Unit::bytes,
                                    "Bytes read since the device was added.", "device", "array");
constexpr auto kWrittenBytes =
    counter("rig_disk_written_bytes_total", Unit::bytes,
            "Bytes written since the device was added.", "device", "array");
constexpr auto kReadSeconds =
    counter("rig_disk_read_seconds_total", Unit::seconds,
            "Time spent on reads since the device was added, summed over all reads. Absent for "
            "arrays before Linux 5.14.",
            "device", "array");
constexpr auto kWriteSeconds =
    counter("rig_disk_write_seconds_total", Unit::seconds,
            "Time spent on writes since the device was added, summed over all writes. Absent for "
            "arrays before Linux 5.14.",
            "device", "array");
constexpr auto kIoSeconds =
    counter("rig_disk_io_seconds_total", Unit::seconds,
            "Time with at least one request in progress since the device was added; its rate is "
            "the utilization of the device. Absent for arrays before Linux 5.14.",
            "device", "array");
constexpr auto kInProgress =
    gauge("rig_disk_io_in_progress", Unit::none,
          "Requests in progress. Absent for arrays before Linux 5.14.", "device", "array");

constexpr auto kMetrics =
    std::to_array<const MetricInfo*>({&kReads, &kWrites, &kReadBytes, &kWrittenBytes, &kReadSeconds,
                                      &kWriteSeconds, &kIoSeconds, &kInProgress});

std::string label_of(const std::set<std::string>& arrays) {
  std::string label;
  for (const std::string& array : arrays) label += (label.empty() ? "" : ",") + array;
  return label;
}

void add_device(Samples& samples, const DiskIo& io, const MonitoredDevice& device) {
  const std::string arrays = label_of(device.arrays);
  const auto add = [&](const Metric<2>& metric, std::uint64_t count, double unit = 1) {
    samples.add(metric, static_cast<double>(count) * unit, io.name, arrays);
  };
  constexpr double kSectorBytes = 512;
  add(kReads, io.reads);
  add(kWrites, io.writes);
  add(kReadBytes, io.read_sectors, kSectorBytes);
  add(kWrittenBytes, io.written_sectors, kSectorBytes);
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
  add_seconds(kIoSeconds, io.busy_milliseconds);
  add(kInProgress, io.in_progress);
}

// Absent without /proc/diskstats.
ReadResult<Diskstats> read_diskstats(const std::filesystem::path& file) {
  const auto text = read_text(file).get();
  if (!text) return std::nullopt;
  return parse_diskstats(*text);
}

class DiskCollector : public Collector {
 public:
  explicit DiskCollector(const RootPaths& roots)
      : diskstats_(roots.proc / "diskstats"),
        sys_(roots.sys),
        stats_task_("disk stats", diskstats_),
        devices_task_("disk devices", sys_ / "block") {}

  void collect(Samples& samples, Deadline deadline) override {
    const auto stats_ticket =
        stats_task_.start([file = diskstats_] { return read_diskstats(file); });
    const auto devices_ticket =
        devices_task_.start([sys = sys_] { return read_monitored_devices(sys); });
    const auto stats = stats_task_.result(stats_ticket, deadline);
    const auto devices = devices_task_.result(devices_ticket, deadline);
    samples.value_or_problem(devices);
    if (!samples.value_or_problem(stats)) return;
    for (const std::string& line : stats->malformed)
      samples.add_problem(Problem::malformed(diskstats_, line));
    if (!devices) return;
    // A device that was added or removed between the two reads is in one of the results only.
    for (const DiskIo& io : stats->devices) {
      const auto device = devices->find(io.name);
      if (device != devices->end()) add_device(samples, io, device->second);
    }
  }

 private:
  const std::filesystem::path diskstats_;
  const std::filesystem::path sys_;
  TimedTask<Diskstats> stats_task_;
  TimedTask<MonitoredDevices> devices_task_;
};

}  // namespace

CollectorInfo disk_collector() {
  return {.name = "disk",
          .help = "I/O statistics of disks and md arrays: /proc/diskstats, /sys/block",
          .metrics = kMetrics,
          .make = make_collector<DiskCollector>};
}

}  // namespace rig
