// One GPU as amdgpu's own sysfs files tell it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "amdgpu_cards.h"
#include "gpu_library.h"
#include "rig/gpu_reading.h"

namespace rig {

// The marketing name of a card, by PCI device id, revision, and uevent text; empty: unknown.
using MarketingName = std::function<std::string(
    std::string_view device_id, std::string_view revision, std::string_view uevent)>;

struct AmdgpuReading {
  GpuReading reading;
  GpuQuestions questions;  // what librocm_smi64 can be asked without risk after this reading
};

// One thread at a time. read() blocks for as long as the driver likes.
class AmdgpuSysfs {
 public:
  AmdgpuSysfs(AmdgpuCard card, MarketingName marketing_name);

  // Absent when the card is gone. A card that is not awake (power/runtime_status other than active)
  // is asked nothing of its driver: on most kernels that would wake it.
  std::optional<AmdgpuReading> read();

  const AmdgpuCard& card() const { return card_; }

 private:
  void read_pci_identity();
  void read_driver_identity(GpuReading& reading);
  AmdgpuReading asleep(const std::optional<std::string>& runtime_state) const;

  AmdgpuCard card_;
  MarketingName marketing_name_;
  GpuIdentity identity_;  // what was read once; it does not change while the card is there
  bool driver_identity_known_ = false;
};

}  // namespace rig
