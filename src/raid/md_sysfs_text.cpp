#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "raid/md_sysfs.h"
#include "rig/kernel/files.h"

namespace rig {
namespace {

constexpr auto kFilesOfMd = std::to_array<std::string_view>(
    {"chunk_size", "component_size", "consistency_policy", "degraded", "last_sync_action", "layout",
     "level", "metadata_version", "mismatch_cnt", "raid_disks", "resync_start",
     "stripe_cache_active", "stripe_cache_size", "sync_action", "sync_completed", "sync_speed",
     "uuid"});

using Read = std::optional<std::string> (*)(const std::filesystem::path&);

// One file that cannot be read costs itself, not the array.
std::optional<std::string> read_or_note(const std::filesystem::path& path,
                                        std::vector<std::string>& problems, Read read = read_line) {
  try {
    return read(path);
  } catch (const ReadError& error) {
    // md's answer while the array is being taken down.
    if (error.error_number() != EBUSY) problems.emplace_back(error.what());
    return std::nullopt;
  }
}

// Whether what `path` is, or links to, is there; absent when that cannot be seen.
std::optional<bool> is_there(const std::filesystem::path& path) {
  std::error_code error;
  const bool there = std::filesystem::exists(path, error);
  if (error) return std::nullopt;
  return there;
}

// A removed disk leaves a dangling link in the member's folder; most kernels also take its link out
// of slaves/ at once. Following the links leads to the disk's folder in sysfs, never to the device.
std::optional<bool> device_present(const std::filesystem::path& block, const std::string& folder) {
  const auto link = block / "md" / folder / "block";
  const bool linked = link_target_name(link).has_value();
  if (linked && is_there(link) == false) return false;
  if (is_there(block / "slaves") == true) {
    const auto device = folder.substr(std::string_view("dev-").size());
    return is_there(block / "slaves" / device);
  }
  return linked ? is_there(link) : std::nullopt;
}

}  // namespace

std::optional<MdSysfsText> read_md_sysfs(const std::filesystem::path& block) {
  MdSysfsText text;
  const auto md = block / "md";
  for (const std::string_view name : kFilesOfMd) {
    if (auto line = read_or_note(md / name, text.problems))
      text.files.emplace(name, std::move(*line));
  }
  for (const std::string_view name : {"size", "ro"}) {
    if (auto line = read_or_note(block / name, text.problems))
      text.files.emplace(name, std::move(*line));
  }
  for (const std::string& folder : list_directory(md)) {
    if (!folder.starts_with("dev-")) continue;
    auto slot = read_or_note(md / folder / "slot", text.problems);
    auto state = read_or_note(md / folder / "state", text.problems);
    auto errors = read_or_note(md / folder / "errors", text.problems);
    auto bad_blocks = read_or_note(md / folder / "bad_blocks", text.problems, read_file);
    if (is_there(md / folder) == false) continue;  // removed just now
    text.members.push_back({folder, std::move(slot), std::move(state),
                            device_present(block, folder), std::move(errors),
                            std::move(bad_blocks)});
  }
  // The state comes last: an array that is stopped while it is read loses its members one by one.
  if (auto state = read_or_note(md / "array_state", text.problems)) {
    text.files.emplace("array_state", std::move(*state));
  } else if (is_there(md / "array_state") == false) {
    return std::nullopt;
  }
  return text;
}

}  // namespace rig
