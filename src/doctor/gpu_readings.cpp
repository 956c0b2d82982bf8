#include <fmt/format.h>

#include "doctor/checks.h"

namespace rig {
namespace {

constexpr const char* kSubject = "GPUs";

std::string advice_on_source(std::string_view reason) {
  const auto has = [&](std::string_view words) { return reason.find(words) != reason.npos; };
  if (has("librocm_smi64") && has("cannot open shared object"))
    return "install librocm_smi64 (Debian, Ubuntu: librocm-smi64-1)";
  if (has("built without rocm-smi"))
    return "install librocm-smi-dev and build again with -DRIG_WITH_ROCM=ON";
  if (has("crashed") || has("hung"))
    return "another version of librocm_smi64 may bear what this driver writes";
  return "";
}

Finding finding_on(const Seen& seen, const ExposedSample& up) {
  const auto address = up.label("pci_address");
  std::string name = fmt::format("GPU {} ({}", up.label("gpu"), address);
  for (const auto* info : seen.all("rig_gpu_info")) {
    if (info->label("pci_address") != address) continue;
    for (const auto label : {"name", "card", "render"}) {
      if (!info->label(label).empty()) name += fmt::format(", {}", info->label(label));
    }
  }
  const bool asleep =
      seen.value("rig_gpu_runtime_state", {{"pci_address", address}, {"state", "suspended"}}) == 1;
  if (asleep)
    return {Level::note, kSubject, name + ") is asleep, and is left asleep: nothing is asked of it",
            "its values come as soon as something wakes it"};
  return {Level::ok, kSubject, name + ") is awake and answers", ""};
}

}  // namespace

Findings check_gpu_source(const Seen& seen) {
  Findings findings;
  for (const auto* info : seen.all("rig_gpu_probe_info")) {
    if (seen.all("rig_gpu_up").empty()) continue;  // nobody was read
    const auto reason = info->label("reason");
    findings.push_back({reason.empty() ? Level::ok : Level::note, kSubject,
                        fmt::format("read by way of {}{}{}", info->label("source"),
                                    reason.empty() ? "" : ", since ", reason),
                        advice_on_source(reason)});
  }
  return findings;
}

// A card that does not answer is among the collector's problems, with its reason.
Findings check_gpu_answers(const Seen& seen) {
  Findings findings;
  for (const auto* up : seen.all("rig_gpu_up")) {
    if (up->value == 1) findings.push_back(finding_on(seen, *up));
  }
  if (seen.all("rig_gpus").empty()) return findings;  // off, or nothing is known: said elsewhere
  for (const auto& card : list_amdgpu_cards(seen.config.host.sys)) {
    if (!seen.value("rig_gpu_up", {{"pci_address", card.pci_address}}))
      findings.push_back({Level::wrong, kSubject,
                          fmt::format("{} ({}) is there, and no reading of it has come",
                                      card.pci_address, card.card),
                          R"(see what "rig_gpu_probe --once" says of it, and "dmesg")"});
  }
  return findings;
}

}  // namespace rig
