#include "raid/md_sysfs_text.h"

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "rig/kernel/files.h"

namespace rig {
namespace {

constexpr auto kMdFiles = std::to_array<std::string_view>(
    {"chunk_size", "component_size", "consistency_policy", "degraded", "last_sync_action", "layout",
     "level", "metadata_version", "mismatch_cnt", "raid_disks", "resync_start",
     "stripe_cache_active", "stripe_cache_size", "sync_action", "sync_completed", "sync_speed",
     "uuid"});

using Read = std::optional<std::string> (*)(const std::filesystem::path&);

// A file that cannot be read does not affect the others.
std::optional<std::string> read_or_report(const std::filesystem::path& path,
                                          std::vector<std::string>& problems,
                                          Read read = read_line) {
  try {
    return read(path);
  } catch (const ReadError& error) {
    // md returns EBUSY while the array is being stopped.
    if (error.error_number() != EBUSY) problems.emplace_back(error.what());
    return std::nullopt;
  }
}

// Whether `path`, or what it links to, exists; std::nullopt if that cannot be determined.
std::optional<bool> is_present(const std::filesystem::path& path) {
  std::error_code error;
  const bool found = std::filesystem::exists(path, error);
  if (error) return std::nullopt;
  return found;
}

// A removed disk leaves a dangling link in the member's directory, and most kernels remove its link
// in slaves/ at once. The links lead to the disk's directory in sysfs, never to the device.
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

std::optional<MdSysfsText> read_md_sysfs(const std::filesystem::path& block) {
  MdSysfsText text;
  const auto md = block / "md";
  for (const std::string_view name : kMdFiles) {
    if (auto line = read_or_report(md / name, text.problems))
      text.files.emplace(name, std::move(*line));
  }
  for (const std::string_view name : {"size", "ro"}) {
    if (auto line = read_or_report(block / name, text.problems))
      text.files.emplace(name, std::move(*line));
  }
  for (const std::string& directory : list_directory(md)) {
    if (!directory.starts_with("dev-")) continue;
    auto slot = read_or_report(md / directory / "slot", text.problems);
    auto state = read_or_report(md / directory / "state", text.problems);
    auto errors = read_or_report(md / directory / "errors", text.problems);
    auto bad_blocks = read_or_report(md / directory / "bad_blocks", text.problems, read_file);
    if (is_present(md / directory) == false) continue;  // removed meanwhile
    text.members.push_back({directory, std::move(slot), std::move(state),
                            device_present(block, directory), std::move(errors),
                            std::move(bad_blocks)});
  }
  // The state is read last: an array that is being stopped loses its members one by one.
  if (auto state = read_or_report(md / "array_state", text.problems)) {
    text.files.emplace("array_state", std::move(*state));
  } else if (is_present(md / "array_state") == false) {
    return std::nullopt;
  }
  return text;
}

}  // namespace rig
