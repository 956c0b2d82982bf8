// Which filesystems: every one that a block device holds, once for each device.
//  - Only mounts whose source is below /dev/ and whose superblock has a device number; btrfs has
//    none, since it may span devices, and is taken too. Loop devices count like others.
//  - Not the read-only image formats (squashfs of snaps, iso9660, …): always full, never a worry.
//  - Of several mounts of one device (bind mounts, subvolumes) the one that people know it by: "/",
//    else a mount of all of it, else the shortest mountpoint, else the first.
// Sizes are asked for where the mount can be seen: in a container without the host's mounts, or
// with the files of another machine, something else stands at that path, and there is no sample.
// Whether the superblock takes writes is in mountinfo itself and needs no look.
#include "rig/filesystem_collector.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "rig/collectors.h"
#include "rig/kernel_file.h"
#include "rig/lane.h"
#include "rig/log.h"
#include "rig/mountinfo.h"

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

constexpr auto kMetrics = std::to_array<const MetricInfo*>(
    {&kSize, &kFree, &kAvailable, &kFiles, &kFilesFree, &kReadonly});

constexpr auto kImageFormats =
    std::to_array<std::string_view>({"cramfs", "erofs", "iso9660", "romfs", "squashfs"});

struct Candidate {
  Mount mount;                   // its mountpoint is the host's name for it
  std::filesystem::path folder;  // where this process finds it
};

// The mounts of one device, the best first.
using Candidates = std::vector<Candidate>;
using DeviceNumber = std::pair<unsigned, unsigned>;

bool is_wanted(const Mount& mount) {
  const bool has_device = mount.device_major != 0 || mount.fstype == "btrfs";
  const bool is_image =
      std::find(kImageFormats.begin(), kImageFormats.end(), mount.fstype) != kImageFormats.end();
  return mount.source.starts_with("/dev/") && has_device && !is_image;
}

bool is_better(const Candidate& left, const Candidate& right) {
  const auto rank = [](const Mount& mount) {
    return std::tuple(mount.mountpoint != "/", mount.root != "/", mount.mountpoint.size());
  };
  return rank(left.mount) < rank(right.mount);
}

// In a container that has the host's root at /rootfs, its own mountinfo has the host's mounts below
// /rootfs, and the host's mountinfo has them without it.
Candidate locate(Mount mount, const std::string& root) {
  if (root == "/") return {mount, mount.mountpoint};
  if (mount.mountpoint != root && !mount.mountpoint.starts_with(root + "/"))
    return {mount, root + mount.mountpoint};
  const std::filesystem::path folder = mount.mountpoint;
  mount.mountpoint.erase(0, root.size());
  if (mount.mountpoint.empty()) mount.mountpoint = "/";
  return {std::move(mount), folder};
}

std::map<DeviceNumber, Candidates> by_device(std::vector<Mount> mounts, const std::string& root) {
  std::map<DeviceNumber, Candidates> devices;
  for (Mount& mount : mounts) {
    if (!is_wanted(mount)) continue;
    const DeviceNumber number(mount.device_major, mount.device_minor);
    devices[number].push_back(locate(std::move(mount), root));
  }
  for (auto& [number, candidates] : devices)
    std::stable_sort(candidates.begin(), candidates.end(), is_better);
  return devices;
}

// Subvolumes have device numbers of their own, so that btrfs is known by its kind only.
bool is_that(const FilesystemView& view, const Mount& mount) {
  return mount.fstype == "btrfs"
             ? view.is_btrfs
             : view.device_major == mount.device_major && view.device_minor == mount.device_minor;
}

std::optional<FilesystemView> look_nowhere(const std::filesystem::path& /*folder*/) {
  return std::nullopt;
}

struct Seen {
  Mount mount;
  FilesystemView view;
};

std::optional<Seen> look_at_first(const Candidates& candidates, const LookAtFilesystem& look) {
  for (const auto& [mount, folder] : candidates) {
    const auto view = look(folder);
    if (view && is_that(*view, mount)) return Seen{mount, *view};
  }
  log_debug(candidates.front().folder.string() + ": " + candidates.front().mount.source +
            " is mounted, but cannot be seen here: no sizes of it");
  return std::nullopt;
}

void add_readonly(Samples& samples, const Mount& mount) {
  samples.add(kReadonly, mount.superblock_readonly() ? 1 : 0, mount.source, mount.mountpoint,
              mount.fstype);
}

void add_seen(Samples& samples, const Seen& seen) {
  const Mount& mount = seen.mount;
  const FilesystemView& view = seen.view;
  const auto add = [&](const Metric<3>& metric, std::optional<double> value) {
    samples.add(metric, value, mount.source, mount.mountpoint, mount.fstype);
  };
  add(kSize, view.size_bytes);
  add(kFree, view.free_bytes);
  add(kAvailable, view.available_bytes);
  add(kFiles, view.files);
  add(kFilesFree, view.files_free);
  add_readonly(samples, mount);
}

class FilesystemCollector : public Collector {
 public:
  FilesystemCollector(const Host& host, LookAtFilesystem look)
      : proc_(host.proc), root_(host.root.string()), look_(std::move(look)) {
    while (root_.size() > 1 && root_.ends_with('/')) root_.pop_back();
  }

  void collect(Samples& samples, Deadline deadline) override {
    const auto devices = by_device(read_mounts(samples), root_);
    forget_all_but(devices);
    std::map<DeviceNumber, DeviceLane::Ticket> tickets;
    for (const auto& [number, candidates] : devices) {
      const auto work = [candidates = candidates, look = look_] {
        return look_at_first(candidates, look);
      };
      tickets[number] = lane(number).start(work);
    }
    for (const auto& [number, candidates] : devices)
      add(samples, candidates, lane(number).finish(tickets[number], deadline));
  }

 private:
  using DeviceLane = Lane<std::optional<Seen>>;

  // Those of the host's first process; where its files are hidden from us, our own.
  std::vector<Mount> read_mounts(Samples& samples) const {
    auto path = proc_ / "1/mountinfo";
    auto text = try_read_file(path).text;
    if (!text) {
      path = proc_ / "self/mountinfo";
      text = read_file(path);
    }
    Mountinfo mountinfo = parse_mountinfo(text.value_or(""));
    for (const std::string& line : mountinfo.senseless)
      samples.problem(path.string() + ": makes no sense: " + line);
    return std::move(mountinfo.mounts);
  }

  static void add(Samples& samples, const Candidates& candidates,
                  const DeviceLane::Outcome& outcome) {
    const Candidate& best = candidates.front();
    if (outcome.late) samples.problem(best.folder.string() + ": the filesystem did not answer");
    if (!outcome.error.empty()) samples.problem(outcome.error);
    if (outcome.value && *outcome.value) {
      add_seen(samples, **outcome.value);
    } else if (best.mount.root == "/") {  // else it may be a file that a container was handed
      add_readonly(samples, best.mount);
    }
  }

  DeviceLane& lane(const DeviceNumber& number) {
    auto& lane = lanes_[number];
    if (!lane) lane = std::make_unique<DeviceLane>("filesystem");
    return *lane;
  }

  // A lane that is stuck stays: was its device mounted again, it would cost a second thread.
  void forget_all_but(const std::map<DeviceNumber, Candidates>& devices) {
    std::erase_if(lanes_, [&](const auto& entry) {
      return !devices.contains(entry.first) && !entry.second->stuck();
    });
  }

  const std::filesystem::path proc_;
  std::string root_;
  const LookAtFilesystem look_;
  std::map<DeviceNumber, std::unique_ptr<DeviceLane>> lanes_;
};

}  // namespace

std::unique_ptr<Collector> make_filesystem_collector(const Host& host, LookAtFilesystem look) {
  return std::make_unique<FilesystemCollector>(host, std::move(look));
}

CollectorInfo filesystem_collector() {
  return {.name = "filesystem",
          .what = "mounted filesystems: /proc/1/mountinfo, statfs",
          .metrics = kMetrics,
          .make = [](const Host& host, const Config&) -> std::unique_ptr<Collector> {
            // The machine that a copy was taken from may number its disks as this one does.
            if (is_procfs(host.proc)) return make_filesystem_collector(host, look_at_filesystem);
            return make_filesystem_collector(host, look_nowhere);
          }};
}

}  // namespace rig
