// One GPU as amdgpu's own sysfs files tell it.
#pragma once

#include <optional>

#include "gpu_probe/gpu_metrics/gpu_metrics_values.h"
#include "gpu_probe/rocm_smi/gpu_library.h"
#include "gpu_probe/sysfs/amdgpu_facts.h"
#include "gpu_probe/sysfs/autosuspend_window.h"
#include "rig/amdgpu/card_discovery.h"
#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

struct AmdgpuReading {
  GpuReading reading;
  GpuQuery questions;  // what librocm_smi64 can be asked without risk after this reading
};

// One thread at a time. read() blocks for as long as the driver likes.
class AmdgpuSysfs {
 public:
  AmdgpuSysfs(AmdgpuCard card, MarketingName marketing_name,
              AutosuspendWindow sleep_chance = AutosuspendWindow());

  // Absent when the card is gone. A card that is not awake (power/runtime_status other than active)
  // is asked nothing of its driver: on most kernels that would wake it. What is known of it from
  // before and does not change (identity, sizes, limits) is in the reading all the same. The same
  // goes for one that is left alone for a while, to let it fall asleep.
  std::optional<AmdgpuReading> read();

  const AmdgpuCard& card() const { return card_; }

 private:
  GpuReading begin();
  void learn_facts(GpuReading& reading);
  void add_facts(GpuReading& reading) const;
  bool fell_asleep(GpuReading& reading) const;
  std::optional<AutosuspendWindow::Clock::duration> autosuspend_delay() const;

  AmdgpuCard card_;
  MarketingName marketing_name_;
  std::optional<AmdgpuPciFacts> pci_;
  std::optional<AmdgpuFacts> facts_;
  bool facts_complete_ = false;
  GpuMetricsHabits metrics_habits_;
  AutosuspendWindow sleep_chance_;
};

}  // namespace rig
