// One array in /proc/mdstat and sysfs, from each source and combined: the result is plausible for
// any input, and an array that one of them reports as failed is not usable.
//
// The input is a sequence of files: a line "@ NAME", then the file's content. NAME is "mdstat", a
// file in md/, "dev-X/slot", "dev-X/state", or "dev-X/block" with "present", "vanished" or
// "unknown".
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "invariant.h"
#include "raid/md_sysfs.h"
#include "raid/mdstat.h"
#include "raid/raid_array.h"
#include "raid/raid_array_from_mdstat.h"
#include "raid/raid_array_overlay.h"
#include "raid/raid_assessment.h"
#include "rig/kernel/text.h"
#include "split_files.h"

namespace rig {
namespace {

constexpr std::uint32_t kMaxSlots = 4096;

struct Texts {
  std::string mdstat;
  MdSysfsText sysfs;
};

MdSysfsText::Member& member(MdSysfsText& sysfs, std::string_view directory) {
  for (auto& known : sysfs.members) {
    if (known.directory == directory) return known;
  }
  return sysfs.members.emplace_back(MdSysfsText::Member{std::string(directory), {}, {}, {}});
}

void add_file(Texts& texts, std::string_view name, std::string_view text) {
  if (name == "mdstat") {
    texts.mdstat = std::string(text) + '\n';
    return;
  }
  const std::string line(trim(text));
  if (!name.starts_with("dev-")) {
    texts.sysfs.files[std::string(name)] = line;
    return;
  }
  const auto [directory, file] = split_at(name, '/');
  auto& target = member(texts.sysfs, directory);
  if (file == "slot") target.slot = line;
  if (file == "state") target.state = line;
  if (file == "block" && line != "unknown") target.device_present = line == "present";
}

Texts split_files(std::string_view input) {
  Texts texts;
  for_each_file(input, [&](auto name, auto text) { add_file(texts, name, text); });
  return texts;
}

void check_sync(const RaidSync& sync) {
  require(!sync.progress_ratio || (*sync.progress_ratio >= 0 && *sync.progress_ratio <= 1),
          "progress is in 0..1");
  require(!sync.speed_bytes_per_second || *sync.speed_bytes_per_second >= 0,
          "a speed is not negative");
  require(!sync.remaining_seconds || std::isfinite(*sync.remaining_seconds),
          "the remaining time is finite");
}

void check_counts(const RaidDisks& disks, std::size_t members) {
  for (const auto count : {disks.rebuilding, disks.spare, disks.faulty, disks.journal})
    require(count.value_or(0) <= members, "a role has no more disks than the array has members");
  require(disks.missing.value_or(0) <= kMaxSlots,
          "no more slots are missing than an array can have");
}

void check(const RaidArray& array) {
  check_sync(array.sync);
  check_counts(array.disks, array.members.size());
  const RaidAssessment assessment = assess(array);
  const bool failed = array.state == "broken" || array.state == "inactive";
  require(!failed || assessment.usable != true, "a broken or inactive array is not usable");
  require(assessment.usable != false || assessment.failures_tolerated.value_or(0) == 0,
          "an array that is lost tolerates no failure");
  require(array.container != true || !assessment.usable, "a container is not assessed");
}

void check_sizes(const RaidArray& array, const MdSysfs& sysfs) {
  require(!array.size_bytes || *array.size_bytes / 512 == sysfs.size_sectors,
          "a size in sectors does not overflow");
  require(
      !array.component_size_bytes || *array.component_size_bytes / 1024 == sysfs.component_size_kib,
      "a size in KiB does not overflow");
}

// Levels that need every slot, and arrays without any working member.
void check_usable(const RaidArray& array, const MdSysfs& sysfs) {
  if (assess(array).usable != true) return;
  const auto holds_data = [](const MdSysfsMember& m) {
    return m.role == MdSysfsMember::Role::slot && m.has("in_sync") && !m.has("faulty") &&
           m.device_present != false;
  };
  const auto working = std::ranges::count_if(sysfs.members, holds_data);
  require(working > 0, "an array without a working member is not usable");
  require(array.level != "raid0" || working >= sysfs.raid_disks->now,
          "a RAID 0 that lost a member is not usable");
}

void check_mdstat_alone(const Mdstat& mdstat) {
  const auto arrays = combine_raid_arrays(mdstat, {});
  require(arrays.size() == mdstat.arrays.size(), "every array in mdstat is reported");
  for (const MdstatArray& listed : mdstat.arrays) {
    const RaidArray& array = arrays.at(listed.name);
    check(array);
    require(assess(array).usable != true, "mdstat alone does not make an array usable");
    require(array.degraded_disks.value_or(0) <= array.disks_required.value_or(0),
            "no more disks are missing than required");
  }
}

void check_with_sysfs(const Mdstat& mdstat, const MdSysfs& sysfs) {
  const std::string name = mdstat.arrays.empty() ? "md0" : mdstat.arrays[0].name;
  const auto arrays = combine_raid_arrays(mdstat, {{name, sysfs}});
  if (!sysfs.array_state || sysfs.array_state == "clear") return;
  const RaidArray& array = arrays.at(name);
  check(array);
  check_sizes(array, sysfs);
  check_usable(array, sysfs);
}

void check_all(const Texts& texts) {
  const Mdstat mdstat = parse_mdstat(texts.mdstat);
  const MdSysfs sysfs = parse_md_sysfs(texts.sysfs);
  require(sysfs.members.size() == texts.sysfs.members.size(), "each directory is one member");
  check_mdstat_alone(mdstat);
  check_with_sysfs({}, sysfs);
  check_with_sysfs(mdstat, sysfs);
}

}  // namespace
}  // namespace rig

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  rig::check_all(rig::split_files(input));
  return 0;
}
