#include <array>

#include "gpu_probe/gpu_metrics/gpu_metrics_layout.h"

namespace rig {
namespace {

using enum GpuMetricsMember;
using namespace table_unit;

// Unit codes of version 1.9.
constexpr unsigned kNoUnit = 0;
constexpr unsigned kMegahertzUnit = 1;
constexpr unsigned kCelsiusUnit = 2;
constexpr unsigned kWattUnit = 3;
constexpr unsigned kGigabitUnit = 6;  // per second
constexpr unsigned kTenthOfGigatransferUnit = 7;
constexpr unsigned kGigabyteUnit = 8;  // per second
constexpr unsigned kKibibyteUnit = 9;
constexpr unsigned kPercentUnit = 10;

constexpr TableAttribute attribute(unsigned id, unsigned unit_code, GpuMetricsMember group,
                                   std::string_view name, TableUnit unit) {
  return {id, unit_code, {0, 0, 0, group, name, unit}};
}

// Up to ID 48: those above differ between kernels.
constexpr std::array kAttributes{
    attribute(0, kCelsiusUnit, kTemperature, "junction", kOne),
    attribute(1, kCelsiusUnit, kTemperature, "memory", kOne),
    attribute(2, kCelsiusUnit, kTemperature, "vr_soc", kOne),
    attribute(3, kWattUnit, kPower, "", kOne),
    attribute(4, kPercentUnit, kBusy, "gfx", kPercent),
    attribute(5, kPercentUnit, kBusy, "memory", kPercent),
    attribute(6, kGigabyteUnit, kMemoryBandwidth, "", kGigabyte),
    attribute(7, kNoUnit, kEnergy, "", kEnergyUnit),
    attribute(9, kNoUnit, kCountedCycles, "", kOne),
    attribute(10, kNoUnit, kThrottleCycles, "prochot", kOne),
    attribute(11, kNoUnit, kThrottleCycles, "power", kOne),
    attribute(12, kNoUnit, kThrottleCycles, "thermal_socket", kOne),
    attribute(13, kNoUnit, kThrottleCycles, "thermal_vr", kOne),
    attribute(14, kNoUnit, kThrottleCycles, "thermal_memory", kOne),
    attribute(16, kNoUnit, kPcieLanes, "", kOne),
    attribute(17, kTenthOfGigatransferUnit, kPcieSpeed, "", kTenthOfGigatransfer),
    attribute(18, kNoUnit, kXgmiLanes, "", kOne),
    attribute(19, kGigabitUnit, kXgmiSpeed, "", kGigatransfer),
    // Earlier kernels declare them as percent.
    attribute(20, kNoUnit, kBusyCycles, "gfx", kOne),
    attribute(20, kPercentUnit, kBusyCycles, "gfx", kOne),
    attribute(21, kNoUnit, kBusyCycles, "memory", kOne),
    attribute(21, kPercentUnit, kBusyCycles, "memory", kOne),
    attribute(23, kGigabyteUnit, kPcieBandwidth, "", kGigabyte),
    attribute(24, kNoUnit, kPcieError, "recoveries", kOne),
    attribute(25, kNoUnit, kPcieError, "replays", kOne),
    attribute(26, kNoUnit, kPcieError, "replay_rollovers", kOne),
    attribute(27, kNoUnit, kPcieError, "naks_sent", kOne),
    attribute(28, kNoUnit, kPcieError, "naks_received", kOne),
    attribute(29, kKibibyteUnit, kXgmi, "read", kKibibyte),
    attribute(30, kKibibyteUnit, kXgmi, "write", kKibibyte),
    attribute(31, kNoUnit, kXgmiLinkUp, "", kOne),
    attribute(33, kMegahertzUnit, kClock, "sclk", kMegahertz),
    attribute(34, kMegahertzUnit, kClock, "socclk", kMegahertz),
    attribute(35, kMegahertzUnit, kClock, "vclk", kMegahertz),
    attribute(36, kMegahertzUnit, kClock, "dclk", kMegahertz),
    attribute(37, kMegahertzUnit, kClock, "mclk", kMegahertz),
    attribute(40, kPercentUnit, kXccBusy, "", kPercent),
    attribute(41, kPercentUnit, kBusy, "jpeg", kPercent),
    attribute(42, kPercentUnit, kBusy, "media", kPercent),
    attribute(44, kNoUnit, kLimitedCycles, "power", kOne),
    attribute(45, kNoUnit, kLimitedCycles, "thermal", kOne),
    attribute(46, kNoUnit, kLimitedCycles, "low_utilization", kOne),
    attribute(47, kNoUnit, kLimitedCycles, "total", kOne),
    attribute(48, kCelsiusUnit, kStackTemperature, "", kOne),
};

}  // namespace

std::span<const TableAttribute> gpu_metrics_attributes() { return kAttributes; }

}  // namespace rig
