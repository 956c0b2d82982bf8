// One md array as described by its files in sysfs (Documentation/admin-guide/md.rst).
//
// Pure functions, which may be called from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "raid/md_sysfs_text.h"

namespace rig {

// A number and, during a reshape, its old value: raid_disks "4 (3)", layout, chunk_size.
struct MdReshaped {
  std::int64_t now = 0;
  std::optional<std::int64_t> before;

  bool operator==(const MdReshaped&) const = default;
};

struct MdPosition {
  std::uint64_t done_sectors = 0;
  std::uint64_t total_sectors = 0;

  bool operator==(const MdPosition&) const = default;
};

struct MdSysfsMember {
  enum class Role { unknown, slot, none, journal };

  std::string name;  // "sda1", "cciss/c0d0" (sysfs writes "!" for "/")
  Role role = Role::unknown;
  std::uint32_t slot = 0;  // if role is slot
  // dev-*/state was read, and has one of the flags of which every member has at least one.
  bool state_known = false;
  std::vector<std::string> flags;  // dev-*/state: in_sync, faulty, spare, write_mostly, …
  std::optional<bool> device_present;
  std::optional<std::uint64_t> corrected_read_errors;
  // Sum of the areas in dev-*/bad_blocks. The kernel truncates the list after a page (about 300
  // areas): a lower bound is better than no value for a disk in such a state.
  std::optional<std::uint64_t> bad_blocks_sectors;

  bool has(std::string_view flag) const;
};

// A field is absent if its file is absent, empty, malformed, or has no value ("none").
struct MdSysfs {
  std::optional<std::string> array_state;  // "clean", "read-auto", "broken", …
  std::optional<std::string> level;        // absent for a container, or if not started
  std::optional<MdReshaped> raid_disks;
  std::optional<MdReshaped> layout;
  std::optional<MdReshaped> chunk_size_bytes;
  std::optional<std::uint32_t> degraded;  // only levels with redundancy have this and sync_*
  std::optional<std::string> sync_action;
  // The running action, else the last one: "recovery" where sync_action is "recover"; "none" if
  // there was none since the array was started.
  std::optional<std::string> last_sync_action;
  std::optional<std::uint64_t> mismatch_sectors;  // found by that action; a repair has fixed them
  std::optional<MdPosition> sync_completed;       // less up to date than /proc/mdstat
  bool sync_delayed = false;                      // sync_completed is "delayed"
  std::optional<std::uint64_t> sync_speed_kib_per_second;
  std::optional<std::uint64_t> resync_start_sectors;  // absent if all is in sync ("none")
  std::optional<std::uint64_t> stripe_cache_size;     // stripes; RAID 4/5/6
  std::optional<std::uint64_t> stripe_cache_active;
  std::optional<std::string> metadata_version;  // "1.2", "external:imsm", "external:/md127/0"
  std::optional<std::string> consistency_policy;
  std::optional<std::string> uuid;                  // as mdadm writes it: "33345e67:0316d21e:…"
  std::optional<std::uint64_t> component_size_kib;  // 0 if members can differ in size (RAID 0)
  // "bitmap", "llbitmap" (lockless, since Linux 6.18) or "none"; "bitmap" on older kernels, which
  // do not have the file.
  std::optional<std::string> bitmap_type;
  // The number of chunks of a lockless bitmap by state: unwritten, clean, dirty, need_sync,
  // syncing.
  std::map<std::string, std::uint64_t> bitmap_chunks;
  std::optional<std::uint64_t> size_sectors;  // /sys/block/MD/size; 0 while inactive
  std::optional<bool> read_only;              // /sys/block/MD/ro

  std::vector<MdSysfsMember> members;
  std::vector<Problem> problems;  // files that could not be read or are malformed
};

MdSysfs parse_md_sysfs(const MdSysfsText& text);

}  // namespace rig
