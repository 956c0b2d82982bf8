#include "gpu/supervisor/limited_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "gpu/gpu_limits.h"
#include "rig/gpu_protocol/gpu_fields.h"

namespace rig {
namespace {

void limit_text(std::string& text) {
  if (text.size() > kMaxTextSize) text.resize(kMaxTextSize);
}

// Leaves out the values of one reading that exceed their number, and those with huge keys.
class ReadingLimiter {
 public:
  void limit(std::optional<double>& /*unused*/) {}
  void limit(std::string& text) { limit_text(text); }
  void limit(std::optional<std::string>& text) {
    if (text) limit_text(*text);
  }
  template <typename T>
  void limit(std::map<std::string, T>& values) {
    for (auto entry = values.begin(); entry != values.end();) {
      if (left_ == 0 || entry->first.size() > kMaxTextSize) {
        entry = values.erase(entry);
        exceeded_ = true;
      } else {
        limit_entry(entry->second);
        ++entry;
      }
    }
  }
  bool exceeded() const { return exceeded_; }

 private:
  void limit_entry(double /*unused*/) { --left_; }
  void limit_entry(std::string& text) {
    --left_;
    limit_text(text);
  }
  void limit_entry(LabeledNumbers& values) { limit(values); }

  std::size_t left_ = kMaxValuesPerReading;
  bool exceeded_ = false;
};

void limit_problems(std::vector<Problem>& problems) {
  if (problems.size() > kMaxProblemsPerReading) {
    problems.resize(kMaxProblemsPerReading);
    problems.push_back({Reason::failed, "rig_gpu_probe", "more problems of this GPU are left out"});
  }
  for (Problem& problem : problems) problem = bounded(std::move(problem));
}

void limit_line(ProbeReport& report) {
  for (auto* text : {&report.version, &report.source, &report.rocm_smi_version, &report.reason,
                     &report.driver_version}) {
    limit_text(*text);
  }
}

// By SnapshotStore.
void limit_line(GpuList& list) {
  for (auto& gpu : list.gpus) limit_text(gpu.pci_address);
}

void limit_line(GpuProcesses& processes) {
  if (processes.processes.size() > kMaxProcesses) processes.processes.resize(kMaxProcesses);
  while (processes.counts.size() > kMaxGpus) processes.counts.erase(--processes.counts.end());
  for (auto& process : processes.processes) {
    for (auto* text : {&process.pci_address, &process.command, &process.unit, &process.container,
                       &process.pod, &process.slurm_job}) {
      limit_text(*text);
    }
  }
}

void limit_line(GpuReading& reading) {
  limit_text(reading.pci_address);
  auto& identity = reading.identity;
  for (auto* text : {&identity.name, &identity.unique_id, &identity.serial, &identity.device_id,
                     &identity.revision, &identity.subsystem_id, &identity.vbios_version,
                     &identity.memory_vendor, &identity.card, &identity.render}) {
    limit_text(*text);
  }
  ReadingLimiter limiter;
  for_each_gpu_field([&](const auto& field) { limiter.limit(reading.*field.member); });
  limiter.limit(reading.read_errors);
  limit_problems(reading.problems);
  if (limiter.exceeded()) {
    reading.problems.push_back(
        {Reason::implausible, "rig_gpu_probe",
         fmt::format("reports more than {} values of GPU {}; the others are left out",
                     kMaxValuesPerReading, reading.pci_address)});
  }
}

}  // namespace

ProbeLine limited_line(ProbeLine line) {
  std::visit([](auto& value) { limit_line(value); }, line);
  return line;
}

}  // namespace rig
