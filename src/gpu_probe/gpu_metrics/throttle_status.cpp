#include "gpu_probe/gpu_metrics/throttle_status.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "rig/kernel/text.h"

namespace rig {
namespace {

struct ThrottleReason {
  const char* name;
  std::uint64_t bits;
};

constexpr std::uint64_t bits(unsigned first, unsigned last) {
  return (std::uint64_t{2} << last) - (std::uint64_t{1} << first);
}

constexpr std::uint64_t bit(unsigned number) { return bits(number, number); }

// SMU_THROTTLER_* in the kernel's drivers/gpu/drm/amd/pm/swsmu/inc/amdgpu_smu.h
constexpr std::array kIndependentBits{
    ThrottleReason{"power", bits(0, 7)},      // PPT0 to PPT3, SPL, FPPT, SPPT, SPPT_APU
    ThrottleReason{"current", bits(16, 23)},  // TDC, EDC, APCC
    ThrottleReason{"thermal_gpu", bit(32)},
    ThrottleReason{"thermal_core", bit(33)},
    ThrottleReason{"thermal_memory", bit(34)},
    ThrottleReason{"thermal_edge", bit(35)},
    ThrottleReason{"thermal_junction", bit(36)},
    ThrottleReason{"thermal_soc", bit(37)},
    // TEMP_VR_GFX, _SOC, _MEM0, _MEM1; VRHOT0 and VRHOT1, signals of the regulators
    ThrottleReason{"thermal_vr", bits(38, 41) | bits(44, 45)},
    ThrottleReason{"thermal_liquid", bits(42, 43)},
    ThrottleReason{"prochot", bits(46, 47)},
    ThrottleReason{"ppm", bit(56)},
    ThrottleReason{"fit", bit(57)},
};

// THROTTLER_STATUS_* in drivers/gpu/drm/amd/pm/powerplay/inc/smu9_driver_if.h (vega12). The bits of
// a PLX switch and of the skin are left out here and below: the kernel has no independent bits for
// them, so that there is no reason to report them under.
constexpr std::array kVega12Bits{
    ThrottleReason{"thermal_edge", bit(1)},   ThrottleReason{"thermal_junction", bit(2)},
    ThrottleReason{"thermal_memory", bit(3)}, ThrottleReason{"thermal_vr", bits(4, 5)},
    ThrottleReason{"thermal_liquid", bit(6)}, ThrottleReason{"current", bits(9, 10)},
    ThrottleReason{"power", bit(11)},         ThrottleReason{"fit", bit(12)},
    ThrottleReason{"ppm", bit(13)},
};

// The same in smu11_driver_if.h
constexpr std::array kVega20Bits{
    ThrottleReason{"thermal_edge", bit(1)},   ThrottleReason{"thermal_junction", bit(2)},
    ThrottleReason{"thermal_memory", bit(3)}, ThrottleReason{"thermal_vr", bits(4, 7)},
    ThrottleReason{"thermal_liquid", bit(8)}, ThrottleReason{"current", bits(11, 12)},
    ThrottleReason{"power", bit(13)},         ThrottleReason{"fit", bit(14)},
    ThrottleReason{"ppm", bit(15)},
};

// THROTTLER_STATUS_BIT_* in smu13_driver_if_yellow_carp.h, _v13_0_4.h and _v13_0_5.h of
// drivers/gpu/drm/amd/pm/swsmu/inc/pmfw_if
constexpr std::array kApuBits{
    ThrottleReason{"power", bits(0, 3)},  // SPL, FPPT, SPPT, SPPT_APU
    ThrottleReason{"thermal_core", bit(4)},
    ThrottleReason{"thermal_gpu", bit(5)},
    ThrottleReason{"thermal_soc", bit(6)},
    ThrottleReason{"current", bits(7, 8) | bits(11, 12)},  // TDC, EDC
    ThrottleReason{"prochot", bits(9, 10)},
};

struct StatusLayout {
  unsigned first_device;
  unsigned last_device;
  unsigned format_revision;  // of the table
  std::span<const ThrottleReason> reasons;
};

constexpr std::array kStatusLayouts{
    StatusLayout{0x66a0, 0x66af, 1, kVega20Bits}, StatusLayout{0x69a0, 0x69af, 1, kVega12Bits},
    StatusLayout{0x1506, 0x1506, 2, kApuBits},  // Mendocino
    StatusLayout{0x15bf, 0x15bf, 2, kApuBits},  // Phoenix
    StatusLayout{0x15c8, 0x15c8, 2, kApuBits},  // Phoenix 2
    StatusLayout{0x164e, 0x164e, 2, kApuBits},  // Raphael
    StatusLayout{0x1681, 0x1681, 2, kApuBits},  // Rembrandt
};

std::span<const ThrottleReason> reasons_of(unsigned format_revision, std::string_view device_id) {
  const auto device = parse_number<unsigned>(device_id, 16);
  if (!device) return {};
  const auto* const known = std::ranges::find_if(kStatusLayouts, [&](const StatusLayout& layout) {
    return layout.format_revision == format_revision && *device >= layout.first_device &&
           *device <= layout.last_device;
  });
  return known == kStatusLayouts.end() ? std::span<const ThrottleReason>() : known->reasons;
}

LabeledNumbers reasons_in(std::uint64_t status, std::span<const ThrottleReason> reasons) {
  LabeledNumbers found;
  for (const auto& reason : reasons) found[reason.name] = (status & reason.bits) != 0 ? 1 : 0;
  return found;
}

}  // namespace

LabeledNumbers throttled(const GpuMetrics& metrics, std::string_view device_id) {
  if (metrics.indep_throttle_status)
    return reasons_in(*metrics.indep_throttle_status, kIndependentBits);
  if (!metrics.throttle_status) return {};
  return reasons_in(*metrics.throttle_status, reasons_of(metrics.format_revision, device_id));
}

}  // namespace rig
