// Reads md's files of one array: /sys/block/MD/md, and MD's own size, ro and slaves
// (Documentation/admin-guide/md.rst).
//
// All of them are world-readable. No block device is opened: whether a member's device still exists
// follows from links in sysfs.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rig/kernel/problem.h"
#include "rig/kernel/read_result.h"

namespace rig {

// Unparsed contents of the files.
struct MdSysfsText {
  std::string block;  // the array's directory
  struct Member {
    std::string directory;            // "dev-sda1"
    std::optional<std::string> slot;  // absent: removed between two reads, or not readable
    std::optional<std::string> state;
    std::optional<bool> device_present;  // absent: unknown, since neither link exists
    std::optional<std::string> errors = std::nullopt;
    std::optional<std::string> bad_blocks = std::nullopt;  // not trimmed: may lack its last newline
  };
  // By name ("level", "llbitmap/bits"), without absent ones; trimmed.
  std::map<std::string, std::string, std::less<>> files;
  std::vector<Member> members;    // by directory
  std::vector<Problem> problems;  // files that could not be read
};

// Reads the array whose directory is `block` (/sys/block/md0). Absent if there is no array, or it
// was stopped in the meantime. May hang, like every read of md's files.
ReadResult<MdSysfsText> read_md_sysfs(const std::string& block);

}  // namespace rig
