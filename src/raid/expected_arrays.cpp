#include "raid/expected_arrays.h"

#include <algorithm>
#include <utility>

#include "rig/kernel/raid_array_label.h"

namespace rig {
namespace {

bool is_same(const RaidExpectation::Array& array, const std::string& label,
             const std::string& uuid) {
  // The label counts also where the UUIDs differ: mdadm.conf often outlives an array made anew.
  return (!uuid.empty() && array.uuid == uuid) || array.name == label || array.alias == label ||
         ("md/" + array.name.substr(std::min<std::size_t>(3, array.name.size())) == label &&
          array.name.starts_with("md_"));
}

}  // namespace

void RaidExpectation::remember(const std::vector<Array>& present) {
  ++look_;
  for (Array array : present) {
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
    seen_.push_back({std::move(array), look_});
  }
}

std::vector<RaidExpectation::Claim> RaidExpectation::claims(
    const std::vector<MdadmConfArray>& conf) const {
  std::vector<Claim> claims;
  for (const auto& label : expected_) claims.push_back({label, ""});
  for (const auto& array : conf) {
    const auto name = array.name.substr(array.name.find(':') + 1);
    const auto& device = array.device.empty() ? name : array.device;
    claims.push_back({device.empty() ? array.uuid : raid_array_label(device), array.uuid});
  }
  for (const auto& seen : seen_) claims.push_back({seen.array.name, seen.array.uuid});
  return claims;
}

const RaidExpectation::Seen* RaidExpectation::seen(const Claim& claim) const {
  const auto found = std::ranges::find_if(
      seen_, [&](const Seen& seen) { return is_same(seen.array, claim.label, claim.uuid); });
  return found == seen_.end() ? nullptr : &*found;
}

std::string RaidExpectation::alias_of(const std::string& name) const {
  const auto found =
      std::ranges::find_if(seen_, [&](const Seen& seen) { return seen.array.name == name; });
  return found == seen_.end() ? "" : found->array.alias;
}

bool RaidExpectation::may_be(const Array& array, const Claim& claim,
                             const std::vector<Claim>& all) const {
  if (seen(claim)) return false;  // it would be known by its name or UUID
  // A kernel name that stands alone is exact; a UUID decides unless the array's is not known.
  if (claim.uuid.empty() ? is_kernel_array_name(claim.label) : !array.uuid.empty()) return false;
  const auto seen_claims = static_cast<std::ptrdiff_t>(seen_.size());
  return std::none_of(all.begin(), all.end() - seen_claims,
                      [&](const Claim& other) { return is_same(array, other.label, other.uuid); });
}

std::set<std::string> RaidExpectation::absent(const std::vector<Array>& present,
                                              const std::vector<MdadmConfArray>& conf,
                                              bool complete) {
  remember(present);
  std::set<std::string> labels;
  if (!complete) return labels;
  const auto all = claims(conf);
  for (const Claim& claim : all) {
    // What was seen under another name is known by that one.
    const Seen* const before = seen(claim);
    if (before && before->last == look_) continue;
    if (std::ranges::any_of(present, [&](const Array& array) { return may_be(array, claim, all); }))
      continue;
    labels.insert(before ? before->array.name : claim.label);
  }
  return labels;
}

}  // namespace rig
