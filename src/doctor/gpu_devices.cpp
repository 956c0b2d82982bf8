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

constexpr const char* kSubject = "GPUs";
constexpr std::string_view kAmdVendor = "0x1002";

struct Function {
  std::string address;
  std::string vendor;
  std::string device_id;
  std::string driver;  // empty: none
  bool in_drm = false;
};

std::string line_of(const fs::path& path) {
  return std::string(trim(try_read_file(path).text.value_or("")));
}

// Display controllers, and what computes without a display.
bool is_gpu_class(std::string_view text) {
  return text.starts_with("0x03") || text.starts_with("0x12");
}

std::map<std::string, Function> list_functions(const fs::path& sys) {
  std::map<std::string, Function> functions;
  const auto add = [&](const std::string& address, const fs::path& folder) -> Function& {
    return functions
        .try_emplace(address,
                     Function{address, line_of(folder / "vendor"), line_of(folder / "device"),
                              link_target_name(folder / "driver").value_or(""), false})
        .first->second;
  };
  const fs::path devices = sys / "bus/pci/devices";
  for (const auto& address : list_directory(devices)) {
    if (is_gpu_class(line_of(devices / address / "class"))) add(address, devices / address);
  }
  for (const auto& name : list_directory(sys / "class/drm")) {
    const fs::path device = sys / "class/drm" / name / "device";
    const auto address = link_target_name(device);  // of a connector it is the card
    if (address && is_pci_address(*address)) add(*address, device).in_drm = true;
  }
  return functions;
}

Finding without_driver(const RootPaths& host, const Function& function) {
  Finding finding{
      Level::wrong, kSubject,
      fmt::format("{} (AMD, device {}) has no driver", function.address, function.device_id), ""};
  if (line_of(host.proc / "cmdline").find("nomodeset") != std::string::npos) {
    finding.advice =
        "the kernel was started with nomodeset, which keeps amdgpu away: take it out of the boot "
        "loader's configuration and start anew";
  } else if (!fs::exists(host.sys / "module/amdgpu")) {
    finding.advice =
        "amdgpu is not loaded: try \"modprobe amdgpu\"; when that does not help, look for "
        "\"blacklist amdgpu\" in /etc/modprobe.d, and for amdgpu in the kernel's package";
  } else {
    finding.advice =
        "amdgpu is loaded and has not taken it: \"dmesg\" says why; often its firmware is missing "
        "(Debian: firmware-amd-graphics) or the kernel is older than the card";
  }
  return finding;
}

Finding with_other_driver(const Function& function) {
  std::string advice = "it can be read only while amdgpu drives it";
  if (function.driver == "vfio-pci")
    advice = "it is set aside for a virtual machine: run an exporter there";
  if (function.driver == "radeon")
    advice =
        "cards of the first two GCN generations can be given to amdgpu with radeon.si_support=0 "
        "amdgpu.si_support=1 (or cik_support) on the kernel's command line; older ones cannot";
  return {Level::note, kSubject,
          fmt::format("{} (AMD, device {}) is driven by {} and not by amdgpu", function.address,
                      function.device_id, function.driver),
          advice};
}

void judge(const RootPaths& host, const Function& function, Findings& findings) {
  if (function.driver.empty()) {
    // A copy of /sys may lack the links to drivers: a card in drm has one.
    if (!function.in_drm) findings.push_back(without_driver(host, function));
  } else if (function.driver != "amdgpu") {
    findings.push_back(with_other_driver(function));
  } else if (!function.in_drm) {
    findings.push_back({Level::wrong, kSubject,
                        fmt::format("{} is driven by amdgpu and not in {}", function.address,
                                    (host.sys / "class/drm").string()),
                        "its driver has not got it going: \"dmesg | grep amdgpu\" says why"});
  }
}

}  // namespace

Findings check_pci_functions(const Seen& seen) {
  const RootPaths& host = seen.config.host;
  Findings findings;
  std::vector<std::string> others;
  bool any = false;
  for (const auto& [address, function] : list_functions(host.sys)) {
    if (function.vendor == kAmdVendor) {
      any = true;
      judge(host, function, findings);
    } else {
      others.push_back(fmt::format("{} (vendor {})", address, function.vendor));
    }
  }
  if (!any)
    findings.push_back(
        {Level::ok, kSubject,
         fmt::format("no AMD GPU, looked for in {} and {}", (host.sys / "bus/pci/devices").string(),
                     (host.sys / "class/drm").string()),
         ""});
  if (!others.empty())
    findings.push_back(
        {Level::note, kSubject,
         fmt::format("passed over, since only AMD's are read: {}", fmt::join(others, ", ")), ""});
  return findings;
}

}  // namespace rig
