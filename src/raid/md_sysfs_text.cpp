#include "raid/md_sysfs_text.h"

#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr auto kMdFiles = std::to_array<std::string_view>(
    {"bitmap_type", "chunk_size", "component_size", "consistency_policy", "degraded",
     "last_sync_action", "layout", "level", "llbitmap/bits", "metadata_version", "mismatch_cnt",
     "raid_disks", "resync_start", "stripe_cache_active", "stripe_cache_size", "sync_action",
     "sync_completed", "sync_speed", "uuid"});

// A file that cannot be read does not affect the others.
std::optional<std::string> value_or_report(ReadResult<std::string> text,
                                           std::vector<Problem>& problems) {
  if (text) return *std::move(text);
  // md returns EBUSY while the array is being stopped.
  if (text.problem() && text.problem()->reason != Reason::busy) problems.push_back(*text.problem());
  return std::nullopt;
}

// Without trailing whitespace.
ReadResult<std::string> read_line(const std::string& path) {
  auto text = read_attribute(path);
  if (!text) return text;
  if (is_truncated(*text)) return Problem::truncated(path);
  return std::string(trim(*text));
}

// A removed disk leaves a dangling link in the member's directory, and most kernels remove its link
// in slaves/ immediately. The links lead to the disk's directory in sysfs, never to the device.
std::optional<bool> device_present(const std::string& block, const std::string& directory) {
  const auto link = block + "/md/" + directory + "/block";
  const bool linked = link_target_name(link).has_value();
  if (linked && is_present(link) == false) return false;
  if (is_present(block + "/slaves") == true) {
    const auto device = directory.substr(std::string_view("dev-").size());
    return is_present(block + "/slaves/" + device);
  }
  return linked ? is_present(link) : std::nullopt;
}

}  // namespace

ReadResult<MdSysfsText> read_md_sysfs(const std::string& array) {
  MdSysfsText text;
  text.block = real_path(array).value_or(array);  // so that descriptors can be kept
  const std::string& block = text.block;
  const std::string md = block + "/md/";
  const auto read = [&](const std::string& path) {
    return value_or_report(read_line(path), text.problems);
  };
  for (const std::string_view name : kMdFiles) {
    if (auto line = read(md + std::string(name))) text.files.emplace(name, std::move(*line));
  }
  for (const char* const name : {"size", "ro"}) {
    if (auto line = read(block + "/" + name)) text.files.emplace(name, std::move(*line));
  }
  const auto names = list_names(block + "/md");
  if (names.problem()) return *names.problem();
  for (const std::string& directory : names.value_or({})) {
    if (!directory.starts_with("dev-")) continue;
    const std::string member = md + directory;
    auto slot = read(member + "/slot");
    auto state = read(member + "/state");
    auto errors = read(member + "/errors");
    auto bad_blocks = value_or_report(read_attribute(member + "/bad_blocks"), text.problems);
    if (is_present(member) == false) continue;  // removed in the meantime
    text.members.push_back({directory, std::move(slot), std::move(state),
                            device_present(block, directory), std::move(errors),
                            std::move(bad_blocks)});
  }
  // The state is read last: an array that is being stopped loses its members one by one.
  if (auto state = read(md + "array_state")) {
    text.files.emplace("array_state", std::move(*state));
  } else if (is_present(md + "array_state") == false) {
    return std::nullopt;
  }
  return text;
}

}  // namespace rig
