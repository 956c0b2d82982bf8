#include "gpu_probe/kfd/kfd_topology.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNodes = "class/kfd/kfd/topology/nodes";

// The value of a line "NAME VALUE". A last line without a newline was truncated.
std::optional<std::uint32_t> property(std::string_view text, std::string_view name) {
  for (const auto line : lines(text.substr(0, text.rfind('\n') + 1))) {  // npos + 1 is 0
    const auto [key, value] = split_at(line, ' ');
    if (key == name) return parse_number<std::uint32_t>(value);
  }
  return std::nullopt;
}

std::optional<std::uint32_t> read_id(const fs::path& path) {
  const std::string text = read_attribute(path).value_or("");
  return text.ends_with('\n') ? parse_number<std::uint32_t>(text) : std::nullopt;
}

std::string pci_address(std::uint32_t domain, std::uint32_t location, std::uint32_t function) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04x:%02x:%02x.%x", domain, (location >> 8U) & 0xFFU,
                (location >> 3U) & 0x1FU, function);
  return text.data();
}

// The location of a partition has its number in place of the PCI function (newer kernels: above the
// bus number). If there is no such function with a DRM device, the GPU is function 0.
std::string gpu_address(const fs::path& sys, std::uint32_t domain, std::uint32_t location) {
  std::string address = pci_address(domain, location, location & 7U);
  std::error_code ignored;
  if (fs::exists(sys / "bus/pci/devices" / address / "drm", ignored)) return address;
  return pci_address(domain, location, 0);
}

struct Nodes {
  KfdTopology::Addresses addresses;
  bool complete = true;
};

Nodes read_nodes(const fs::path& sys, const std::vector<std::string>& nodes) {
  Nodes result;
  for (const auto& name : nodes) {
    const fs::path node = sys / kNodes / name;
    const auto id = read_id(node / "gpu_id");
    if (id == 0U) continue;  // a CPU
    const std::string properties = read_attribute(node / "properties").value_or("");
    const auto domain = property(properties, "domain");
    const auto location = property(properties, "location_id");
    if (id && domain && location) {
      result.addresses.emplace(*id, gpu_address(sys, *domain, *location));
    } else {
      result.complete = false;
    }
  }
  return result;
}

}  // namespace

KfdTopology::KfdTopology(fs::path sys)
    : sys_(std::move(sys)), nodes_directory_((sys_ / kNodes).string()) {}

const KfdTopology::Addresses& KfdTopology::addresses(const std::set<std::uint32_t>& ids) {
  auto nodes = list_names(nodes_directory_).value_or({});
  const bool all_known =
      std::all_of(ids.begin(), ids.end(), [&](auto id) { return addresses_.contains(id); });
  if (all_known && complete_ && nodes == nodes_) return addresses_;
  nodes_ = std::move(nodes);
  auto result = read_nodes(sys_, nodes_);
  addresses_ = std::move(result.addresses);
  complete_ = result.complete;
  return addresses_;
}

}  // namespace rig
