// Everything that parse_mdstat() returns, short enough to be written out in a test: one line per
// array, "NAME STATE LEVEL, KIB KiB, metadata, n/m PATTERN, members with their numbers and flags,
// sync, …". Absent values are left out.
#pragma once

#include <fmt/format.h>

#include <string>

#include "raid/mdstat.h"

namespace rig {

inline std::string summary(const MdstatMember& member) {
  std::string text = fmt::format(" {}[{}]", member.name, member.number);
  if (member.write_mostly || member.journal || member.faulty || member.spare || member.replacement)
    text += ':';
  if (member.write_mostly) text += 'W';
  if (member.journal) text += 'J';
  if (member.faulty) text += 'F';
  if (member.spare) text += 'S';
  if (member.replacement) text += 'R';
  return text;
}

inline std::string summary(const MdstatProgress& progress) {
  std::string text = ", " + progress.action;
  if (progress.done_kib) text += fmt::format(" {}/{}", *progress.done_kib, *progress.total_kib);
  if (!progress.ratio) text += " no ratio";
  if (progress.finish_minutes) text += fmt::format(" {}min", *progress.finish_minutes);
  if (progress.speed_kib_per_second) text += fmt::format(" {}K/s", *progress.speed_kib_per_second);
  return text;
}

inline std::string summary(const MdstatRaid10& raid10) {
  return fmt::format(", near {} {} {}", raid10.near_copies, raid10.offset ? "offset" : "far",
                     raid10.far_copies);
}

inline std::string summary(const MdstatArray& array) {
  std::string text = array.name + ' ' + array.state;
  if (array.read_only) text += " ro";
  if (array.auto_read_only) text += " auto-ro";
  if (array.level) text += ' ' + *array.level;
  if (array.size_bytes) text += fmt::format(", {} KiB", *array.size_bytes / 1024);
  if (array.metadata) text += ", " + *array.metadata;
  if (array.chunk_bytes) text += fmt::format(", chunk {}", *array.chunk_bytes / 1024);
  if (array.algorithm) text += fmt::format(", algorithm {}", *array.algorithm);
  if (array.raid10) text += summary(*array.raid10);
  if (array.disks_required)
    text += fmt::format(", {}/{}", *array.disks_required, *array.disks_working);
  if (!array.slots.empty()) text += ' ' + array.slots;
  text += ',';
  for (const auto& member : array.members) text += summary(member);
  if (array.progress) text += summary(*array.progress);
  if (array.waiting) text += ", " + array.waiting->action + ' ' + array.waiting->reason;
  if (array.bitmap) {
    const auto& bitmap = *array.bitmap;
    text += fmt::format(", bitmap {}/{} of {}{}", bitmap.dirty_pages, bitmap.pages,
                        bitmap.chunk_bytes / 1024, bitmap.file);
  }
  return text + '\n';
}

// With a line "PROBLEM …" for each problem.
inline std::string summary(std::string_view text) {
  const auto mdstat = parse_mdstat(text);
  std::string result;
  for (const auto& array : mdstat.arrays) result += summary(array);
  for (const auto& problem : mdstat.problems)
    result += "PROBLEM " + problem.array + ' ' + problem.problem.detail + '\n';
  return result;
}

}  // namespace rig
