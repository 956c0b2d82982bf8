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

void observe(const fs::path& file) { static_cast<void>(read_text(file)); }

template <typename Names>
void read_all(const fs::path& directory, const Names& names) {
  for (const auto& name : names) observe(directory / name);
}

// The ports and bridges between a GPU and the host bridge.
std::vector<fs::path> ports_above(const fs::path& device) {
  std::error_code error;
  std::vector<fs::path> ports;
  auto port = fs::canonical(device, error).parent_path();
  for (; is_pci_address(port.filename().string()); port = port.parent_path()) ports.push_back(port);
  return ports;
}

// For directories all of whose regular files may be read. Links and subdirectories are skipped.
void read_regular_files(const fs::path& directory) {
  for (const auto& name : list_names(directory).value_or({})) {
    std::error_code ignored;
    const auto type = fs::symlink_status(directory / name, ignored).type();
    if (type == fs::file_type::regular) observe(directory / name);
  }
}

}  // namespace

void read_pci_extras(const AmdgpuCard& card) {
  read_all(card.device, kPciFiles);
  const fs::path drm = card.device.parent_path().parent_path();
  for (const auto& node : {card.card, card.render}) {
    if (!node.empty()) observe(drm / node / "dev");
  }
  link_target_name(card.device / "subsystem");
  for (const auto& port : ports_above(card.device)) read_all(port, kPortFiles);
}

void read_driver_extras(const AmdgpuCard& card) {
  read_all(card.device, kDriverFiles);
  read_all(card.device, kLinkFiles);
  if (!card.hwmon.empty()) read_regular_files(card.device / "hwmon" / card.hwmon);
  for (const auto& port : ports_above(card.device)) read_all(port, kLinkFiles);
}

void read_module(const fs::path& sys) {
  const fs::path module = sys / "module/amdgpu";
  read_all(module, std::initializer_list<const char*>{"initstate", "refcnt", "srcversion"});
  read_regular_files(module / "parameters");
}

void read_kfd_topology(const fs::path& sys) {
  const fs::path topology = sys / "class/kfd/kfd/topology";
  read_all(topology, std::initializer_list<const char*>{"generation_id", "system_properties"});
  for (const auto& node : list_names(topology / "nodes").value_or({})) {
    const fs::path directory = topology / "nodes" / node;
    read_all(directory, std::initializer_list<const char*>{"gpu_id", "name", "properties"});
    for (const auto* kind : {"mem_banks", "io_links", "p2p_links"}) {
      for (const auto& entry : list_names(directory / kind).value_or({}))
        observe(directory / kind / entry / "properties");
    }
  }
}

}  // namespace rig
