// Reads everything the RAID collector needs in one scrape: /proc/mdstat, md's files in sysfs, the
// disks under the members, and the names of the arrays in the host's configuration. A read that
// times out or fails does not affect the others.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "raid/md_sysfs.h"
#include "raid/mdadm_conf.h"
#include "raid/mdstat.h"
#include "raid/member_disks.h"
#include "raid/raid_array.h"
#include "rig/kernel/read_result.h"
#include "rig/kernel/root_paths.h"
#include "rig/scrape/collector.h"
#include "rig/threads/task_pool.h"
#include "rig/threads/timed_task.h"

namespace rig {

struct RaidSnapshot {
  ReadResult<Mdstat> mdstat;
  ReadResult<std::vector<std::string>> devices;  // in /sys/block, that may be arrays
  std::map<std::string, MdSysfs> sysfs;          // by device
  std::set<std::string> unread;                  // devices that could not be read
  std::map<ArrayAndMember, MemberDisk> disks;
  MdadmConf conf;
  std::map<std::string, std::string> aliases;  // md127 -> md/data: udev's links

  std::map<std::string, RaidArray> arrays() const;  // by kernel name
  std::string alias_of(const std::string& kernel_name) const;
  // Neither /proc/mdstat nor /sys/block exists.
  bool has_no_source() const;
  // Every existing array is in arrays().
  bool is_complete() const;
  // Arrays that mdstat lists and whose state sysfs does not provide although it was read.
  std::vector<std::string> arrays_without_state() const;
};

// One call at a time.
class RaidReader {
 public:
  explicit RaidReader(const RootPaths& paths);

  RaidSnapshot read(Samples& samples, Deadline deadline);

  const std::filesystem::path& mdstat_path() const { return mdstat_path_; }
  const std::filesystem::path& blocks_path() const { return blocks_path_; }

 private:
  struct HostFiles {
    MdadmConf conf;
    std::map<std::string, std::string> aliases;
  };

  static HostFiles read_host_files(const std::filesystem::path& root);
  void read_sysfs(RaidSnapshot& snapshot, Samples& samples, Deadline deadline);

  const std::filesystem::path mdstat_path_;
  const std::filesystem::path blocks_path_;
  const std::filesystem::path root_;
  TimedTask<Mdstat> mdstat_task_;
  TimedTask<HostFiles> host_files_task_;
  TimedTask<std::vector<std::string>> devices_task_;
  TaskPool array_pool_{"raid array"};
  MemberDisks disks_;
};

}  // namespace rig
