#include "rig/doctor.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <utility>

#include "checks.h"
#include "doctor_text.h"
#include "rig/lane.h"

namespace rig {
namespace {

constexpr std::chrono::seconds kPatience{5};

struct Check {
  const char* name;  // what it looks at
  Findings (*look)(const Seen&);
};

// In the order in which a person wants to hear of them.
constexpr auto kChecks = std::to_array<Check>({
    {"the PCI functions", check_pci_functions},
    {"the collectors", check_collectors},
    {"the GPUs", check_gpu_answers},
    {"the source of the GPUs", check_gpu_source},
    {"KFD", check_kfd},
    {"the device files", check_device_files},
    {"the arrays", check_arrays},
    {"mdadm.conf", check_mdadm_conf},
    {"CPU and memory", check_cpu_and_memory},
    {"the filesystems", check_filesystems},
    {"the addresses", check_addresses},
});

// Looks at all things at once, each in a thread of its own: any of them may hang in the kernel.
Findings look(const std::shared_ptr<const Seen>& seen) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::vector<std::unique_ptr<Lane<Findings>>> lanes;
  std::vector<Lane<Findings>::Ticket> tickets;
  for (const auto& check : kChecks) {
    lanes.push_back(std::make_unique<Lane<Findings>>("doctor"));
    tickets.push_back(lanes.back()->start([seen, run = check.look] { return run(*seen); }));
  }
  Findings findings;
  for (std::size_t i = 0; i < kChecks.size(); ++i) {
    const auto outcome = lanes[i]->finish(tickets[i], deadline);
    const std::string name = kChecks[i].name;
    if (outcome.value)
      findings.insert(findings.end(), outcome.value->begin(), outcome.value->end());
    else if (outcome.late)
      findings.push_back({Level::wrong, "Host", "looking at " + name + " does not come back",
                          "a driver hangs: \"dmesg\" says why"});
    else
      findings.push_back({Level::wrong, "Host", "looking at " + name + ": " + outcome.error, ""});
  }
  return findings;
}

std::vector<CardMetrics> list_metrics(const std::shared_ptr<const Seen>& seen) {
  using List = std::vector<CardMetrics>;
  Lane<List> lane("doctor");
  const auto ticket = lane.start([seen] { return list_card_metrics(*seen); });
  const auto outcome = lane.finish(ticket, std::chrono::steady_clock::now() + kPatience);
  return outcome.value ? *outcome.value : List();
}

}  // namespace

Diagnosis diagnose(std::span<const CollectorInfo> collectors, const Config& config) {
  const auto seen = std::make_shared<const Seen>(scrape_once(collectors, config));
  auto findings = look(seen);
  findings.push_back({Level::ok, "Exporter", "flags and configuration are fine", ""});
  const bool well = std::ranges::none_of(
      findings, [](const Finding& finding) { return finding.level == Level::wrong; });
  return {doctor_text(findings, list_metrics(seen)), well};
}

}  // namespace rig
