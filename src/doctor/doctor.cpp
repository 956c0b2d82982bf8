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

// Of a host, whether or not an exporter is running. Most important first.
std::vector<TimedCheck<Findings>> host_checks() {
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
  };
}

std::vector<TimedCheck<Findings>> all_checks() {
  auto checks = host_checks();
  checks.push_back({"the addresses", kNetworkHangs, check_addresses});
  return checks;
}

}  // namespace

Diagnosis diagnose(std::span<const CollectorInfo> collectors, const Config& config) {
  const auto input = std::make_shared<const CheckInput>(scrape_for_checks(collectors, config));
  auto [findings, gpus] =
      run_checks(input, all_checks(), {"the metrics of the GPUs", kDriverHangs, list_gpu_metrics},
                 std::chrono::steady_clock::now() + kCheckTimeout);
  findings.push_back({Level::ok, kExporterSubject, "flags and configuration are valid", ""});
  const bool healthy = std::ranges::none_of(
      findings, [](const Finding& finding) { return finding.level == Level::problem; });
  return {doctor_text(findings, gpus), healthy};
}

HostExamination::HostExamination(std::span<const CollectorInfo> collectors, const Config& config)
    : config_(config), disabled_(disabled_collectors(collectors, config)) {}

Findings HostExamination::findings(const ScrapeResult& scrape) {
  const auto input = std::make_shared<const CheckInput>(CheckInput{config_, scrape, disabled_});
  auto findings =
      run_checks(pool_, input, host_checks(), std::chrono::steady_clock::now() + kCheckTimeout);
  std::erase_if(findings, [](const Finding& finding) { return finding.level == Level::ok; });
  std::stable_partition(findings.begin(), findings.end(),
                        [](const Finding& finding) { return finding.level == Level::problem; });
  return findings;
}

}  // namespace rig
