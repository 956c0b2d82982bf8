#include "rig/amdgpu/card_discovery.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "rig/amdgpu/text_formats.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAmdVendor = "0x1002";
constexpr std::string_view kAmdgpu = "amdgpu";

bool is_numbered(std::string_view name, std::string_view prefix) {
  return name.size() > prefix.size() && name.starts_with(prefix) &&
         name.find_first_not_of("0123456789", prefix.size()) == std::string_view::npos;
}

// Empty if the file is missing, cannot be read, or was truncated.
std::string text_or_empty(const std::string& path) {
  const auto text = read_attribute(path).value_or("");
  return is_complete(text) ? std::string(trim(text)) : "";
}

std::vector<std::string> names_or_empty(const std::string& directory) {
  return list_names(directory).value_or({});
}

std::string first_numbered(const std::string& directory, std::string_view prefix) {
  for (auto& name : names_or_empty(directory)) {
    if (is_numbered(name, prefix)) return std::move(name);
  }
  return {};
}

// The vendor is in two files of the PCI core; if neither can be read, the driver identifies it.
bool is_amd(const std::string& vendor, std::string_view uevent, std::string_view driver) {
  if (!vendor.empty()) return vendor == kAmdVendor;
  const auto id = uevent_value(uevent, "PCI_ID");
  return id.empty() ? driver == kAmdgpu : id.starts_with("1002:");
}

// Of an AMD GPU without a link to its driver or to its PCI device; empty for another device.
std::string address_by_files(const std::string& device, std::optional<std::string> driver,
                             std::string address) {
  const std::string uevent = read_attribute(device + "/uevent").value_or("");
  if (!driver) driver = uevent_value(uevent, "DRIVER");
  if (!is_amd(text_or_empty(device + "/vendor"), uevent, *driver)) return {};
  if (!driver->empty() && driver != kAmdgpu) return {};
  if (address.empty()) address = uevent_value(uevent, "PCI_SLOT_NAME");
  return is_pci_address(address) ? address : "";
}

// Empty unless the device is an AMD GPU. Usually two links tell, which may be remembered
// (cached_structure.h), and no file is read.
std::string address_of_amd_gpu(const std::string& device) {
  auto driver = link_target_name(device + "/driver");
  if (driver && driver != kAmdgpu) return {};
  auto address = link_target_name(device).value_or("");
  if (!is_pci_address(address)) address.clear();
  if (driver && !address.empty()) return address;
  return address_by_files(device, std::move(driver), std::move(address));
}

std::optional<AmdgpuCard> amdgpu_card(const std::string& drm, const std::string& name) {
  std::string device = drm + "/" + name + "/device";
  std::string address = address_of_amd_gpu(device);
  if (address.empty()) return std::nullopt;
  std::string render = first_numbered(device + "/drm", "renderD");
  std::string hwmon = first_numbered(device + "/hwmon", "hwmon");
  return AmdgpuCard{std::move(address), name, std::move(render), std::move(hwmon),
                    std::move(device)};
}

}  // namespace

std::vector<AmdgpuCard> list_amdgpu_cards(const fs::path& sys) {
  const std::string drm = (sys / "class/drm").string();
  std::vector<AmdgpuCard> cards;
  const auto names = list_names(drm).get();  // throws if it cannot be read
  for (const auto& name : names.value_or(std::vector<std::string>())) {
    if (!is_numbered(name, "card")) continue;
    if (auto card = amdgpu_card(drm, name)) cards.push_back(std::move(*card));
  }
  const auto before = [](const AmdgpuCard& a, const AmdgpuCard& b) {
    return a.pci_address < b.pci_address;
  };
  const auto same = [](const AmdgpuCard& a, const AmdgpuCard& b) {
    return a.pci_address == b.pci_address;
  };
  std::stable_sort(cards.begin(), cards.end(), before);
  cards.erase(std::unique(cards.begin(), cards.end(), same), cards.end());
  return cards;
}

std::string amdgpu_version(const fs::path& sys, const fs::path& proc) {
  const std::string module = (sys / "module/amdgpu").string();
  std::string version = text_or_empty(module + "/version");
  if (!version.empty() || names_or_empty(module).empty()) return version;
  return text_or_empty((proc / "sys/kernel/osrelease").string());
}

}  // namespace rig
