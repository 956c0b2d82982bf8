#include "raid/expected_arrays.h"

#include <algorithm>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

#include "rig/kernel/raid_array_label.h"

namespace rig {
namespace {

// An array that was created as /dev/md/data with CREATE names=yes has the kernel name "md_data".
bool is_named_device(const std::string& kernel_name, const std::string& label) {
  constexpr std::string_view kPrefix = "md_";
  return kernel_name.starts_with(kPrefix) && label == "md/" + kernel_name.substr(kPrefix.size());
}

bool is_same(const ExpectedArrays::Identity& array, const std::string& label,
             const std::string& uuid) {
  if (!uuid.empty() && array.uuid == uuid) return true;
  // The name counts even if the UUIDs differ: mdadm.conf often has the UUID of an array that was
  // re-created since.
  return array.name == label || array.alias == label || is_named_device(array.name, label);
}

}  // namespace

// Nearly always they are the same ones as before.
bool ExpectedArrays::has_seen_exactly(const std::vector<Identity>& present) const {
  return std::ranges::equal(present, seen_, std::equal_to<Identity>(), {}, &Seen::array);
}

void ExpectedArrays::remember(const std::vector<Identity>& present) {
  ++update_;
  if (has_seen_exactly(present)) {
    for (Seen& seen : seen_) seen.last_update = update_;
    return;
  }
  for (Identity array : present) {
    const auto by_name = std::ranges::find_if(
        seen_, [&](const Seen& seen) { return seen.array.name == array.name; });
    if (by_name != seen_.end()) {
      if (array.uuid.empty()) array.uuid = by_name->array.uuid;
      if (array.alias.empty() && array.uuid == by_name->array.uuid)
        array.alias = by_name->array.alias;
    }
    std::erase_if(seen_, [&](const Seen& seen) {
      return seen.array.name == array.name ||
             (!array.uuid.empty() && seen.array.uuid == array.uuid);
    });
    seen_.push_back({std::move(array), update_});
  }
}

std::vector<ExpectedArrays::Expected> ExpectedArrays::all_expected(
    const std::vector<MdadmConfArray>& conf) const {
  std::vector<Expected> all;
  for (const auto& label : configured_) all.push_back({label, ""});
  for (const auto& array : conf) {
    const auto name = array.name.substr(array.name.find(':') + 1);
    const auto& device = array.device.empty() ? name : array.device;
    all.push_back({device.empty() ? array.uuid : raid_array_label(device), array.uuid});
  }
  for (const auto& seen : seen_) all.push_back({seen.array.name, seen.array.uuid});
  return all;
}

const ExpectedArrays::Seen* ExpectedArrays::seen(const Expected& expected) const {
  const auto found = std::ranges::find_if(
      seen_, [&](const Seen& seen) { return is_same(seen.array, expected.label, expected.uuid); });
  return found == seen_.end() ? nullptr : &*found;
}

std::string ExpectedArrays::alias_of(const std::string& name) const {
  const auto found =
      std::ranges::find_if(seen_, [&](const Seen& seen) { return seen.array.name == name; });
  return found == seen_.end() ? "" : found->array.alias;
}

bool ExpectedArrays::may_be(const Identity& array, const Expected& expected,
                            const std::vector<Expected>& all) const {
  if (seen(expected)) return false;  // it would be recognized by its name or UUID
  // A kernel name without a UUID is exact. With a UUID, the array's must be unknown.
  if (expected.uuid.empty() ? is_kernel_array_name(expected.label) : !array.uuid.empty())
    return false;
  const auto seen_count = static_cast<std::ptrdiff_t>(seen_.size());
  return std::none_of(all.begin(), all.end() - seen_count, [&](const Expected& other) {
    return is_same(array, other.label, other.uuid);
  });
}

std::set<std::string> ExpectedArrays::absent(const std::vector<Identity>& present,
                                             const std::vector<MdadmConfArray>& conf,
                                             bool complete) {
  remember(present);
  std::set<std::string> labels;
  if (!complete) return labels;
  const bool all_seen_present =
      std::ranges::all_of(seen_, [&](const Seen& seen) { return seen.last_update == update_; });
  const auto all = all_expected(conf);
  const std::size_t unseen = all.size() - seen_.size();
  for (const Expected& expected : std::span(all).first(all_seen_present ? unseen : all.size())) {
    const Seen* const before = seen(expected);
    if (before && before->last_update == update_) continue;
    if (std::ranges::any_of(present,
                            [&](const Identity& array) { return may_be(array, expected, all); }))
      continue;
    // An array that was present keeps the label it had.
    labels.insert(before ? before->array.name : expected.label);
  }
  return labels;
}

}  // namespace rig
