#include "gpu_probe/gpu_metrics/gpu_metrics.h"

#include <algorithm>

#include "gpu_probe/gpu_metrics/gpu_metrics_tables.h"
#include "support/catch.h"

using namespace rig;
using Values = GpuMetrics::Values;

namespace {

void check_nothing_measured(const GpuMetrics& metrics) {
  CHECK(metrics.temperature_celsius.empty());
  CHECK_FALSE(metrics.power_watts);
  CHECK_FALSE(metrics.energy_joules);
  CHECK(metrics.clock_hertz.empty());
  CHECK(metrics.busy_ratio.empty());
  CHECK(metrics.voltage_volts.empty());
  CHECK_FALSE(metrics.fan_rpm);
  CHECK_FALSE(metrics.pcie_lanes);
  CHECK_FALSE(metrics.pcie_transfers_per_second);
  CHECK(metrics.pcie_errors.empty());
  CHECK(metrics.xgmi_bytes.empty());
  CHECK_FALSE(metrics.throttle_status);
  CHECK_FALSE(metrics.indep_throttle_status);
  CHECK(metrics.throttle_cycles.empty());
  CHECK_FALSE(metrics.counted_cycles);
}

}  // namespace

TEST_CASE("Attributes may have any order, width and count") {
  using A = Attributes;
  const auto metrics = parse_gpu_metrics(Attributes()
                                             .add(48, A::kCelsius, A::kU16, {61, kNone16, 63})
                                             .add(29, A::kKibibytes, A::kU64, {3})
                                             .add(9, A::kNone, A::kU64, {kNone32})
                                             .add(3, A::kWatts, A::kU8, {200})
                                             .bytes());
  REQUIRE(metrics);
  CHECK(metrics->temperature_celsius == Values{{"hbm0", 61}, {"hbm2", 63}});
  CHECK(metrics->xgmi_bytes == std::map<std::string, Values>{{"all", {{"read", 3072}}}});
  CHECK(metrics->counted_cycles == 4294967295.0);
  CHECK(metrics->power_watts == 200.0);
}

TEST_CASE("An unknown attribute is skipped") {
  using A = Attributes;
  const std::vector<Attributes> unknown{
      Attributes().add(700, A::kCelsius, A::kU16, {1}),  // an unknown ID
      Attributes().add(3, A::kMegahertz, A::kU16, {1}),  // power in megahertz
      Attributes().add(3, A::kWatts, A::kS16, {1}),      // power with a sign
      Attributes().add(3, A::kWatts, A::kU16, {}),       // no number at all
  };
  for (auto table : unknown) {
    const auto metrics = parse_gpu_metrics(table.add(0, A::kCelsius, A::kU16, {50}).bytes());
    REQUIRE(metrics);
    CHECK_FALSE(metrics->power_watts);
    CHECK(metrics->temperature_celsius == Values{{"junction", 50}});
  }
}

TEST_CASE("A table with an attribute of unknown width is rejected") {
  CHECK_FALSE(parse_gpu_metrics(Attributes().raw(8 << 20 | 1).bytes()));
  CHECK_FALSE(parse_gpu_metrics(Attributes().raw(std::uint64_t{1} << 32 | 1 << 20).bytes()));
}

TEST_CASE("A table with more or fewer attributes than it declares is rejected") {
  using A = Attributes;
  auto bytes = Attributes().add(3, A::kWatts, A::kU16, {1}).add(3, A::kWatts, A::kU16, {2}).bytes();
  REQUIRE(parse_gpu_metrics(bytes));
  bytes[4] = 1;
  CHECK_FALSE(parse_gpu_metrics(bytes));
  bytes[4] = 3;
  CHECK_FALSE(parse_gpu_metrics(bytes));
  bytes[7] = '\xFF';
  CHECK_FALSE(parse_gpu_metrics(bytes));
}

TEST_CASE("All ones means not measured, in every version") {
  for (auto bytes : all_tables()) {
    CAPTURE(bytes.size());
    if (bytes[3] == 9) continue;  // its encodings are not measurements
    std::fill(bytes.begin() + 4, bytes.end(), '\xFF');
    const auto metrics = parse_gpu_metrics(bytes);
    REQUIRE(metrics);
    check_nothing_measured(*metrics);
  }
}

TEST_CASE("All ones in an attribute means not measured, in every width") {
  using A = Attributes;
  const auto metrics = parse_gpu_metrics(Attributes()
                                             .add(0, A::kCelsius, A::kU8, {0xFF})
                                             .add(3, A::kWatts, A::kU16, {kNone16})
                                             .add(9, A::kNone, A::kU32, {kNone32})
                                             .add(7, A::kNone, A::kU64, {kNone64})
                                             .bytes());
  REQUIRE(metrics);
  check_nothing_measured(*metrics);
}

TEST_CASE("All ones of a narrower number is a value") {
  auto bytes = v1_3().bytes();
  bytes.replace(24, 8, std::string("\xFF\xFF\xFF\xFF\0\0\0\0", 8));  // energy, of 64 bits
  bytes.replace(68, 4, std::string("\xFF\xFF\0\0", 4));              // throttle_status, of 32
  bytes.replace(72, 2, std::string("\xFF\0", 2));                    // the fan, of 16
  const auto metrics = parse_gpu_metrics(bytes);
  REQUIRE(metrics);
  CHECK(metrics->energy_joules == 4294967295.0 / 65536);
  CHECK(metrics->throttle_status == 0xFFFFU);
  CHECK(metrics->fan_rpm == 255.0);
}

TEST_CASE("Energy of 2^32 units is 65536 J") {
  auto bytes = v1_3().bytes();
  bytes.replace(24, 8, std::string("\0\0\0\0\1\0\0\0", 8));
  CHECK(parse_gpu_metrics(bytes)->energy_joules == 65536.0);
}

TEST_CASE("Activity in hundredths of a percent is returned unchanged") {
  auto bytes = v1_3().bytes();
  bytes.replace(16, 2, "\x10\x27");
  CHECK(parse_gpu_metrics(bytes)->busy_ratio.at("gfx") == 100.0);
}

TEST_CASE("A truncated table is rejected, wherever it ends") {
  for (const auto& bytes : all_tables()) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      if (parse_gpu_metrics(bytes.substr(0, size))) {
        FAIL_CHECK("cut to " << size << " of " << bytes.size());
      }
    }
  }
}

TEST_CASE("A table that declares a shorter size than its version has is rejected") {
  for (const auto& bytes : all_tables()) {
    for (std::size_t size = 2; size < bytes.size(); ++size) {
      if (bytes[3] == 6 && size == 384) continue;  // an earlier layout of 1.6 has this size
      auto cut = bytes.substr(0, size);
      cut[0] = static_cast<char>(size & 0xFF);
      cut[1] = static_cast<char>(size >> 8);
      if (parse_gpu_metrics(cut)) FAIL_CHECK("declared as " << size << " of " << bytes.size());
    }
  }
}

TEST_CASE("A file that is longer than its table declares is rejected") {
  for (const auto& bytes : all_tables()) CHECK_FALSE(parse_gpu_metrics(bytes + '\xFF'));
}

TEST_CASE("An unknown version is rejected") {
  for (auto bytes : all_tables()) {
    for (const auto* version : {"\x1\xA", "\x1\xFF", "\x2\x5", "\x3\x1", "\x4\x1", "\xFF\xFF"}) {
      bytes.replace(2, 2, version, 2);
      CHECK_FALSE(parse_gpu_metrics(bytes));
    }
  }
}

TEST_CASE("A version with the size of another one is rejected") {
  auto bytes = v3_0().bytes();  // the first driver for this APU reported this version
  bytes[2] = 2;
  bytes[3] = 1;
  CHECK_FALSE(parse_gpu_metrics(bytes));
  bytes[0] = 120;
  bytes[1] = 0;
  CHECK_FALSE(parse_gpu_metrics(bytes));
}

TEST_CASE("Text, an empty file and bytes of all ones are rejected") {
  CHECK_FALSE(parse_gpu_metrics(""));
  CHECK_FALSE(parse_gpu_metrics("N/A\n"));
  CHECK_FALSE(parse_gpu_metrics(std::string(120, '\xFF')));
  CHECK_FALSE(parse_gpu_metrics(std::string(120, '\0')));
}

TEST_CASE("Wrong bytes in attributes never cause a read beyond the end") {
  const auto table = v1_9().bytes();
  std::size_t rejected = 0;
  for (std::size_t i = 4; i < table.size(); ++i) {
    for (const char byte : {'\0', '\x7F', '\xFF'}) {
      auto bytes = table;
      bytes[i] = byte;
      if (!parse_gpu_metrics(bytes)) ++rejected;
    }
  }
  CHECK(rejected > 47);  // at least one byte of each encoding
  CHECK(rejected < 3 * 8 * 48);
}
