#include <fmt/format.h>
#include <fmt/ranges.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "doctor/checks.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

// The PCI address of a KFD node; empty for a CPU. location_id combines bus, device and function.
std::string node_address(std::string_view properties) {
  std::map<std::string_view, std::uint64_t> values;
  for (const auto line : lines(properties)) {
    const auto [key, value] = split_at(line, ' ');
    if (const auto number = parse_number<std::uint64_t>(value)) values[key] = *number;
  }
  const auto location = values["location_id"];
  if (values["simd_count"] == 0) return {};
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", values["domain"], location >> 8U & 0xffU,
                     location >> 3U & 0x1fU, location & 7U);
}

std::string group_name(const struct stat& file) {
  const group* const found = getgrgid(file.st_gid);
  return found != nullptr ? found->gr_name : std::to_string(file.st_gid);
}

}  // namespace

Findings check_kfd(const CheckInput& input) {
  const fs::path& sys = input.config.paths.sys;
  const auto cards = list_amdgpu_cards(sys);
  if (cards.empty()) return {};
  const fs::path nodes = sys / "class/kfd/kfd/topology/nodes";
  const auto names = list_names(nodes).get();
  if (!names)
    return {{Level::note, kGpuSubject,
             nodes.string() +
                 " does not exist: rocm-smi finds no GPU, and compute processes are unknown; "
                 "everything else is read from sysfs",
             "this needs CONFIG_HSA_AMD in the kernel and a GPU that supports compute"}};
  std::set<std::string> known;
  std::optional<Problem> unreadable;
  for (const auto& node : *names) {
    const auto properties = read_text(nodes / node / "properties");
    if (properties.problem() != nullptr) unreadable = *properties.problem();
    known.insert(node_address(properties.value_or("")));
  }
  if (unreadable)
    return {{Level::note, kGpuSubject,
             "KFD cannot be read: " + to_string(*unreadable) +
                 "; without it rocm-smi finds no GPU, and the GPUs are read from sysfs",
             "a container needs --device /dev/kfd --device /dev/dri, as in "
             "deploy/docker-compose.gpu.yml; a systemd unit needs DeviceAllow=/dev/kfd rw and "
             "DeviceAllow=char-drm rw"}};
  std::vector<std::string> missing;
  for (const auto& card : cards) {
    if (!known.contains(card.pci_address)) missing.push_back(card.pci_address);
  }
  if (missing.empty()) return {{Level::ok, kGpuSubject, "KFD lists every AMD GPU", ""}};
  return {{Level::note, kGpuSubject,
           missing.size() == 1
               ? missing.front() +
                     " has no KFD node: rocm-smi does not find it, so it is read from sysfs"
               : fmt::format("{} have no KFD nodes: rocm-smi does not find them, so they are read "
                             "from sysfs",
                             fmt::join(missing, ", ")),
           ""}};
}

Findings check_device_files(const CheckInput& input) {
  if (!input.config.paths.is_live_sysfs()) return {};
  return check_device_files_in("/dev", list_amdgpu_cards(input.config.paths.sys));
}

Findings check_device_files_in(const fs::path& dev, std::span<const AmdgpuCard> cards) {
  if (cards.empty()) return {};
  std::vector<fs::path> files{dev / "kfd"};
  for (const auto& card : cards) {
    if (!card.render.empty()) files.push_back(dev / "dri" / card.render);
  }
  Findings findings;
  for (const auto& file : files) {
    struct stat status {};
    if (stat(file.c_str(), &status) != 0) {
      findings.push_back({Level::note, kGpuSubject,
                          file.string() + " does not exist; only parts of rocm-smi need it",
                          "a container needs --device /dev/kfd --device /dev/dri"});
    } else if (access(file.c_str(), R_OK | W_OK) != 0) {
      findings.push_back(
          {Level::note, kGpuSubject,
           file.string() + " cannot be opened by this user; only parts of rocm-smi need it",
           fmt::format("add the user to the group {} (a container: --group-add)",
                       group_name(status))});
    }
  }
  if (findings.empty())
    findings.push_back(
        {Level::ok, kGpuSubject, "the devices of KFD and of every AMD GPU can be opened", ""});
  return findings;
}

}  // namespace rig
