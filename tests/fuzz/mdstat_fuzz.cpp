// parse_mdstat() accepts any text: array names are unique, numbers are plausible, and no line
// affects an array that it does not belong to.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "invariant.h"
#include "raid/mdstat.h"

namespace rig {
namespace {

constexpr std::string_view kOther = "md_other";
constexpr std::string_view kOtherBlock =
    "md_other : active raid1 sdz1[1] sdy1[0](F)\n"
    "      31744 blocks super 1.2 [2/1] [_U]\n"
    "      [=>...................]  recovery =  9.5% (3200/31744) finish=0.4min speed=1066K/sec\n"
    "      bitmap: 1/2 pages [4KB], 64KB chunk\n"
    "\n"
    "unused devices: <none>\n";

void check_progress(const MdstatProgress& progress) {
  require(!progress.action.empty(), "a progress has an action");
  require(!progress.ratio || (*progress.ratio >= 0 && *progress.ratio <= 1), "a ratio is in 0..1");
  require(!progress.finish_minutes || std::isfinite(*progress.finish_minutes), "finish is finite");
}

void check_array(const MdstatArray& array) {
  require(!array.name.empty(), "an array has a name");
  require(array.size_bytes.value_or(0) % 1024 == 0, "a size in KiB does not overflow");
  require(array.chunk_bytes.value_or(0) % 1024 == 0, "a chunk size in KiB does not overflow");
  require(array.slots.find_first_of("/[] ") == array.slots.npos, "slots are letters");
  require(array.disks_required.has_value() == array.disks_working.has_value(),
          "[n/m] has both numbers");
  require(!array.progress || !array.waiting, "a sync is either running or waiting");
  if (array.progress) check_progress(*array.progress);
  if (array.bitmap) {
    require(array.bitmap->dirty_pages <= array.bitmap->pages, "no more pages are dirty than exist");
    require(array.bitmap->chunk_bytes > 0, "a chunk of a bitmap is not empty");
  }
  for (const auto& member : array.members) require(!member.name.empty(), "a member has a name");
}

bool has_problem_of(const Mdstat& mdstat, const std::string& array) {
  return std::ranges::any_of(mdstat.problems, [&](const auto& p) { return p.array == array; });
}

void check(const Mdstat& mdstat) {
  std::set<std::string> names;
  for (const auto& array : mdstat.arrays) {
    require(names.insert(array.name).second, "array names are unique");
    require(array.well_formed || has_problem_of(mdstat, array.name) || has_problem_of(mdstat, ""),
            "a malformed array has a problem");
    check_array(array);
  }
  for (const auto& problem : mdstat.problems) {
    require(!problem.problem.detail.empty(), "a problem has a description");
    require(problem.array.empty() || names.contains(problem.array), "a problem's array is listed");
  }
}

// An array after any text is parsed completely, and does not change the arrays before it.
void check_array_after(const std::string& text, const Mdstat& before) {
  if (text.find(kOther) != text.npos) return;
  const auto both = parse_mdstat(text + std::string(kOtherBlock));
  const auto alone = parse_mdstat(kOtherBlock);
  require(both.arrays.size() == before.arrays.size() + 1, "the additional array is listed");
  const MdstatArray& other = both.arrays.back();
  require(other.name == kOther && other.well_formed, "the additional array is well-formed");
  require(other.members == alone.arrays[0].members && other.slots == "_U" &&
              other.bitmap == alone.arrays[0].bitmap && other.progress,
          "the additional array is parsed as if it were alone");
  for (std::size_t i = 0; i < before.arrays.size(); ++i) {
    const MdstatArray& now = both.arrays[i];
    const MdstatArray& then = before.arrays[i];
    require(now.name == then.name && now.members == then.members && now.slots == then.slots &&
                now.size_bytes == then.size_bytes && now.well_formed == then.well_formed,
            "the arrays before the additional one do not change");
  }
}

}  // namespace
}  // namespace rig

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto mdstat = rig::parse_mdstat(text);
  rig::check(mdstat);
  // A last line without a newline is not parsed.
  rig::check_array_after(text + "\n", rig::parse_mdstat(text + "\n"));
  return 0;
}
