// All that is read of the arrays in one scrape: mdstat, md's files, the disks under the members,
// and what the host's files call the arrays. What hangs or is refused costs itself.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "raid/md_sysfs.h"
#include "raid/mdadm_conf.h"
#include "raid/mdstat.h"
#include "raid/member_disks.h"
#include "rig/kernel/root_paths.h"
#include "rig/scrape/collector.h"
#include "rig/threads/task_pool.h"
#include "rig/threads/timed_task.h"

namespace rig {

// What a read brought. Unknown: it is late or failed, so that what it reads may be there or not.
template <typename T>
struct Answer {
  std::shared_ptr<const std::optional<T>> value;
  bool unknown() const { return !value; }
  const T* get() const { return value && *value ? &**value : nullptr; }
};

struct RaidSeen {
  Answer<Mdstat> mdstat;
  bool listed = false;                            // /sys/block is there and was read
  bool list_unknown = false;                      // it could not be read
  std::map<std::string, Answer<MdSysfs>> arrays;  // by kernel name, from sysfs
  std::map<ArrayAndMember, MemberDisk> disks;
  MdadmConf conf;
  std::map<std::string, std::string> aliases;  // md127 -> md/data: udev's links

  // Of all that may be arrays.
  std::set<std::string> names() const;
  std::string alias_of(const std::string& kernel_name) const;
  // Neither of the two places where arrays are told of is there.
  bool nowhere() const;
  // Every array there is has been named.
  bool complete() const;
};

// One call at a time.
class RaidSources {
 public:
  explicit RaidSources(const RootPaths& host);

  RaidSeen read(Samples& samples, Deadline deadline);

  const std::filesystem::path& mdstat_path() const { return mdstat_path_; }
  const std::filesystem::path& blocks_path() const { return blocks_path_; }

 private:
  // The names of the block devices that may be arrays; absent when there is no /sys/block.
  using Listing = std::optional<std::vector<std::string>>;
  // What the host's files say of arrays.
  struct HostFiles {
    MdadmConf conf;
    std::map<std::string, std::string> aliases;
  };

  static Listing list_arrays(const std::filesystem::path& blocks);
  static HostFiles read_host_files(const std::filesystem::path& root);
  void read_sysfs(RaidSeen& seen, Samples& samples, Deadline deadline);

  const std::filesystem::path mdstat_path_;
  const std::filesystem::path blocks_path_;
  const std::filesystem::path root_;
  TimedTask<std::optional<Mdstat>> mdstat_task_{"raid mdstat"};
  TimedTask<HostFiles> host_files_task_{"raid host files"};
  TimedTask<Listing> list_task_{"raid list"};
  TaskPool array_pool_{"raid array"};
  MemberDisks disks_;
};

}  // namespace rig
