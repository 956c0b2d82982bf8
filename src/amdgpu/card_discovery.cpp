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
std::string text_or_empty(const fs::path& path) {
  const auto text = read_attribute(path).value_or("");
  return is_complete(text) ? std::string(trim(text)) : "";
}

std::vector<std::string> names_or_empty(const fs::path& directory) {
  return list_names(directory).value_or({});
}

std::string first_numbered(const fs::path& directory, std::string_view prefix) {
  for (auto& name : names_or_empty(directory)) {
    if (is_numbered(name, prefix)) return std::move(name);
  }
  return {};
}

std::string pci_address_of(const fs::path& device, std::string_view uevent) {
  if (auto target = link_target_name(device); target && is_pci_address(*target)) return *target;
  const auto slot = uevent_value(uevent, "PCI_SLOT_NAME");
  return is_pci_address(slot) ? std::string(slot) : "";
}

// The vendor is in two files of the PCI core; if neither can be read, the driver identifies it.
bool is_amd(const std::string& vendor, std::string_view uevent, std::string_view driver) {
  if (!vendor.empty()) return vendor == kAmdVendor;
  const auto id = uevent_value(uevent, "PCI_ID");
  return id.empty() ? driver == kAmdgpu : id.starts_with("1002:");
}

std::optional<AmdgpuCard> amdgpu_card(const fs::path& drm, const std::string& name) {
  const fs::path device = drm / name / "device";
  const std::string uevent = read_attribute(device / "uevent").value_or("");
  const std::string driver =
      link_target_name(device / "driver").value_or(std::string(uevent_value(uevent, "DRIVER")));
  if (!is_amd(text_or_empty(device / "vendor"), uevent, driver)) return std::nullopt;
  if (!driver.empty() && driver != kAmdgpu) return std::nullopt;
  std::string address = pci_address_of(device, uevent);
  if (address.empty()) return std::nullopt;
  return AmdgpuCard{std::move(address), name, first_numbered(device / "drm", "renderD"),
                    first_numbered(device / "hwmon", "hwmon"), device};
}

}  // namespace

std::vector<AmdgpuCard> list_amdgpu_cards(const fs::path& sys) {
  const fs::path drm = sys / "class/drm";
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
  const fs::path module = sys / "module/amdgpu";
  std::string version = text_or_empty(module / "version");
  if (!version.empty() || names_or_empty(module).empty()) return version;
  return text_or_empty(proc / "sys/kernel/osrelease");
}

}  // namespace rig
