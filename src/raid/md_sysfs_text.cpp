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
ReadResult<std::string> read_line(const std::filesystem::path& path) {
  auto text = read_attribute(path);
  if (!text) return text;
  if (is_truncated(*text)) return Problem::truncated(path);
  return std::string(trim(*text));
}

// Whether `path`, or what it links to, exists; std::nullopt if that cannot be determined.
std::optional<bool> is_present(const std::filesystem::path& path) {
  std::error_code error;
  const bool found = std::filesystem::exists(path, error);
  if (error) return std::nullopt;
  return found;
}

// A removed disk leaves a dangling link in the member's directory, and most kernels remove its link
// in slaves/ immediately. The links lead to the disk's directory in sysfs, never to the device.
std::optional<bool> device_present(const std::filesystem::path& block,
                                   const std::string& directory) {
  const auto link = block / "md" / directory / "block";
  const bool linked = link_target_name(link).has_value();
  if (linked && is_present(link) == false) return false;
  if (is_present(block / "slaves") == true) {
    const auto device = directory.substr(std::string_view("dev-").size());
    return is_present(block / "slaves" / device);
  }
  return linked ? is_present(link) : std::nullopt;
}

}  // namespace

ReadResult<MdSysfsText> read_md_sysfs(const std::filesystem::path& block) {
  MdSysfsText text;
  text.block = block;
  const auto md = block / "md";
  const auto read = [&](const std::filesystem::path& path) {
    return value_or_report(read_line(path), text.problems);
  };
  for (const std::string_view name : kMdFiles) {
    if (auto line = read(md / name)) text.files.emplace(name, std::move(*line));
  }
  for (const std::string_view name : {"size", "ro"}) {
    if (auto line = read(block / name)) text.files.emplace(name, std::move(*line));
  }
  const auto names = list_names(md);
  if (names.problem()) return *names.problem();
  for (const std::string& directory : names.value_or({})) {
    if (!directory.starts_with("dev-")) continue;
    auto slot = read(md / directory / "slot");
    auto state = read(md / directory / "state");
    auto errors = read(md / directory / "errors");
    auto bad_blocks = value_or_report(read_attribute(md / directory / "bad_blocks"), text.problems);
    if (is_present(md / directory) == false) continue;  // removed in the meantime
    text.members.push_back({directory, std::move(slot), std::move(state),
                            device_present(block, directory), std::move(errors),
                            std::move(bad_blocks)});
  }
  // The state is read last: an array that is being stopped loses its members one by one.
  if (auto state = read(md / "array_state")) {
    text.files.emplace("array_state", std::move(*state));
  } else if (is_present(md / "array_state") == false) {
    return std::nullopt;
  }
  return text;
}

}  // namespace rig
