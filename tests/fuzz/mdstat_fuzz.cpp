// parse_mdstat takes any text: each array once, numbers that make sense, and no line costs an array
// that is not its own.
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
  must(!progress.action.empty(), "a progress has an action");
  must(!progress.ratio || (*progress.ratio >= 0 && *progress.ratio <= 1), "a ratio is in 0..1");
  must(!progress.finish_minutes || std::isfinite(*progress.finish_minutes), "finish is finite");
}

void check_array(const MdstatArray& array) {
  must(!array.name.empty(), "an array has a name");
  must(array.size_bytes.value_or(0) % 1024 == 0, "a size in KiB has not wrapped around");
  must(array.chunk_bytes.value_or(0) % 1024 == 0, "a chunk in KiB has not wrapped around");
  must(array.slots.find_first_of("/[] ") == array.slots.npos, "slots are letters");
  must(array.disks_required.has_value() == array.disks_working.has_value(), "[n/m] is whole");
  must(!array.progress || !array.waiting, "what waits does not run");
  if (array.progress) check_progress(*array.progress);
  if (array.bitmap) {
    must(array.bitmap->dirty_pages <= array.bitmap->pages,
         "no more pages are dirty than there are");
    must(array.bitmap->chunk_bytes > 0, "a chunk of a bitmap is not empty");
  }
  for (const auto& member : array.members) must(!member.name.empty(), "a member has a name");
}

bool has_problem_of(const Mdstat& mdstat, const std::string& array) {
  return std::ranges::any_of(mdstat.problems, [&](const auto& p) { return p.array == array; });
}

void check(const Mdstat& mdstat) {
  std::set<std::string> names;
  for (const auto& array : mdstat.arrays) {
    must(names.insert(array.name).second, "an array stands once");
    must(array.understood || has_problem_of(mdstat, array.name), "what was not understood is told");
    check_array(array);
  }
  for (const auto& problem : mdstat.problems) {
    must(!problem.what.empty(), "a problem says what");
    must(problem.array.empty() || names.contains(problem.array), "a problem's array is listed");
  }
}

// Another array's lines below any text are understood in full, and change nothing above.
void check_other_array_below(const std::string& text, const Mdstat& before) {
  if (text.find(kOther) != text.npos) return;
  const auto both = parse_mdstat(text + "\n" + std::string(kOtherBlock));
  const auto alone = parse_mdstat(kOtherBlock);
  must(both.arrays.size() == before.arrays.size() + 1, "another array is one array more");
  const MdstatArray& other = both.arrays.back();
  must(other.name == kOther && other.understood, "another array is understood");
  must(other.members == alone.arrays[0].members && other.slots == "_U" &&
           other.bitmap == alone.arrays[0].bitmap && other.progress,
       "another array is as it would be alone");
  for (std::size_t i = 0; i < before.arrays.size(); ++i) {
    const MdstatArray& now = both.arrays[i];
    const MdstatArray& then = before.arrays[i];
    must(now.name == then.name && now.members == then.members && now.slots == then.slots &&
             now.size_bytes == then.size_bytes && now.understood == then.understood,
         "the arrays above another array are as before");
  }
}

}  // namespace
}  // namespace rig

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto mdstat = rig::parse_mdstat(text);
  rig::check(mdstat);
  rig::check_other_array_below(text, mdstat);
  return 0;
}
