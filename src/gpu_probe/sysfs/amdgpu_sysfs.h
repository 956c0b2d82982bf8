// Reads one GPU from amdgpu's sysfs files.
#pragma once

#include <optional>

#include "gpu_probe/gpu_metrics/gpu_metrics_values.h"
#include "gpu_probe/rocm_smi/gpu_library.h"
#include "gpu_probe/sysfs/amdgpu_properties.h"
#include "gpu_probe/sysfs/autosuspend_window.h"
#include "gpu_probe/sysfs/power_profile.h"
#include "rig/amdgpu/card_discovery.h"
#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

struct AmdgpuReading {
  GpuReading reading;
  GpuQuery query;  // what can safely be queried through librocm_smi64 after this reading
};

// Used by one thread at a time. read() blocks for as long as the driver does.
class AmdgpuSysfs {
 public:
  AmdgpuSysfs(AmdgpuCard card, MarketingName marketing_name,
              AutosuspendWindow autosuspend_window = AutosuspendWindow());

  // std::nullopt if the GPU was removed. While it is not active (power/runtime_status), files of
  // its driver are not read, since most kernels would wake it; properties that were read before and
  // do not change (identity, sizes, limits) are in the reading nevertheless. The same applies while
  // sampling is paused to let the GPU autosuspend.
  std::optional<AmdgpuReading> read();

  const AmdgpuCard& card() const { return card_; }

 private:
  GpuReading begin();
  void read_properties(GpuReading& reading);
  void add_properties(GpuReading& reading) const;
  void judge_refused(GpuReading& reading);
  bool was_removed(const GpuReading& reading) const;
  bool fell_asleep(GpuReading& reading) const;
  std::optional<AutosuspendWindow::Clock::duration> autosuspend_delay() const;

  AmdgpuCard card_;
  MarketingName marketing_name_;
  std::optional<PciProperties> pci_;
  std::optional<DriverProperties> properties_;
  bool properties_complete_ = false;
  bool properties_refused_ = false;  // EPERM of a property, outside a reset
  FileHistory history_;
  GpuMetricsQuirks metrics_quirks_;
  PowerProfile power_profile_;
  AutosuspendWindow autosuspend_window_;
};

}  // namespace rig
