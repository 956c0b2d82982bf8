#include "host/filesystem_metrics.h"

#include <array>

namespace rig {
namespace {

constexpr auto kSize = gauge("rig_filesystem_size_bytes", Unit::bytes, "Size of the filesystem.",
                             "device", "mountpoint", "fstype");
constexpr auto kFree =
    gauge("rig_filesystem_free_bytes", Unit::bytes,
          "What is free, the part kept for root included.", "device", "mountpoint", "fstype");
constexpr auto kAvailable = gauge("rig_filesystem_available_bytes", Unit::bytes,
                                  "What is free for everybody.", "device", "mountpoint", "fstype");
constexpr auto kFiles = gauge("rig_filesystem_files", Unit::none,
                              "Inodes of the filesystem; no sample where it does not count them.",
                              "device", "mountpoint", "fstype");
constexpr auto kFilesFree = gauge("rig_filesystem_files_free", Unit::none, "Inodes that are free.",
                                  "device", "mountpoint", "fstype");
constexpr auto kReadonly =
    gauge("rig_filesystem_readonly", Unit::none,
          "1: the filesystem takes no writes, because it was mounted so or because it gave up "
          "after errors.",
          "device", "mountpoint", "fstype");

constexpr auto kErrors =
    counter("rig_filesystem_errors_total", Unit::none,
            "Errors that ext4 has found in the filesystem since the last e2fsck.", "device");
constexpr auto kWarnings = counter(
    "rig_filesystem_warnings_total", Unit::none,
    "Warnings of ext4 since the filesystem was mounted, such as data that could not be written.",
    "device");

constexpr auto kMetrics = std::to_array<const MetricInfo*>(
    {&kSize, &kFree, &kAvailable, &kFiles, &kFilesFree, &kReadonly, &kErrors, &kWarnings});

}  // namespace

std::span<const MetricInfo* const> filesystem_metrics() { return kMetrics; }

void add_readonly(Samples& samples, const Mount& mount) {
  samples.add(kReadonly, mount.superblock_readonly() ? 1 : 0, mount.source, mount.mountpoint,
              mount.fstype);
}

void add_sizes(Samples& samples, const Mount& mount, const FilesystemUsage& usage) {
  const auto add = [&](const Metric<3>& metric, std::optional<double> value) {
    samples.add(metric, value, mount.source, mount.mountpoint, mount.fstype);
  };
  add(kSize, usage.size_bytes);
  add(kFree, usage.free_bytes);
  add(kAvailable, usage.available_bytes);
  add(kFiles, usage.files);
  add(kFilesFree, usage.files_free);
}

void add_errors(Samples& samples, const Mount& mount, const Ext4Errors& errors) {
  samples.add(kErrors, errors.errors, mount.source);
  samples.add(kWarnings, errors.warnings, mount.source);
}

}  // namespace rig
