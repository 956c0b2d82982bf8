// gpu_metrics tables of every version, number by number in the kernel's order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "gpu_probe/gpu_metrics/gpu_metrics.h"
#include "gpu_probe/gpu_metrics/gpu_metrics_builders.h"
#include "support/catch.h"

inline Table v1_0() {
  return Table(1, 0)
      .other64(1)
      .u16({40, 50, 60, 41, 42, 43})
      .u16({97, 31, 12, 203})
      .u32({0x8000})
      .other16(7)
      .u16({2310, 960, 1000, 11, 12, 21, 22})
      .u32({0x12345678})
      .u16({1812})
      .u8({16, 160});
}

// 1.1, 1.2 and 1.3 begin with it.
inline Table v1_1(unsigned content = 1) {
  return Table(1, content)
      .u16({40, 50, 60, 41, 42, 43})
      .u16({97, 31, 12, 203})
      .u64({0x8000})
      .other64(1)
      .other16(7)
      .u16({2310, 960, 1000, 31, 12, 21, 22})
      .u32({0x12345678})
      .u16({1812, 16, 320})
      .other16(1)
      .other32(2)
      .u16({44, 45, 46, 47});
}

inline Table v1_2() { return v1_1(2).other64(1); }

inline Table v1_3() {
  return v1_1(3).other64(1).u16({812, 1035, 706}).other16(1).u64({std::uint64_t{1} << 36 | 1});
}

inline void link_counters_and_clocks(Table& table, bool with_naks, bool with_link_states) {
  table.u16({16, 320, 16, 32}).u32({70000, 40000}).other64(1).u64({12, 5, 6, 7});
  if (with_naks) table.u32({8, 9});
  table.u64({1, 2, 3, 4, 5, 6, 7, kNone64}).u64({11, 12, 13, 14, 15, 16, 17, kNone64});
  if (with_link_states) table.u16({1, 1, 1, 1, 1, 0, 1, kNone16}).other16(1);
  table.other64(1);
  table.u16({2100, 2101, 2105, 2099, kNone16, kNone16, kNone16, kNone16});
  table.u16({1200, 1201, kNone16, kNone16}).u16({29, 30, kNone16, kNone16});
  table.u16({22, 21, kNone16, kNone16}).u16({900}).other16(1);
}

inline Table v1_4() {
  Table table(1, 4);
  table.u16({50, 60, 42}).u16({707}).u16({98, 55}).u16({3, 40, 5, kNone16});
  table.u64({0x8000}).other64(1).u32({2}).other32(1);
  link_counters_and_clocks(table, false, false);
  return table;
}

// The second engine is busy, the last does not exist.
inline void jpeg(Table& table, std::size_t engines, std::uint64_t busy) {
  table.u16({0, busy});
  for (std::size_t i = 3; i < engines; ++i) table.u16({0});
  table.u16({kNone16});
}

inline Table v1_5() {
  Table table(1, 5);
  table.u16({50, 60, 42}).u16({707}).u16({98, 55}).u16({3, 40, 5, kNone16});
  jpeg(table, 32, 21);
  table.u64({0x8000}).other64(1).u32({2}).other32(1);
  link_counters_and_clocks(table, true, false);
  return table;
}

inline Table early_v1_6() {
  Table table(1, 6);
  table.u16({50, 60, 42}).u16({707}).u16({98, 55}).u16({3, 40, 5, kNone16});
  jpeg(table, 32, 21);
  table.u64({0x8000}).other64(1).u32({1000, 1, 2, 3, 4, 5}).u32({2}).other32(1);
  link_counters_and_clocks(table, true, false);
  return table;
}

inline void partitions(Table& table, std::size_t jpeg_engines, std::size_t accumulators) {
  for (std::uint64_t partition = 0; partition < 8; ++partition) {
    table.nested().u32(
        {10 + partition, kNone32, kNone32, kNone32, kNone32, kNone32, kNone32, kNone32});
    jpeg(table, jpeg_engines, partition == 5 ? 21 : 0);
    table.u16({partition, partition == 6 ? 40U : 0U, kNone16, kNone16});
    table.other64(8);  // gfx_busy_acc
    for (std::uint64_t reason = 1; reason < accumulators; ++reason) {
      table.u64({100 * reason + partition, kNone64, kNone64, kNone64, kNone64, kNone64, kNone64,
                 kNone64});
    }
  }
  table.other32(1);
}

inline Table v1_6() {
  Table table(1, 6);
  table.u16({50, 60, 42}).u16({707}).u16({98, 55});
  table.u64({0x8000}).other64(1).u32({1000, 1, 2, 3, 4, 5}).other32(1);
  link_counters_and_clocks(table, true, false);
  partitions(table, 32, 1);
  return table;
}

inline Table v1_7(unsigned content = 7) {
  Table table(1, content);
  table.u16({50, 60, 42}).u16({707}).u16({98, 55}).u64({5325});
  table.u64({0x8000}).other64(1).u32({1000, 1, 2, 3, 4, 5}).other32(1);
  link_counters_and_clocks(table, true, true);
  if (content == 7) partitions(table, 32, 2);
  return table;
}

inline Table v1_8() {
  Table table = v1_7(8);
  partitions(table, 40, 5);
  return table;
}

// 2.1 and later begin with it.
inline Table v2_1(unsigned content = 1) {
  return Table(2, content)
      .u16({4512, 4321})
      .other16(10)
      .u16({100, 5})
      .other64(1)
      .u16({14500, 3100, 2200, 1000})
      .other16(8 + 6)
      .u16({1900, 800, 1600, 1601, 400, 300})
      .other16(10)
      .u32({0x11})
      .other16(4);
}

inline Table v2_0() {
  return Table(2, 0)
      .other64(1)
      .u16({4512, 4321})
      .other16(10)
      .u16({100, 5})
      .u16({14500})
      .other16(3 + 8 + 6)
      .u16({1900, 800, 1600, 1601, 400, 300})
      .other16(10)
      .u32({0x11})
      .other16(2);
}

inline Table v2_2() { return v2_1(2).u64({0x20}); }
inline Table v2_3(unsigned content = 3) { return v2_1(content).u64({0x20}).other16(12); }
inline Table v2_4() { return v2_3(4).u16({900, 800, 1100}).other16(3); }

inline Table v3_0() {
  return Table(3, 0)
      .u16({4512, 4321})
      .other16(16)
      .u16({3850})
      .u16({97, 5})
      .other16(8 + 16 + 4)
      .other64(1)
      .u32({54321})
      .u16({700})
      .other32(1)
      .u32({9100})
      .other32(1)
      .u32({12300})
      .other16(16 + 3)
      .u16({1900, 800, 60001, 60001, 1601, 400, 1600})
      .other16(1 + 16 + 2)
      .u32({1, 2, 3, 4, 5, 6, 7})
      .other32(1);
}

// As written by the driver of the MI300.
inline Attributes v1_9() {
  using A = Attributes;
  Attributes table;
  table.add(0, A::kCelsius, A::kU16, {50}).add(1, A::kCelsius, A::kU16, {60});
  table.add(2, A::kCelsius, A::kU16, {42}).add(3, A::kWatts, A::kU16, {707});
  table.add(4, A::kPercent, A::kU16, {98}).add(5, A::kPercent, A::kU16, {55});
  table.add(6, A::kBandwidth, A::kU64, {5325}).add(7, A::kNone, A::kU64, {0x8000});
  table.add(8, 4, A::kU64, {1}).add(9, A::kNone, A::kU32, {1000});
  for (unsigned id = 10; id <= 14; ++id) table.add(id, A::kNone, A::kU32, {id - 9});
  table.add(15, A::kNone, A::kU32, {0});
  table.add(16, A::kNone, A::kU16, {16}).add(17, A::kTenths, A::kU16, {320});
  table.add(18, A::kNone, A::kU16, {16}).add(19, 6, A::kU16, {32});
  table.add(20, A::kNone, A::kU64, {70000}).add(21, A::kPercent, A::kU32, {40000});
  table.add(22, A::kPercent, A::kU64, {1}).add(23, A::kBandwidth, A::kU64, {12});
  table.add(24, A::kNone, A::kU64, {5}).add(25, A::kNone, A::kU64, {6});
  table.add(26, A::kNone, A::kU64, {7});
  table.add(27, A::kNone, A::kU32, {8}).add(28, A::kNone, A::kU32, {9});
  table.add(29, A::kKibibytes, A::kU64, {1, 2, 3, 4, 5, 6, 7, kNone64});
  table.add(30, A::kKibibytes, A::kU64, {11, 12, 13, 14, 15, 16, 17, kNone64});
  table.add(31, A::kNone, A::kU16, {1, 1, 1, 1, 1, 0, 1, kNone16}).add(32, 5, A::kU64, {1});
  table.add(33, A::kMegahertz, A::kU16,
            {2100, 2101, 2105, 2099, kNone16, kNone16, kNone16, kNone16});
  table.add(34, A::kMegahertz, A::kU16, {1200, 1201, kNone16, kNone16});
  table.add(35, A::kMegahertz, A::kU16, {29, 30, kNone16, kNone16});
  table.add(36, A::kMegahertz, A::kU16, {22, 21, kNone16, kNone16});
  table.add(37, A::kMegahertz, A::kU16, {900}).add(39, A::kNone, A::kU32, {1});
  table.add(40, A::kPercent, A::kU32, {10, 11, 12, 13, 14, 15, 16, 17});
  table.add(41, A::kPercent, A::kU16, std::vector<std::uint64_t>(40, 21));
  table.add(42, A::kPercent, A::kU16, {3, 40, 5, kNone16});
  table.add(43, A::kPercent, A::kU64, std::vector<std::uint64_t>(8, 77));
  for (std::uint64_t reason = 1; reason <= 4; ++reason) {
    std::vector<std::uint64_t> cycles;
    for (std::uint64_t xcc = 0; xcc < 8; ++xcc) cycles.push_back(100 * reason + xcc);
    table.add(static_cast<unsigned>(43 + reason), A::kNone, A::kU64, cycles);
  }
  return table;
}

inline std::vector<std::string> all_tables() {
  return {v1_0().bytes(), v1_1().bytes(),       v1_2().bytes(), v1_3().bytes(), v1_4().bytes(),
          v1_5().bytes(), early_v1_6().bytes(), v1_6().bytes(), v1_7().bytes(), v1_8().bytes(),
          v1_9().bytes(), v2_0().bytes(),       v2_1().bytes(), v2_2().bytes(), v2_3().bytes(),
          v2_4().bytes(), v3_0().bytes()};
}

inline rig::GpuMetrics parsed(const std::string& bytes, std::size_t size) {
  CHECK(bytes.size() == size);
  const auto metrics = rig::parse_gpu_metrics(bytes);
  REQUIRE(metrics);
  return *metrics;
}
