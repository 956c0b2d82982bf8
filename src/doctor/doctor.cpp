#include "rig/doctor/doctor.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "doctor/checks.h"
#include "doctor/doctor_text.h"
#include "doctor/looks.h"

namespace rig {
namespace {

constexpr std::chrono::seconds kPatience{5};
constexpr const char* kDriverHangs = "a driver hangs: \"dmesg\" says why";
constexpr const char* kFileSystemHangs =
    "the file system it is in does not answer: \"dmesg\" says why";
constexpr const char* kNetworkHangs = "a name server or a program at that address does not answer";

// In the order in which a person wants to hear of them.
std::vector<Look<Findings>> checks() {
  return {
      {"the PCI functions", kDriverHangs, check_pci_functions},
      {"the collectors", kDriverHangs, check_collectors},
      {"the GPUs", kDriverHangs, check_gpu_answers},
      {"the source of the GPUs", kDriverHangs, check_gpu_source},
      {"KFD", kDriverHangs, check_kfd},
      {"the device files", kDriverHangs, check_device_files},
      {"the arrays", kDriverHangs, check_arrays},
      {"CPU and memory", kDriverHangs, check_cpu_and_memory},
      {"the filesystems", kDriverHangs, check_filesystems},
      {"the addresses", kNetworkHangs, check_addresses},
  };
}

}  // namespace

Diagnosis diagnose(std::span<const CollectorInfo> collectors, const Config& config) {
  const auto seen = std::make_shared<const Seen>(scrape_once(collectors, config));
  auto [findings, cards] =
      look_at(seen, checks(), {"the metrics of the cards", kDriverHangs, list_card_metrics},
              std::chrono::steady_clock::now() + kPatience);
  findings.push_back({Level::ok, "Exporter", "flags and configuration are fine", ""});
  const bool well = std::ranges::none_of(
      findings, [](const Finding& finding) { return finding.level == Level::wrong; });
  return {doctor_text(findings, cards), well};
}

}  // namespace rig
