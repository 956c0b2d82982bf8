// Sizes are asked for where the mount can be seen: in a container without the host's mounts, or
// with the files of another machine, something else stands at that path, and there is no sample.
// Whether the superblock takes writes is in mountinfo itself, and ext4's counts are in sysfs:
// neither needs a look.
#include "host/filesystem_collector.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "host/ext4_errors.h"
#include "host/filesystem_metrics.h"
#include "host/filesystem_mounts.h"
#include "host/mountinfo.h"
#include "rig/kernel/files.h"
#include "rig/log/log.h"
#include "rig/scrape/collectors.h"
#include "rig/threads/task_pool.h"
#include "rig/threads/timed_task.h"

namespace rig {
namespace {

using LocatedMounts = std::vector<LocatedMount>;
using Devices = std::map<DeviceNumber, LocatedMounts>;

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

std::optional<Seen> look_at_first(const LocatedMounts& mounts, const LookAtFilesystem& look) {
  for (const auto& [mount, folder] : mounts) {
    const auto view = look(folder);
    if (view && is_that(*view, mount)) return Seen{mount, *view};
  }
  log_debug(mounts.front().folder.string() + ": " + mounts.front().mount.source +
            " is mounted, but cannot be seen here: no sizes of it");
  return std::nullopt;
}

using AllExt4Errors = std::map<DeviceNumber, Ext4Errors>;

AllExt4Errors read_all_ext4_errors(const std::filesystem::path& sys, const Devices& devices) {
  AllExt4Errors errors;
  for (const auto& [number, mounts] : devices) {
    if (mounts.front().mount.fstype.starts_with("ext"))
      errors[number] = parse_ext4_errors(read_ext4_errors(sys, number.first, number.second));
  }
  return errors;
}

std::string key_of(const DeviceNumber& number) {
  return std::to_string(number.first) + ":" + std::to_string(number.second);
}

class FilesystemCollector : public Collector {
 public:
  FilesystemCollector(const RootPaths& host, LookAtFilesystem look)
      : proc_(host.proc), sys_(host.sys), root_(host.root.string()), look_(std::move(look)) {
    while (root_.size() > 1 && root_.ends_with('/')) root_.pop_back();
  }

  void collect(Samples& samples, Deadline deadline) override {
    const Devices devices = mounts_by_device(read_mounts(samples), root_);
    const auto ticket =
        errors_lane_.start([sys = sys_, devices] { return read_all_ext4_errors(sys, devices); });
    auto looks = look_at_all(devices, deadline);
    const auto errors = errors_lane_.finish(ticket, deadline);
    if (errors.late) samples.problem((sys_ / "fs/ext4").string() + ": does not come back");
    if (!errors.error.empty()) samples.problem(errors.error);
    const AllExt4Errors none;
    std::map<DeviceNumber, std::string> shown_at;
    for (const auto& [number, mounts] : devices) {
      const Mount* const before = shown_before(number, mounts);
      const Mount* const shown = add(samples, before, mounts.front().mount, looks[key_of(number)]);
      if (!shown) continue;
      shown_at[number] = shown->mountpoint;
      add_ext4(samples, *shown, number, errors.value ? *errors.value : none);
    }
    shown_at_ = std::move(shown_at);
  }

 private:
  using Look = TimedTask<std::optional<Seen>>::Outcome;

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

  std::map<std::string, Look> look_at_all(const Devices& devices, Deadline deadline) {
    std::map<std::string, std::function<std::optional<Seen>()>> looks;
    for (const auto& [number, mounts] : devices)
      looks[key_of(number)] = [mounts = mounts, look = look_] {
        return look_at_first(mounts, look);
      };
    return crew_.run(std::move(looks), deadline);
  }

  // The mount that it was shown as at the last scrape, if it is still there.
  const Mount* shown_before(const DeviceNumber& number, const LocatedMounts& mounts) const {
    const auto at = shown_at_.find(number);
    if (at == shown_at_.end()) return nullptr;
    const auto same = std::ranges::find_if(mounts, [&](const LocatedMount& located) {
      return located.mount.mountpoint == at->second;
    });
    return same == mounts.end() ? nullptr : &same->mount;
  }

  // The mount that it is shown as, if it is: the one that was seen, else the same as before.
  static const Mount* add(Samples& samples, const Mount* before, const Mount& best,
                          const Look& look) {
    const Mount& likely = before ? *before : best;
    if (look.late) samples.problem(likely.mountpoint + ": the filesystem did not answer");
    if (!look.error.empty()) samples.problem(look.error);
    if (look.value && *look.value) {
      const Seen& seen = **look.value;
      add_sizes(samples, seen.mount, seen.view);
      add_readonly(samples, seen.mount);
      return &seen.mount;
    }
    // Else it may be a file that a container was handed.
    if (!before && likely.root != "/") return nullptr;
    add_readonly(samples, likely);
    return &likely;
  }

  static void add_ext4(Samples& samples, const Mount& mount, const DeviceNumber& number,
                       const AllExt4Errors& all) {
    const auto errors = all.find(number);
    if (errors == all.end()) return;
    for (const std::string& problem : errors->second.problems) samples.problem(problem);
    add_errors(samples, mount, errors->second);
  }

  const std::filesystem::path proc_;
  const std::filesystem::path sys_;
  std::string root_;
  const LookAtFilesystem look_;
  std::map<DeviceNumber, std::string> shown_at_;  // the mountpoint, at the last scrape
  TimedTask<AllExt4Errors> errors_lane_{"ext4 errors"};
  TaskPool crew_{"filesystem"};
};

}  // namespace

std::unique_ptr<Collector> make_filesystem_collector(const RootPaths& host, LookAtFilesystem look) {
  return std::make_unique<FilesystemCollector>(host, std::move(look));
}

CollectorInfo filesystem_collector() {
  return {.name = "filesystem",
          .what = "mounted filesystems: /proc/1/mountinfo, statfs, /sys/fs/ext4",
          .metrics = filesystem_metrics(),
          .make = [](const RootPaths& host, const Config&) -> std::unique_ptr<Collector> {
            // The machine that a copy was taken from may number its disks as this one does.
            if (is_procfs(host.proc)) return make_filesystem_collector(host, look_at_filesystem);
            return make_filesystem_collector(host, look_nowhere);
          }};
}

}  // namespace rig
