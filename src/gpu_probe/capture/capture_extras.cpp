#include "gpu_probe/capture/capture_extras.h"

#include <array>
#include <initializer_list>
#include <string>
#include <system_error>
#include <vector>

#include "rig/amdgpu/text_formats.h"
#include "rig/kernel/files.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr std::array kPciFiles{"class",
                               "subsystem_vendor",
                               "power_state",
                               "local_cpulist",
                               "power/control",
                               "power/runtime_active_time",
                               "power/autosuspend_delay_ms"};
constexpr std::array kPortFiles{"class", "vendor", "device", "power/runtime_status"};
constexpr std::array kLinkFiles{"current_link_speed", "current_link_width", "max_link_speed",
                                "max_link_width"};
constexpr std::array kDriverFiles{"pp_od_clk_voltage",
                                  "pp_power_profile_mode",
                                  "pp_features",
                                  "power_dpm_state",
                                  "pp_dpm_vclk1",
                                  "pp_dpm_dclk1",
                                  "product_number",
                                  "boot_vga",
                                  "thermal_throttling_logging"};

void look_at(const fs::path& file) { static_cast<void>(try_read_file(file)); }

template <typename Names>
void look_at(const fs::path& folder, const Names& names) {
  for (const auto& name : names) look_at(folder / name);
}

std::vector<std::string> names_in(const fs::path& folder) {
  try {
    return list_directory(folder);
  } catch (const ReadError&) {
    return {};
  }
}

// The ports and bridges between a card and the host bridge.
std::vector<fs::path> ports_above(const fs::path& device) {
  std::error_code error;
  std::vector<fs::path> ports;
  auto port = fs::canonical(device, error).parent_path();
  for (; is_pci_address(port.filename().string()); port = port.parent_path()) ports.push_back(port);
  return ports;
}

// hwmon's folder has links and folders, too, and all of its files are fit to be read.
void look_at_files(const fs::path& folder) {
  for (const auto& name : names_in(folder)) {
    std::error_code ignored;
    const auto type = fs::symlink_status(folder / name, ignored).type();
    if (type == fs::file_type::regular) look_at(folder / name);
  }
}

}  // namespace

void read_pci_extras(const AmdgpuCard& card) {
  look_at(card.device, kPciFiles);
  const fs::path drm = card.device.parent_path().parent_path();
  for (const auto& node : {card.card, card.render}) {
    if (!node.empty()) look_at(drm / node / "dev");
  }
  link_target_name(card.device / "subsystem");
  for (const auto& port : ports_above(card.device)) look_at(port, kPortFiles);
}

void read_driver_extras(const AmdgpuCard& card) {
  look_at(card.device, kDriverFiles);
  look_at(card.device, kLinkFiles);
  if (!card.hwmon.empty()) look_at_files(card.device / "hwmon" / card.hwmon);
  for (const auto& port : ports_above(card.device)) look_at(port, kLinkFiles);
}

void read_module(const fs::path& sys) {
  const fs::path module = sys / "module/amdgpu";
  look_at(module, std::initializer_list<const char*>{"initstate", "refcnt", "srcversion"});
  look_at_files(module / "parameters");
}

void read_kfd_topology(const fs::path& sys) {
  const fs::path topology = sys / "class/kfd/kfd/topology";
  look_at(topology, std::initializer_list<const char*>{"generation_id", "system_properties"});
  for (const auto& node : names_in(topology / "nodes")) {
    const fs::path folder = topology / "nodes" / node;
    look_at(folder, std::initializer_list<const char*>{"gpu_id", "name", "properties"});
    for (const auto* kind : {"mem_banks", "io_links", "p2p_links"}) {
      for (const auto& entry : names_in(folder / kind))
        look_at(folder / kind / entry / "properties");
    }
  }
}

}  // namespace rig
