#include <fmt/format.h>

#include "doctor/checks.h"
#include "rig/gpu/gpu_families.h"

namespace rig {
namespace {

// `reason` is a message of the probe or of dlopen(3).
std::string advice_on_source(std::string_view reason) {
  const auto contains = [&](std::string_view words) { return reason.find(words) != reason.npos; };
  if (contains("librocm_smi64") && contains("cannot open shared object"))
    return "install librocm_smi64 (Debian, Ubuntu: librocm-smi64-1)";
  if (contains("built without rocm-smi"))
    return "install librocm-smi-dev and rebuild with -DRIG_WITH_ROCM=ON";
  if (contains("crashed") || contains("hung"))
    return "another version of librocm_smi64 may support this driver's files";
  return "";
}

Finding describe_gpu(const CheckInput& input, const SampleView& up) {
  const auto address = up.label("pci_address");
  std::string name = fmt::format("GPU {} ({}", up.label("gpu"), address);
  for (const auto& info : input.scrape.find(kInfo)) {
    if (info.label("pci_address") != address) continue;
    for (const auto label : {"name", "card", "render"}) {
      if (!info.label(label).empty()) name += fmt::format(", {}", info.label(label));
    }
  }
  const bool suspended =
      input.scrape.value(gpu_field::runtime_state.metric,
                         {{"pci_address", address}, {"state", "suspended"}}) == 1;
  if (suspended)
    return {Level::note, kGpuSubject, name + ") is suspended and is not woken",
            "its values are available again when a program uses it"};
  return {Level::ok, kGpuSubject, name + ") is awake and responds", ""};
}

}  // namespace

Findings check_gpu_source(const CheckInput& input) {
  Findings findings;
  if (input.scrape.find(kUp).empty()) return findings;  // there is no GPU to read
  for (const auto& info : input.scrape.find(kProbeInfo)) {
    const auto reason = info.label("reason");
    findings.push_back({reason.empty() ? Level::ok : Level::note, kGpuSubject,
                        fmt::format("read through {}{}{}", info.label("source"),
                                    reason.empty() ? "" : ": ", reason),
                        advice_on_source(reason)});
  }
  return findings;
}

// A GPU that does not respond is among the problems of its collector.
Findings check_gpu_readings(const CheckInput& input) {
  Findings findings;
  for (const auto& up : input.scrape.find(kUp)) {
    if (up.value == 1) findings.push_back(describe_gpu(input, up));
  }
  // If the count is absent, the collector is disabled or has no data, which is reported elsewhere.
  if (input.scrape.find(kGpus).empty()) return findings;
  for (const auto& card : list_amdgpu_cards(input.config.paths.sys)) {
    if (!input.scrape.value(kUp, {{"pci_address", card.pci_address}}))
      findings.push_back(
          {Level::problem, kGpuSubject,
           fmt::format("{} ({}) exists, but has not been read", card.pci_address, card.card),
           R"(see the output of "rig_gpu_probe --once", and "dmesg")"});
  }
  return findings;
}

}  // namespace rig
