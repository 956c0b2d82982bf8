#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "doctor/checks.h"
#include "rig/amdgpu/text_formats.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAmdVendor = "0x1002";

struct Function {
  std::string address;
  std::string vendor;
  std::string device_id;
  std::string driver;   // empty: none
  bool in_drm = false;  // has a directory in SYS/class/drm
};

std::string read_line_or_empty(const fs::path& path) { return read_trimmed(path).value_or(""); }

// PCI class 3 is a display controller, 0x12 a processing accelerator.
bool is_gpu_class(std::string_view text) {
  return text.starts_with("0x03") || text.starts_with("0x12");
}

// Throws ReadError if the directory cannot be listed.
std::vector<std::string> names_in(const fs::path& directory) {
  return list_names(directory).get().value_or(std::vector<std::string>{});
}

// A copy of /sys may lack the link to the driver, which is in uevent as well.
std::string driver_of(const fs::path& device) {
  if (const auto linked = link_target_name(device / "driver")) return *linked;
  return std::string(uevent_value(read_text(device / "uevent").value_or(""), "DRIVER"));
}

std::map<std::string, Function> list_functions(const fs::path& sys) {
  std::map<std::string, Function> functions;
  const auto add = [&](const std::string& address, const fs::path& directory) -> Function& {
    return functions
        .try_emplace(address, Function{address, read_line_or_empty(directory / "vendor"),
                                       read_line_or_empty(directory / "device"),
                                       driver_of(directory), false})
        .first->second;
  };
  const fs::path devices = sys / "bus/pci/devices";
  for (const auto& address : names_in(devices)) {
    if (is_gpu_class(read_line_or_empty(devices / address / "class")))
      add(address, devices / address);
  }
  for (const auto& name : names_in(sys / "class/drm")) {
    const fs::path device = sys / "class/drm" / name / "device";
    const auto address = link_target_name(device);  // for a connector: its card
    if (address && is_pci_address(*address)) add(*address, device).in_drm = true;
  }
  return functions;
}

Finding without_driver(const RootPaths& paths, const Function& function) {
  Finding finding{
      Level::problem, kGpuSubject,
      fmt::format("{} (AMD, device {}) has no driver", function.address, function.device_id), ""};
  if (read_line_or_empty(paths.proc / "cmdline").find("nomodeset") != std::string::npos) {
    finding.advice =
        "the kernel was booted with nomodeset, which disables amdgpu: remove it from the boot "
        "loader's configuration and reboot";
  } else if (!fs::exists(paths.sys / "module/amdgpu")) {
    finding.advice =
        "amdgpu is not loaded: try \"modprobe amdgpu\"; if that does not help, look for "
        "\"blacklist amdgpu\" in /etc/modprobe.d, and for amdgpu in the kernel's package";
  } else {
    finding.advice =
        "amdgpu is loaded but does not drive it: see \"dmesg\"; often its firmware is missing "
        "(Debian: firmware-amd-graphics) or the kernel is older than the GPU";
  }
  return finding;
}

Finding with_other_driver(const Function& function) {
  std::string advice = "it can only be read while amdgpu drives it";
  if (function.driver == "vfio-pci")
    advice = "it is reserved for a virtual machine: run an exporter there";
  if (function.driver == "radeon")
    advice =
        "GPUs of the first two GCN generations can be switched to amdgpu with radeon.si_support=0 "
        "amdgpu.si_support=1 (or cik_support) on the kernel command line; older ones cannot";
  return {Level::note, kGpuSubject,
          fmt::format("{} (AMD, device {}) has no values: it is driven by {}, not by amdgpu",
                      function.address, function.device_id, function.driver),
          advice};
}

void check_amd_function(const RootPaths& paths, const Function& function, Findings& findings) {
  if (function.driver.empty()) {
    // A copy of /sys may lack the links to drivers: a card in drm has one.
    if (!function.in_drm) findings.push_back(without_driver(paths, function));
  } else if (function.driver != "amdgpu") {
    findings.push_back(with_other_driver(function));
  } else if (!function.in_drm) {
    findings.push_back({Level::problem, kGpuSubject,
                        fmt::format("{} is driven by amdgpu but is not in {}", function.address,
                                    (paths.sys / "class/drm").string()),
                        "the driver failed to initialize it: see \"dmesg | grep amdgpu\""});
  }
}

}  // namespace

Findings check_gpu_devices(const CheckInput& input) {
  const RootPaths& paths = input.config.paths;
  Findings findings;
  std::vector<std::string> others;
  bool has_amd = false;
  for (const auto& [address, function] : list_functions(paths.sys)) {
    if (function.vendor == kAmdVendor) {
      has_amd = true;
      check_amd_function(paths, function, findings);
    } else {
      others.push_back(fmt::format("{} (vendor {})", address, function.vendor));
    }
  }
  if (!has_amd)
    findings.push_back(
        {Level::ok, kGpuSubject,
         fmt::format("no AMD GPU found in {} and {}", (paths.sys / "bus/pci/devices").string(),
                     (paths.sys / "class/drm").string()),
         ""});
  if (!others.empty())
    findings.push_back(
        {Level::note, kGpuSubject,
         fmt::format("ignored, because only AMD GPUs are read: {}", fmt::join(others, ", ")), ""});
  return findings;
}

}  // namespace rig
