// /proc/mdstat, as md prints it (drivers/md/md.c, raid*.c and md-bitmap.c, 2.4 to 7.2).
//
// What mdstat says of a member is its number in the array's list of devices, not its slot, and it
// says "repair" as "resync"; md's sysfs folder (see md_sysfs.h) knows both. Before 6.12 mdstat does
// not tell a dead RAID 0 from a healthy one.
//
// Pure functions: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

struct MdstatMember {
  std::string name;  // "sda1"
  int number = 0;    // desc_nr: not the slot
  bool write_mostly = false;
  bool journal = false;
  bool faulty = false;  // md prints no flag after this one: `spare` and `replacement` are unknown
  bool spare = false;   // has no slot; so have all members of an inactive array
  bool replacement = false;

  bool operator==(const MdstatMember&) const = default;
};

// What follows from "near-copies", "far-copies" and "offset-copies" of RAID 10.
struct MdstatRaid10 {
  unsigned near_copies = 1;
  unsigned far_copies = 1;
  bool offset = false;
  std::optional<unsigned> devices_per_set;

  bool operator==(const MdstatRaid10&) const = default;
};

struct MdstatProgress {
  std::string action;           // "resync" (a repair too), "recovery", "check", "reshape"
  std::optional<double> ratio;  // absent when the kernel's position makes no sense (5.10 can wrap)
  std::optional<std::uint64_t> done_kib;  // of one member, save for RAID 10
  std::optional<std::uint64_t> total_kib;
  std::optional<double> finish_minutes;  // absurd when the speed is 0
  std::optional<std::uint64_t> speed_kib_per_second;
};

struct MdstatWaiting {
  std::string action;  // "resync" whatever waits, except for remote work
  std::string reason;  // "delayed", "pending", "remote"
};

// md keeps counters of what was written, a page of them in memory only while one is not 0.
struct MdstatBitmap {
  std::uint64_t dirty_pages = 0;  // in memory; never more than `pages`
  std::uint64_t pages = 0;        // all that the array's size takes
  std::uint64_t chunk_bytes = 0;  // of data that one counter stands for; never 0
  std::string file;               // empty: beside the superblock. Blanks are written as "\\040"

  bool operator==(const MdstatBitmap&) const = default;
};

struct MdstatArray {
  std::string name;   // "md0", "md127", "md_home", "md_d0"
  std::string state;  // "active", "inactive", "broken" or any later word; empty: not understood
  bool read_only = false;
  bool auto_read_only = false;
  std::optional<std::string> level;  // "raid1"; absent while inactive
  std::vector<MdstatMember> members;

  // False when a line of it made no sense: what is absent here may have stood there.
  bool understood = true;

  // From the status line.
  bool has_status = false;
  std::optional<std::uint64_t> size_bytes;  // of an inactive array: the sum of its members
  std::optional<std::string> metadata;      // "1.2", "external:imsm"; 0.90 is not printed
  std::optional<unsigned> disks_required;   // [n/m]; levels without redundancy have none
  std::optional<unsigned> disks_working;    // may exceed `disks_required`
  std::string slots;  // "UU_", one a slot, "_" where no disk serves; empty: not printed
  std::optional<std::uint64_t> chunk_bytes;
  std::optional<unsigned> algorithm;   // RAID 4/5/6
  std::optional<MdstatRaid10> raid10;  // RAID 10

  std::optional<MdstatProgress> progress;
  std::optional<MdstatWaiting> waiting;
  std::optional<MdstatBitmap> bitmap;
};

struct MdstatProblem {
  std::string array;  // empty: of no array that could be named
  std::string what;
};

struct Mdstat {
  std::vector<MdstatArray> arrays;  // in the file's order, each name once
  std::vector<MdstatProblem> problems;
};

// Takes any text. A line that makes no sense becomes a problem and costs what it would have said of
// its own array: an array with a senseless first line has a name and nothing else.
Mdstat parse_mdstat(std::string_view text);

}  // namespace rig
