#include "host/filesystem_metrics.h"

#include <array>

#include "host/part_of_whole.h"
#include "rig/host/filesystem_families.h"

namespace rig {
namespace {

constexpr auto kFree =
    gauge("rig_filesystem_free_bytes", Unit::bytes,
          "Free space, including the space reserved for root.", "device", "mountpoint", "fstype");
constexpr auto kAvailable =
    gauge("rig_filesystem_available_bytes", Unit::bytes, "Space available to unprivileged users.",
          "device", "mountpoint", "fstype");
constexpr auto kFiles =
    gauge("rig_filesystem_files", Unit::none,
          "Number of inodes; absent if the filesystem does not count them (btrfs, vfat).", "device",
          "mountpoint", "fstype");
constexpr auto kFilesFree = gauge("rig_filesystem_files_free", Unit::none, "Number of free inodes.",
                                  "device", "mountpoint", "fstype");
constexpr auto kFilesystemErrors =
    counter("rig_filesystem_errors_total", Unit::none,
            "Errors detected by ext4 since the last e2fsck, as recorded in the superblock.",
            "device")
        .within(kPlausible32BitCount);
constexpr auto kWarnings =
    counter("rig_filesystem_warnings_total", Unit::none,
            "Warnings logged by ext4 since the filesystem was mounted, such as failed writes.",
            "device")
        .within(kPlausible32BitCount);

constexpr auto kOmitted =
    gauge("rig_filesystems_omitted", Unit::none,
          "Number of filesystems without series because of --collector.filesystem.max; absent if "
          "there are none.");

constexpr auto kFilesystemMetrics = std::to_array<const MetricInfo*>(
    {&kFilesystemSize, &kFree, &kAvailable, &kFiles, &kFilesFree, &kFilesystemReadonly,
     &kFilesystemErrors, &kWarnings, &kOmitted});

}  // namespace

std::span<const MetricInfo* const> filesystem_metrics() { return kFilesystemMetrics; }

void add_readonly(Samples& samples, const Mount& mount) {
  samples.add(kFilesystemReadonly, mount.superblock_readonly() ? 1 : 0, mount.source,
              mount.mountpoint, mount.fstype);
}

void add_omitted(Samples& samples, std::size_t filesystems) {
  if (filesystems > 0) samples.add(kOmitted, static_cast<double>(filesystems));
}

void add_sizes(Samples& samples, const Mount& mount, const FilesystemUsage& usage) {
  std::optional<double> free = usage.free_bytes;
  std::optional<double> available = usage.available_bytes;
  std::optional<double> files_free = usage.files_free;
  for (const auto& problem :
       {remove_larger_part(free, usage.size_bytes, mount.mountpoint, "free space", "the size"),
        remove_larger_part(available, usage.size_bytes, mount.mountpoint, "available space",
                           "the size"),
        remove_larger_part(files_free, usage.files, mount.mountpoint, "number of free inodes",
                           "the number of inodes")}) {
    if (problem) samples.add_problem(*problem);
  }
  const auto add = [&](const Metric<3>& metric, std::optional<double> value) {
    samples.add(metric, value, mount.source, mount.mountpoint, mount.fstype);
  };
  add(kFilesystemSize, usage.size_bytes);
  add(kFree, free);
  add(kAvailable, available);
  add(kFiles, usage.files);
  add(kFilesFree, files_free);
}

void add_errors(Samples& samples, const Mount& mount, const Ext4Errors& errors) {
  samples.add(kFilesystemErrors, errors.errors, mount.source);
  samples.add(kWarnings, errors.warnings, mount.source);
}

}  // namespace rig
