// What sysfs says of one md array: /sys/block/MD/md, and MD's own size, ro and slaves
// (Documentation/admin-guide/md.rst).
//
// Everything here is readable by everybody. No device is ever opened: whether a member's block
// device is still there is seen from its links.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

// The files' texts as read, before anyone looks into them.
struct MdSysfsText {
  struct Member {
    std::string folder;               // "dev-sda1"
    std::optional<std::string> slot;  // absent: gone between two reads, or not readable
    std::optional<std::string> state;
    std::optional<bool> device_present;  // absent: neither link can tell
    std::optional<std::string> errors = std::nullopt;
    std::optional<std::string> bad_blocks = std::nullopt;  // as it is: its last newline may lack
  };
  std::map<std::string, std::string, std::less<>>
      files;                          // by name; one that is not there is left out
  std::vector<Member> members;        // by folder
  std::vector<std::string> problems;  // "PATH: Input/output error"
};

// Reads the array whose folder is `block` (/sys/block/md0). Absent when there is no array, or when
// it was stopped while it was read. May block, as every read of md's files may.
std::optional<MdSysfsText> read_md_sysfs(const std::filesystem::path& block);

// A number with the one that was before a reshape: raid_disks "4 (3)", layout, chunk_size.
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
  std::uint32_t slot = 0;          // when role is slot
  bool state_known = false;        // dev-*/state was read; an empty text is no flag at all
  std::vector<std::string> flags;  // dev-*/state: in_sync, faulty, spare, write_mostly, …
  std::optional<bool> device_present;
  std::optional<std::uint64_t> corrected_read_errors;
  // The sum of what dev-*/bad_blocks lists. The kernel fills a page and leaves out the rest (some
  // 300 areas), and a disk that bad has to be seen rather than be absent.
  std::optional<std::uint64_t> bad_blocks_sectors;

  bool has(std::string_view flag) const;
};

// An absent field's file is not there, is empty, or its text is not a value ("none").
struct MdSysfs {
  std::optional<std::string> array_state;  // "clean", "read-auto", "broken", …
  std::optional<std::string> level;        // empty file: a container, or not started
  std::optional<MdReshaped> raid_disks;
  std::optional<MdReshaped> layout;
  std::optional<MdReshaped> chunk_size_bytes;
  std::optional<std::uint32_t> degraded;  // only levels with redundancy have this and sync_*
  std::optional<std::string> sync_action;
  // The action under way, else the one before: "recovery" where sync_action says "recover"; "none"
  // when there was none since the array was started.
  std::optional<std::string> last_sync_action;
  std::optional<std::uint64_t> mismatch_sectors;  // that this action found; after a repair: mended
  std::optional<MdPosition> sync_completed;       // lags behind /proc/mdstat
  bool sync_delayed = false;                      // sync_completed is "delayed"
  std::optional<std::uint64_t> sync_speed_kib_per_second;
  std::optional<std::uint64_t> resync_start_sectors;  // absent also when all is in sync ("none")
  std::optional<std::uint64_t> stripe_cache_size;     // stripes; RAID 4/5/6
  std::optional<std::uint64_t> stripe_cache_active;
  std::optional<std::string> metadata_version;  // "1.2", "external:imsm", "external:/md127/0"
  std::optional<std::string> consistency_policy;
  std::optional<std::string> uuid;                  // as mdadm writes it: "33345e67:0316d21e:…"
  std::optional<std::uint64_t> component_size_kib;  // 0 where members may differ (RAID 0)
  std::optional<std::uint64_t> size_sectors;        // /sys/block/MD/size; 0 while inactive
  std::optional<bool> read_only;                    // /sys/block/MD/ro

  std::vector<MdSysfsMember> members;
  std::vector<std::string> problems;  // what was there and could not be read or made no sense
};

MdSysfs parse_md_sysfs(const MdSysfsText& text);

}  // namespace rig
