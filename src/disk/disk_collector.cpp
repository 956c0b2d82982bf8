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

using MonitoredDevices = std::map<std::string, MonitoredDevice>;

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

Diskstats read_diskstats(const std::filesystem::path& path) {
  return parse_diskstats(read_file(path).value_or(""));
}

class DiskCollector : public Collector {
 public:
  explicit DiskCollector(const RootPaths& roots)
      : path_(roots.proc / "diskstats"), sys_(roots.sys) {}

  void collect(Samples& samples, Deadline deadline) override {
    const auto stats_ticket = stats_task_.start([path = path_] { return read_diskstats(path); });
    const auto devices_ticket =
        devices_task_.start([sys = sys_] { return read_monitored_devices(sys); });
    const auto stats = stats_task_.finish(stats_ticket, deadline);
    const auto devices = devices_task_.finish(devices_ticket, deadline);
    note_problem(samples, stats, path_);
    note_problem(samples, devices, sys_ / "block");
    if (!stats.value) return;
    for (const std::string& line : stats.value->malformed)
      samples.problem(path_.string() + ": makes no sense: " + line);
    if (!devices.value) return;
    // A device that was added or removed between the two reads is in one of the results only.
    for (const DiskIo& io : stats.value->devices) {
      const auto device = devices.value->find(io.name);
      if (device != devices.value->end()) add_device(samples, io, device->second);
    }
  }

 private:
  template <typename Outcome>
  static void note_problem(Samples& samples, const Outcome& outcome,
                           const std::filesystem::path& path) {
    if (outcome.late) samples.problem(path.string() + ": the read does not come back");
    if (!outcome.error.empty()) samples.problem(outcome.error);
  }

  std::filesystem::path path_;
  std::filesystem::path sys_;
  TimedTask<Diskstats> stats_task_{"disk stats"};
  TimedTask<MonitoredDevices> devices_task_{"disk devices"};
};

}  // namespace

CollectorInfo disk_collector() {
  return {.name = "disk",
          .what = "I/O statistics of disks and md arrays: /proc/diskstats, /sys/block",
          .metrics = kMetrics,
          .make = make_collector<DiskCollector>};
}

}  // namespace rig
