#include "rig/doctor/doctor.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "doctor/checks.h"
#include "doctor/doctor_text.h"
#include "doctor/timed_checks.h"

namespace rig {
namespace {

constexpr std::chrono::seconds kCheckTimeout{5};
constexpr const char* kDriverHangs = "a driver hangs: see \"dmesg\"";
constexpr const char* kFilesystemHangs = "a filesystem does not respond: see \"dmesg\"";
constexpr const char* kNetworkHangs = "a name server or a program on that address does not respond";

// Most important first.
std::vector<TimedCheck<Findings>> checks() {
  return {
      {"the GPU devices", kDriverHangs, check_gpu_devices},
      {"the collectors", kDriverHangs, check_collectors},
      {"the GPUs", kDriverHangs, check_gpu_readings},
      {"the source of GPU readings", kDriverHangs, check_gpu_source},
      {"KFD", kDriverHangs, check_kfd},
      {"the device files", kDriverHangs, check_device_files},
      {"the arrays", kDriverHangs, check_arrays},
      {"CPU and memory", kDriverHangs, check_cpu_and_memory},
      {"the filesystems", kFilesystemHangs, check_filesystems},
      {"the filesystems without series", kFilesystemHangs, check_skipped_filesystems},
      {"the disks without series", kDriverHangs, check_skipped_disks},
      {"the addresses", kNetworkHangs, check_addresses},
  };
}

}  // namespace

Diagnosis diagnose(std::span<const CollectorInfo> collectors, const Config& config) {
  const auto input = std::make_shared<const CheckInput>(scrape_for_checks(collectors, config));
  auto [findings, gpus] =
      run_checks(input, checks(), {"the metrics of the GPUs", kDriverHangs, list_gpu_metrics},
                 std::chrono::steady_clock::now() + kCheckTimeout);
  findings.push_back({Level::ok, kExporterSubject, "flags and configuration are valid", ""});
  const bool healthy = std::ranges::none_of(
      findings, [](const Finding& finding) { return finding.level == Level::problem; });
  return {doctor_text(findings, gpus), healthy};
}

}  // namespace rig
