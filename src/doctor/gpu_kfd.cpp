#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <map>
#include <set>

#include "doctor/checks.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSubject = "GPUs";

// Of a node of KFD; empty for a CPU. location_id is bus, device and function in one number.
std::string address_of_node(std::string_view properties) {
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

std::string group_of(const struct stat& file) {
  const group* const found = getgrgid(file.st_gid);
  return found != nullptr ? found->gr_name : std::to_string(file.st_gid);
}

}  // namespace

Findings check_kfd(const Seen& seen) {
  const fs::path& sys = seen.config.host.sys;
  const auto cards = list_amdgpu_cards(sys);
  if (cards.empty()) return {};
  const fs::path nodes = sys / "class/kfd/kfd/topology/nodes";
  if (!fs::exists(nodes))
    return {{Level::note, kSubject,
             nodes.string() +
                 " is not there: rocm-smi knows no card, and nobody knows who computes "
                 "on one; all else is read from sysfs",
             "the kernel needs CONFIG_HSA_AMD, and amdgpu a card that can compute"}};
  std::set<std::string> known;
  std::string refused;
  for (const auto& node : list_directory(nodes)) {
    const auto properties = try_read_file(nodes / node / "properties");
    if (!properties.problem.empty()) refused = properties.problem;
    known.insert(address_of_node(properties.text.value_or("")));
  }
  if (!refused.empty())
    return {{Level::note, kSubject,
             "KFD refuses this process: " + refused +
                 "; rocm-smi finds no card then, and they are read from sysfs",
             "a container needs --device /dev/kfd --device /dev/dri, as "
             "deploy/docker-compose.gpu.yml has it; a systemd unit DeviceAllow=/dev/kfd rw and "
             "DeviceAllow=char-drm rw"}};
  Findings findings;
  for (const auto& card : cards) {
    if (!known.contains(card.pci_address))
      findings.push_back({Level::note, kSubject,
                          card.pci_address +
                              " has no node in KFD: rocm-smi leaves it out, so it is "
                              "read from sysfs",
                          ""});
  }
  if (findings.empty()) findings.push_back({Level::ok, kSubject, "KFD knows every AMD card", ""});
  return findings;
}

Findings check_device_files(const Seen& seen) {
  if (!seen.config.host.is_live_sysfs()) return {};
  return check_device_files_in("/dev", list_amdgpu_cards(seen.config.host.sys));
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
      findings.push_back({Level::note, kSubject,
                          file.string() + " is not there; only some of rocm-smi needs it",
                          "a container needs --device /dev/kfd --device /dev/dri"});
    } else if (access(file.c_str(), R_OK | W_OK) != 0) {
      findings.push_back({Level::note, kSubject,
                          file.string() + " may not be opened by this user; only some of rocm-smi "
                                          "needs it",
                          fmt::format("put the user into the group {} (a container: --group-add)",
                                      group_of(status))});
    }
  }
  if (findings.empty())
    findings.push_back(
        {Level::ok, kSubject, "the devices of KFD and of every AMD card may be opened", ""});
  return findings;
}

}  // namespace rig
