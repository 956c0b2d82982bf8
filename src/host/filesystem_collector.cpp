// Sizes are reported only if the expected filesystem is mounted at the path: in a container without
// the host's mounts, or with a copy of another machine's /proc, a different filesystem is mounted
// there. The read-only state comes from mountinfo and the error counts of ext4 from sysfs; neither
// accesses the filesystem.
#include "host/filesystem_collector.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "host/ext4_errors.h"
#include "host/filesystem_metrics.h"
#include "host/mount_selection.h"
#include "host/mountinfo.h"
#include "rig/config/config.h"
#include "rig/kernel/files.h"
#include "rig/kernel/line_reader.h"
#include "rig/log/log.h"
#include "rig/scrape/collectors.h"
#include "rig/threads/task_pool.h"
#include "rig/threads/timed_task.h"

namespace rig {
namespace {

using LocatedMounts = std::vector<LocatedMount>;

// More malformed lines are not quoted.
constexpr std::size_t kMaxQuotes = 5;

// Every btrfs subvolume has its own device number, so that only the type can be compared.
bool matches(const FilesystemUsage& usage, const Mount& mount) {
  return mount.fstype == "btrfs"
             ? usage.is_btrfs
             : usage.device_major == mount.device_major && usage.device_minor == mount.device_minor;
}

struct MountUsage {
  Mount mount;
  FilesystemUsage usage;
};

// The first of the mounts of a device that this process can access.
ReadResult<MountUsage> stat_first_match(const LocatedMounts& mounts, const StatFilesystem& stat) {
  if (!stat) return std::nullopt;
  for (const auto& [mount, directory] : mounts) {
    const auto usage = stat(directory);
    if (usage.problem()) return *usage.problem();
    if (usage && matches(*usage, mount)) return MountUsage{mount, *usage};
  }
  log_debug(mounts.front().directory.string() + ": " + mounts.front().mount.source +
            " is mounted, but not accessible to this process: sizes omitted");
  return std::nullopt;
}

using AllExt4Errors = std::map<DeviceNumber, Ext4Errors>;

AllExt4Errors read_all_ext4_errors(const std::filesystem::path& sys, const Devices& devices) {
  AllExt4Errors errors;
  for (const auto& [number, mounts] : devices) {
    if (mounts.front().mount.fstype.starts_with("ext"))
      errors[number] = read_ext4_errors(sys, number.first, number.second);
  }
  return errors;
}

std::string key_of(const DeviceNumber& number) {
  return std::to_string(number.first) + ":" + std::to_string(number.second);
}

class FilesystemCollector : public Collector {
 public:
  FilesystemCollector(const RootPaths& roots, StatFilesystem stat, unsigned max_filesystems)
      : max_filesystems_(max_filesystems),
        proc_(roots.proc),
        sys_(roots.sys),
        root_(roots.root.string()),
        stat_(std::move(stat)),
        ext4_task_("ext4 errors", sys_ / "fs/ext4") {
    while (root_.size() > 1 && root_.ends_with('/')) root_.pop_back();
  }

  void collect(Samples& samples, Deadline deadline) override {
    const Mounts selected = read_mounts(samples);
    add_omitted(samples, selected.omitted);
    const Devices& devices = selected.devices;
    const auto ticket =
        ext4_task_.start([sys = sys_, devices] { return read_all_ext4_errors(sys, devices); });
    const auto usages = stat_all(devices, deadline);
    const auto errors = ext4_task_.result(ticket, deadline);
    samples.value_or_problem(errors);
    if (stat_) add_no_access(samples, selected, usages);
    std::map<DeviceNumber, std::string> mountpoints;
    for (const auto& [number, mounts] : devices) {
      const auto& usage = usages.at(key_of(number));
      const Mount* const reported =
          add(samples, last_mount(number, mounts), mounts.front().mount, usage);
      if (!reported) continue;
      mountpoints[number] = reported->mountpoint;
      if (errors) add_ext4(samples, *reported, number, *errors);
    }
    last_mountpoints_ = std::move(mountpoints);
  }

 private:
  using Usages = std::map<std::string, ReadResult<MountUsage>>;

  struct Mounts {
    Devices devices;
    std::size_t omitted = 0;  // filesystems
    bool lacks_root = false;
  };

  // From the first process of the host or, if it is not accessible (hidepid), from this process.
  Mounts read_mounts(Samples& samples) const {
    const auto file = proc_ / "1/mountinfo";
    const auto own_file = proc_ / "self/mountinfo";
    std::vector<Problem> problems;
    Mounts mounts;
    auto result = read_mounts(file, mounts, problems);
    // Not if it was accessible and then failed.
    if (!result && mounts.devices.empty()) {
      const auto own = read_mounts(own_file, mounts, problems);
      if (own || own.problem() != nullptr) result = own;
    }
    for (Problem& problem : problems) samples.add_problem(std::move(problem));
    samples.value_or_problem(result);
    return mounts;
  }

  ReadResult<bool> read_mounts(const std::filesystem::path& file, Mounts& mounts,
                               std::vector<Problem>& problems) const {
    MountSelection selection(root_, max_filesystems_);
    auto complete = read_lines(file, [&](std::string_view line) {
      if (const auto mount = parse_mount_line(line)) return selection.add(*mount);
      if (problems.size() < kMaxQuotes) problems.push_back(Problem::malformed(file, line));
    });
    mounts = {selection.devices(), selection.left_out(), selection.lacks_root()};
    if (complete && !*complete) problems.push_back(Problem::truncated(file));
    return complete;
  }

  // By device; absent for those that this process cannot access.
  Usages stat_all(const Devices& devices, Deadline deadline) {
    std::map<std::string, PoolTask<MountUsage>> tasks;
    for (const auto& [number, mounts] : devices) {
      const Mount* const last = last_mount(number, mounts);
      tasks[key_of(number)] = {
          (last ? *last : mounts.front().mount).mountpoint,
          [mounts = mounts, stat = stat_] { return stat_first_match(mounts, stat); }};
    }
    return pool_.run_all(std::move(tasks), deadline);
  }

  // The mount that was reported at the last scrape, if it still exists.
  const Mount* last_mount(const DeviceNumber& number, const LocatedMounts& mounts) const {
    const auto at = last_mountpoints_.find(number);
    if (at == last_mountpoints_.end()) return nullptr;
    const auto same = std::ranges::find_if(mounts, [&](const LocatedMount& located) {
      return located.mount.mountpoint == at->second;
    });
    return same == mounts.end() ? nullptr : &same->mount;
  }

  // Returns the mount that was reported: the one whose sizes are known, otherwise the same as at
  // the last scrape. Null if none was.
  static const Mount* add(Samples& samples, const Mount* last, const Mount& preferred,
                          const ReadResult<MountUsage>& usage) {
    if (samples.value_or_problem(usage)) {
      add_sizes(samples, usage->mount, usage->usage);
      add_readonly(samples, usage->mount);
      return &usage->mount;
    }
    const Mount& likely = last ? *last : preferred;
    // Otherwise it may be a single file that is bind-mounted into a container.
    if (!last && !likely.is_whole_tree()) return nullptr;
    add_readonly(samples, likely);
    return &likely;
  }

  // A container without the host's root filesystem, with its own mounts or with those of the host.
  void add_no_access(Samples& samples, const Mounts& mounts, const Usages& usages) const {
    const auto is_known = [](const auto& usage) {
      return usage.second || usage.second.problem() != nullptr;
    };
    if (std::ranges::any_of(usages, is_known)) return;
    const bool is_mounted = std::ranges::any_of(mounts.devices, [](const auto& device) {
      return device.second.front().mount.is_whole_tree();
    });
    if (is_mounted || mounts.lacks_root)
      samples.add_problem({Reason::not_permitted, root_,
                           "no filesystem of a disk is accessible: a container needs --volume "
                           "/:/rootfs:ro,rslave and --path.rootfs=/rootfs"});
  }

  static void add_ext4(Samples& samples, const Mount& mount, const DeviceNumber& number,
                       const AllExt4Errors& all) {
    const auto errors = all.find(number);
    if (errors == all.end()) return;
    for (const Problem& problem : errors->second.problems) samples.add_problem(problem);
    add_errors(samples, mount, errors->second);
  }

  const unsigned max_filesystems_;
  const std::filesystem::path proc_;
  const std::filesystem::path sys_;
  std::string root_;
  const StatFilesystem stat_;
  std::map<DeviceNumber, std::string> last_mountpoints_;  // as reported at the last scrape
  TimedTask<AllExt4Errors> ext4_task_;
  TaskPool pool_{"filesystem"};
};

}  // namespace

std::unique_ptr<Collector> make_filesystem_collector(const RootPaths& roots, StatFilesystem stat,
                                                     unsigned max_filesystems) {
  return std::make_unique<FilesystemCollector>(roots, std::move(stat), max_filesystems);
}

CollectorInfo filesystem_collector() {
  return {.name = "filesystem",
          .help = "mounted filesystems: /proc/1/mountinfo, statfs, /sys/fs/ext4",
          .metrics = filesystem_metrics(),
          .make = [](const RootPaths& roots, const Config& config) -> std::unique_ptr<Collector> {
            return make_filesystem_collector(
                roots, is_procfs(roots.proc) ? stat_filesystem : nullptr, config.filesystem.max);
          }};
}

}  // namespace rig
