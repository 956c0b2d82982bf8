// One array's texts of /proc/mdstat and sysfs, through both parsers and together: what comes out
// makes sense whatever goes in, and what says that an array is dead is believed.
//
// The input is a row of files: a line "@ NAME", then the file's text. NAME is "mdstat", a file of
// md/, "dev-X/slot", "dev-X/state", or "dev-X/block" with the text "present", "vanished" or
// "unknown".
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "invariant.h"
#include "raid/md_sysfs.h"
#include "raid/mdstat.h"
#include "raid/raid_array.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::uint32_t kMostSlots = 4096;

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
    texts.mdstat = text;
    return;
  }
  const std::string line(trim(text));
  if (!name.starts_with("dev-")) {
    texts.sysfs.files[std::string(name)] = line;
    return;
  }
  const auto [directory, file] = split_at(name, '/');
  auto& of = member(texts.sysfs, directory);
  if (file == "slot") of.slot = line;
  if (file == "state") of.state = line;
  if (file == "block" && line != "unknown") of.device_present = line == "present";
}

Texts split_files(std::string_view input) {
  constexpr std::string_view kMark = "@ ";
  Texts texts;
  while (input.starts_with(kMark)) {
    const auto end = std::min(input.find("\n@ "), input.size());
    const auto [name, text] = split_at(input.substr(kMark.size(), end - kMark.size()), '\n');
    add_file(texts, name, text);
    input = input.substr(std::min(end + 1, input.size()));
  }
  return texts;
}

void check_sync(const RaidSync& sync) {
  require(!sync.progress_ratio || (*sync.progress_ratio >= 0 && *sync.progress_ratio <= 1),
          "progress is in 0..1");
  require(!sync.speed_bytes_per_second || *sync.speed_bytes_per_second >= 0, "no speed is below 0");
  require(!sync.remaining_seconds || std::isfinite(*sync.remaining_seconds), "the rest is finite");
}

void check_counts(const RaidDisks& disks, std::size_t members) {
  for (const auto count : {disks.rebuilding, disks.spare, disks.faulty, disks.journal})
    require(count.value_or(0) <= members, "no more disks play a role than there are");
  require(disks.missing.value_or(0) <= kMostSlots,
          "no more slots are empty than an array can have");
}

void check(const RaidArray& array) {
  check_sync(array.sync);
  check_counts(array.disks, array.members.size());
  const bool dead = array.state == "broken" || array.state == "inactive";
  require(!dead || array.verdict.usable != true, "a dead array is not usable");
  require(array.verdict.usable != false || array.verdict.failures_tolerated.value_or(0) == 0,
          "an array that is lost tolerates nothing");
  require(array.container != true || !array.verdict.usable, "a container is not judged");
}

void check_sizes(const RaidArray& array, const MdSysfs& sysfs) {
  require(!array.size_bytes || *array.size_bytes / 512 == sysfs.size_sectors,
          "a size in sectors has not wrapped around");
  require(
      !array.component_size_bytes || *array.component_size_bytes / 1024 == sysfs.component_size_kib,
      "a size in KiB has not wrapped around");
}

// Where every slot counts, and where no slot is alive.
void check_usable(const RaidArray& array, const MdSysfs& sysfs) {
  if (array.verdict.usable != true) return;
  const auto holds_data = [](const MdSysfsMember& m) {
    return m.role == MdSysfsMember::Role::slot && m.has("in_sync") && !m.has("faulty") &&
           m.device_present != false;
  };
  const auto alive = std::ranges::count_if(sysfs.members, holds_data);
  require(alive > 0, "an array without a live member is not usable");
  require(array.level != "raid0" || alive >= sysfs.raid_disks->now,
          "a RAID 0 that lost a member is not usable");
}

void check_all(const Texts& texts) {
  const Mdstat mdstat = parse_mdstat(texts.mdstat);
  const MdSysfs sysfs = parse_md_sysfs(texts.sysfs);
  require(sysfs.members.size() == texts.sysfs.members.size(), "each folder is one member");
  const MdstatArray* first = mdstat.arrays.empty() ? nullptr : &mdstat.arrays[0];
  if (first) {
    const auto array = merge_raid_array(first->name, first, nullptr);
    require(array.has_value(), "what mdstat lists is an array");
    check(*array);
    require(array->degraded_disks.value_or(0) <= array->disks_required.value_or(0),
            "no more disks are missed than required");
    require(first->state != "broken" || array->verdict.usable != true,
            "a broken array is not usable");
  }
  for (const MdstatArray* listed : {static_cast<const MdstatArray*>(nullptr), first}) {
    const auto array = merge_raid_array("md0", listed, &sysfs);
    if (!array || !sysfs.array_state) continue;
    check(*array);
    check_sizes(*array, sysfs);
    check_usable(*array, sysfs);
  }
}

}  // namespace
}  // namespace rig

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  rig::check_all(rig::split_files(input));
  return 0;
}
