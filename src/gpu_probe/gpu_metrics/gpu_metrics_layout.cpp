#include "gpu_probe/gpu_metrics/gpu_metrics_layout.h"

#include <algorithm>
#include <array>

namespace rig {
namespace {

using enum GpuMetricsMember;

using namespace table_unit;

template <std::size_t... N>
constexpr auto join(const std::array<TableField, N>&... parts) {
  std::array<TableField, (N + ...)> all{};
  auto* end = all.data();
  ((end = std::copy(parts.begin(), parts.end(), end)), ...);
  return all;
}

constexpr std::array<TableField, 1> one(const TableField& field) { return {field}; }

// Blocks that several versions have at different offsets. "card": discrete GPUs, 1.0 to 1.3;
// "accelerator": since 1.4.

constexpr std::array<TableField, 10> card_head(std::size_t at) {
  return {{{at, 2, 1, kTemperature, "edge", kOne},
           {at + 2, 2, 1, kTemperature, "junction", kOne},
           {at + 4, 2, 1, kTemperature, "memory", kOne},
           {at + 6, 2, 1, kTemperature, "vr_gfx", kOne},
           {at + 8, 2, 1, kTemperature, "vr_soc", kOne},
           {at + 10, 2, 1, kTemperature, "vr_memory", kOne},
           {at + 12, 2, 1, kBusy, "gfx", kPercent},
           {at + 14, 2, 1, kBusy, "memory", kPercent},
           {at + 16, 2, 1, kBusy, "media", kPercent},
           {at + 18, 2, 1, kPower, "", kOne}}};
}

// vclk and dclk have two engines each.
constexpr std::array<TableField, 7> card_clocks(std::size_t at) {
  return {{{at, 2, 1, kClock, "sclk", kMegahertz},
           {at + 2, 2, 1, kClock, "socclk", kMegahertz},
           {at + 4, 2, 1, kClock, "mclk", kMegahertz},
           {at + 6, 2, 1, kClock, "vclk", kMegahertz},
           {at + 8, 2, 1, kClock, "dclk", kMegahertz},
           {at + 10, 2, 1, kClock, "vclk", kMegahertz},
           {at + 12, 2, 1, kClock, "dclk", kMegahertz}}};
}

constexpr std::array<TableField, 1> energy(std::size_t at, unsigned width) {
  return one({at, width, 1, kEnergy, "", kEnergyUnit});
}

constexpr std::array<TableField, 1> throttle_status(std::size_t at) {
  return one({at, 4, 1, kThrottleStatus, "", kOne});
}

constexpr std::array<TableField, 1> fan(std::size_t at) { return one({at, 2, 1, kFan, "", kOne}); }

constexpr std::array<TableField, 1> indep_throttle_status(std::size_t at) {
  return one({at, 8, 1, kIndepThrottleStatus, "", kOne});
}

constexpr std::array<TableField, 2> pcie_link(std::size_t at, unsigned width) {
  return {{{at, width, 1, kPcieLanes, "", kOne},
           {at + width, width, 1, kPcieSpeed, "", kTenthOfGigatransfer}}};
}

constexpr std::array<TableField, 6> throttle_cycles(std::size_t at) {
  return {{{at, 4, 1, kCountedCycles, "", kOne},
           {at + 4, 4, 1, kThrottleCycles, "prochot", kOne},
           {at + 8, 4, 1, kThrottleCycles, "power", kOne},
           {at + 12, 4, 1, kThrottleCycles, "thermal_socket", kOne},
           {at + 16, 4, 1, kThrottleCycles, "thermal_vr", kOne},
           {at + 20, 4, 1, kThrottleCycles, "thermal_memory", kOne}}};
}

constexpr std::array<TableField, 3> pcie_errors(std::size_t at) {
  return {{{at, 8, 1, kPcieError, "recoveries", kOne},
           {at + 8, 8, 1, kPcieError, "replays", kOne},
           {at + 16, 8, 1, kPcieError, "replay_rollovers", kOne}}};
}

constexpr std::array<TableField, 2> pcie_naks(std::size_t at) {
  return {{{at, 4, 1, kPcieError, "naks_sent", kOne},
           {at + 4, 4, 1, kPcieError, "naks_received", kOne}}};
}

constexpr std::array<TableField, 2> xgmi(std::size_t at) {
  return {{{at, 8, 8, kXgmi, "read", kKibibyte}, {at + 64, 8, 8, kXgmi, "write", kKibibyte}}};
}

constexpr std::array<TableField, 5> accelerator_clocks(std::size_t at) {
  return {{{at, 2, 8, kClock, "sclk", kMegahertz},
           {at + 16, 2, 4, kClock, "socclk", kMegahertz},
           {at + 24, 2, 4, kClock, "vclk", kMegahertz},
           {at + 32, 2, 4, kClock, "dclk", kMegahertz},
           {at + 40, 2, 1, kClock, "mclk", kMegahertz}}};
}

constexpr std::array<TableField, 1> media(std::size_t at) {
  return one({at, 2, 4, kBusy, "media", kPercent});
}

constexpr std::array<TableField, 1> jpeg(std::size_t at, unsigned engines) {
  return one({at, 2, engines, kBusy, "jpeg", kPercent});
}

// xcp_stats[8]: the field of the first partition and those of the others.
constexpr std::array<TableField, 8> of_partitions(const TableField& first, std::size_t stride) {
  std::array<TableField, 8> fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    fields[i] = first;
    fields[i].offset += i * stride;
  }
  return fields;
}

constexpr TableField limited_cycles(std::size_t at, std::string_view reason) {
  return {at, 8, 8, kLimitedCycles, reason, kOne};
}

// gfx_activity_acc and what follows.
constexpr std::array<TableField, 2> busy_cycles(std::size_t at) {
  return {{{at, 4, 1, kBusyCycles, "gfx", kOne}, {at + 4, 4, 1, kBusyCycles, "memory", kOne}}};
}

// pcie_bandwidth_inst; the unit of pcie_bandwidth_acc is not documented.
constexpr std::array<TableField, 1> pcie_bandwidth(std::size_t at) {
  return one({at, 8, 1, kPcieBandwidth, "", kGigabyte});
}

constexpr std::array<TableField, 2> apu_temperatures(std::size_t at) {
  return {{{at, 2, 1, kTemperature, "edge", kCentidegree},
           {at + 2, 2, 1, kTemperature, "soc", kCentidegree}}};
}

constexpr std::array<TableField, 6> apu_clocks(std::size_t at) {
  return {{{at, 2, 1, kClock, "sclk", kMegahertz},
           {at + 2, 2, 1, kClock, "socclk", kMegahertz},
           {at + 4, 2, 1, kClock, "mclk", kMegahertz},
           {at + 6, 2, 1, kClock, "fclk", kMegahertz},
           {at + 8, 2, 1, kClock, "vclk", kMegahertz},
           {at + 10, 2, 1, kClock, "dclk", kMegahertz}}};
}

// One busy ratio for each XCC of the partition.
constexpr TableField xcc_busy(std::size_t at) { return {at, 4, 8, kXccBusy, "", kPercent}; }

constexpr std::array<TableField, 2> xgmi_link(std::size_t at) {
  return {{{at, 2, 1, kXgmiLanes, "", kOne}, {at + 2, 2, 1, kXgmiSpeed, "", kGigatransfer}}};
}

// The versions.

constexpr auto kV1_0 = join(card_head(16), energy(36, 4), card_clocks(54), throttle_status(68),
                            fan(72), pcie_link(74, 1));

constexpr auto kV1_1 =
    join(card_head(4), energy(24, 8), card_clocks(54), throttle_status(68), fan(72),
         pcie_link(74, 2), one({88, 2, 4, kStackTemperature, "", kOne}));

constexpr std::array<TableField, 3> kVoltages{{{104, 2, 1, kVoltage, "soc", kMillivolt},
                                               {106, 2, 1, kVoltage, "gfx", kMillivolt},
                                               {108, 2, 1, kVoltage, "memory", kMillivolt}}};

constexpr auto kV1_3 = join(kV1_1, kVoltages, indep_throttle_status(112));

constexpr std::array<TableField, 6> kAcceleratorHead{{{4, 2, 1, kTemperature, "junction", kOne},
                                                      {6, 2, 1, kTemperature, "memory", kOne},
                                                      {8, 2, 1, kTemperature, "vr_soc", kOne},
                                                      {10, 2, 1, kPower, "", kOne},
                                                      {12, 2, 1, kBusy, "gfx", kPercent},
                                                      {14, 2, 1, kBusy, "memory", kPercent}}};

constexpr auto kV1_4 =
    join(kAcceleratorHead, media(16), energy(24, 8), throttle_status(40), pcie_link(48, 2),
         xgmi_link(52), pcie_bandwidth(72), pcie_errors(80), xgmi(104), accelerator_clocks(240));

constexpr auto kV1_5 =
    join(kAcceleratorHead, media(16), jpeg(24, 32), energy(88, 8), throttle_status(104),
         pcie_link(112, 2), xgmi_link(116), pcie_bandwidth(136), pcie_errors(144), pcie_naks(168),
         xgmi(176), accelerator_clocks(312));

// The original layout, without partitions.
constexpr auto kEarlyV1_6 =
    join(kAcceleratorHead, media(16), jpeg(24, 32), energy(88, 8), throttle_cycles(104),
         throttle_status(128), pcie_link(136, 2), xgmi_link(140), busy_cycles(144),
         pcie_bandwidth(160), pcie_errors(168), pcie_naks(192), xgmi(200), accelerator_clocks(336));

constexpr auto kV1_6 =
    join(kAcceleratorHead, energy(16, 8), throttle_cycles(32), pcie_link(60, 2), xgmi_link(64),
         busy_cycles(68), pcie_bandwidth(88), pcie_errors(96), pcie_naks(120), xgmi(128),
         accelerator_clocks(264), of_partitions(xcc_busy(312), 168),
         of_partitions(jpeg(312 + 32, 32)[0], 168), of_partitions(media(312 + 96)[0], 168));

constexpr auto kWithoutPartitionsV1_7 =
    join(kAcceleratorHead, one({16, 8, 1, kMemoryBandwidth, "", kGigabyte}), energy(24, 8),
         throttle_cycles(40), pcie_link(68, 2), xgmi_link(72), busy_cycles(76), pcie_bandwidth(96),
         pcie_errors(104), pcie_naks(128), xgmi(136), one({264, 2, 8, kXgmiLinkUp, "", kOne}),
         accelerator_clocks(296));

constexpr auto kV1_7 =
    join(kWithoutPartitionsV1_7, of_partitions(xcc_busy(344), 232),
         of_partitions(jpeg(344 + 32, 32)[0], 232), of_partitions(media(344 + 96)[0], 232),
         of_partitions(limited_cycles(344 + 168, "total"), 232));
constexpr auto kV1_8 =
    join(kWithoutPartitionsV1_7, of_partitions(xcc_busy(344), 440),
         of_partitions(jpeg(344 + 32, 40)[0], 440), of_partitions(media(344 + 112)[0], 440),
         of_partitions(limited_cycles(344 + 184, "power"), 440),
         of_partitions(limited_cycles(344 + 248, "thermal"), 440),
         of_partitions(limited_cycles(344 + 312, "low_utilization"), 440),
         of_partitions(limited_cycles(344 + 376, "total"), 440));

constexpr auto kV2_0 = join(apu_temperatures(16), apu_clocks(80), throttle_status(112));
constexpr auto kV2_1 = join(apu_temperatures(4), apu_clocks(76), throttle_status(108));
constexpr auto kV2_2 = join(kV2_1, indep_throttle_status(120));
constexpr std::array<TableField, 4> kApuPowerV2_3{{{40, 2, 1, kPower, "", kMilliwatt},
                                                   {42, 2, 1, kDomainPower, "cpu", kMilliwatt},
                                                   {44, 2, 1, kDomainPower, "soc", kMilliwatt},
                                                   {46, 2, 1, kDomainPower, "gfx", kMilliwatt}}};
constexpr auto kV2_3 = join(kV2_2, kApuPowerV2_3);
constexpr auto kV2_4 = join(kV2_3, one({154, 2, 1, kVoltage, "soc", kMillivolt}),
                            one({156, 2, 1, kVoltage, "gfx", kMillivolt}));

constexpr std::array<TableField, 17> kV3_0WithoutTemperatures{{
    {40, 2, 1, kTemperature, "skin", kCentidegree},
    {112, 4, 1, kPower, "", kMilliwatt},
    {116, 2, 1, kDomainPower, "npu", kMilliwatt},
    {124, 4, 1, kDomainPower, "gfx", kMilliwatt},
    {132, 4, 1, kDomainPower, "cpu", kMilliwatt},
    {174, 2, 1, kClock, "sclk", kMegahertz},
    {176, 2, 1, kClock, "socclk", kMegahertz},
    {182, 2, 1, kClock, "fclk", kMegahertz},
    {184, 2, 1, kClock, "vclk", kMegahertz},
    {186, 2, 1, kClock, "mclk", kMegahertz},
    {228, 4, 1, kThrottleCycles, "prochot", kOne},
    {232, 4, 1, kThrottleCycles, "power_sustained", kOne},
    {236, 4, 1, kThrottleCycles, "power_fast", kOne},
    {240, 4, 1, kThrottleCycles, "power_slow", kOne},
    {244, 4, 1, kThrottleCycles, "thermal_core", kOne},
    {248, 4, 1, kThrottleCycles, "thermal_gfx", kOne},
    {252, 4, 1, kThrottleCycles, "thermal_soc", kOne},
}};
constexpr auto kV3_0 = join(apu_temperatures(4), kV3_0WithoutTemperatures);

constexpr std::array<TableLayout, 16> kLayouts{{{1, 0, 80, kV1_0},
                                                {1, 1, 96, kV1_1},
                                                {1, 2, 104, kV1_1},
                                                {1, 3, 120, kV1_3},
                                                {1, 4, 288, kV1_4},
                                                {1, 5, 360, kV1_5},
                                                {1, 6, 384, kEarlyV1_6},
                                                {1, 6, 1664, kV1_6},
                                                {1, 7, 2208, kV1_7},
                                                {1, 8, 3872, kV1_8},
                                                {2, 0, 120, kV2_0},
                                                {2, 1, 120, kV2_1},
                                                {2, 2, 128, kV2_2},
                                                {2, 3, 152, kV2_3},
                                                {2, 4, 168, kV2_4},
                                                {3, 0, 264, kV3_0}}};

constexpr auto kPartition =
    join(accelerator_clocks(4), one(xcc_busy(48)), jpeg(80, 40), media(160));
constexpr TableLayout kPartitionLayout{1, 0, 488, kPartition};

constexpr bool fits(const TableLayout& layout) {
  return std::all_of(layout.fields.begin(), layout.fields.end(), [&](const TableField& field) {
    return field.offset % field.width == 0 &&
           field.offset + std::size_t{field.width} * field.count <= layout.size;
  });
}
static_assert(std::all_of(kLayouts.begin(), kLayouts.end(), fits) && fits(kPartitionLayout),
              "a field is aligned and within its structure");

}  // namespace

std::span<const TableLayout> gpu_metrics_layouts() { return kLayouts; }
const TableLayout& partition_metrics_layout() { return kPartitionLayout; }

}  // namespace rig
