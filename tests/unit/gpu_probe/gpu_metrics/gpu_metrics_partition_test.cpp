// The file xcp/xcp_metrics.
#include <algorithm>
#include <cstddef>

#include "gpu_probe/gpu_metrics/gpu_metrics.h"
#include "gpu_probe/gpu_metrics/gpu_metrics_builders.h"
#include "gpu_probe/gpu_metrics/gpu_metrics_values.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;
using Values = std::map<std::string, double>;

namespace {

// Of a partition with three XCCs, two video engines and 20 JPEG engines.
Table partition_v1_0() {
  Table table(1, 0);
  table.u16({1890, 1902, 1877, kNone16, kNone16, kNone16, kNone16, kNone16});
  table.u16({1143, 1000, kNone16, kNone16}).u16({914, 29, kNone16, kNone16});
  table.u16({711, 22, kNone16, kNone16}).u16({1100}).other16(1);
  table.u32({88, 100, 7, kNone32, kNone32, kNone32, kNone32, kNone32});
  for (std::uint64_t engine = 0; engine < 40; ++engine) table.u16({engine < 20 ? engine : kNone16});
  table.u16({3, 41, kNone16, kNone16}).other64(40);
  return table;
}

Attributes partition_v1_1() {
  using A = Attributes;
  return Attributes()
      .add(33, A::kMegahertz, A::kU16, {1890, 1902, 1877, kNone16})
      .add(37, A::kMegahertz, A::kU16, {1100})
      .add(40, A::kPercent, A::kU32, {88, 100, 7, kNone32})
      .add(41, A::kPercent, A::kU16, {0, 19, kNone16})
      .add(42, A::kPercent, A::kU16, {3, 41, kNone16, kNone16})
      .add(43, A::kPercent, A::kU64, {880000, 1000000, 70000, kNone64})
      .add(9, A::kNone, A::kU64, {1000000});
}

constexpr char kPartitionAttributes = 1;

GpuReading read_partition(const std::string& bytes, GpuReading reading = {}) {
  const TemporaryDirectory directory;
  directory.write("xcp/xcp_metrics", bytes);
  FieldReader device(directory.path(), reading);
  read_partition_metrics(device, reading);
  return reading;
}

}  // namespace

TEST_CASE("Both versions of xcp_metrics have the clocks and utilizations of a partition") {
  const auto bytes =
      GENERATE(partition_v1_0().bytes(), partition_v1_1().bytes(kPartitionAttributes));
  const auto metrics = parse_partition_metrics(bytes);
  REQUIRE(metrics);
  CHECK(metrics->clock_hertz.at("sclk") == 1902e6);
  CHECK(metrics->clock_hertz.at("mclk") == 1100e6);
  CHECK(metrics->xcc_busy_ratio == Values{{"0", 0.88}, {"1", 1}, {"2", 0.07}});
  CHECK(metrics->busy_ratio == Values{{"jpeg", 0.19}, {"media", 0.41}});
}

TEST_CASE("Version 1.0 of xcp_metrics has the size of the kernel's struct") {
  CHECK(partition_v1_0().bytes().size() == 488);
  CHECK(parse_partition_metrics(partition_v1_0().bytes())->clock_hertz == Values{{"sclk", 1902e6},
                                                                                 {"socclk", 1143e6},
                                                                                 {"vclk", 914e6},
                                                                                 {"dclk", 711e6},
                                                                                 {"mclk", 1100e6}});
}

TEST_CASE("An xcp_metrics of all ones measures nothing") {
  auto bytes = partition_v1_0().bytes();
  std::fill(bytes.begin() + 4, bytes.end(), '\xFF');
  const auto metrics = parse_partition_metrics(bytes);
  REQUIRE(metrics);
  CHECK(metrics->clock_hertz.empty());
  CHECK(metrics->xcc_busy_ratio.empty());
  CHECK(metrics->busy_ratio.empty());
}

TEST_CASE("A truncated or longer xcp_metrics is rejected") {
  for (const auto& bytes :
       {partition_v1_0().bytes(), partition_v1_1().bytes(kPartitionAttributes)}) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      if (parse_partition_metrics(bytes.substr(0, size))) FAIL_CHECK("cut to " << size);
    }
    CHECK_FALSE(parse_partition_metrics(bytes + '\0'));
  }
}

TEST_CASE("A version 1.0 that declares another size is rejected") {
  auto bytes = partition_v1_0().bytes().substr(0, 480);
  bytes[0] = static_cast<char>(480 & 0xFF);
  CHECK_FALSE(parse_partition_metrics(bytes));
}

TEST_CASE("An unknown version of xcp_metrics is rejected, and is not a problem") {
  for (const char version : {'\2', '\11', '\143'}) {
    auto bytes = partition_v1_0().bytes();
    bytes[3] = version;
    CHECK_FALSE(parse_partition_metrics(bytes));
    const auto reading = read_partition(bytes);
    CHECK(reading.problems.empty());
    CHECK(reading.read_errors == Values{{"unsupported", 1}});
  }
}

TEST_CASE("A table of gpu_metrics is not one of a partition") {
  CHECK_FALSE(parse_partition_metrics(partition_v1_1().bytes()));
  CHECK_FALSE(parse_gpu_metrics(partition_v1_0().bytes()));
}

TEST_CASE("A truncated xcp_metrics is a problem, a missing or empty one is not") {
  CHECK(read_partition(partition_v1_0().bytes().substr(0, 100)).problems.size() == 1);
  CHECK(read_partition("").problems.empty());
  GpuReading reading;
  FieldReader device("/nonexistent", reading);
  read_partition_metrics(device, reading);
  CHECK(reading == GpuReading{});
}

TEST_CASE("Values of xcp_metrics replace none that are known") {
  GpuReading before;
  before.clock_hertz = {{"sclk", 132e6}};
  before.busy_ratio = {{"media", 0.5}};
  const auto reading = read_partition(partition_v1_0().bytes(), before);
  CHECK(reading.clock_hertz.at("sclk") == 132e6);
  CHECK(reading.clock_hertz.at("mclk") == 1100e6);
  CHECK(reading.busy_ratio == Values{{"media", 0.5}, {"jpeg", 0.19}});
}

TEST_CASE("An implausible utilization in xcp_metrics is dropped") {
  auto bytes = partition_v1_0().bytes();
  constexpr std::size_t kSecondXcc = 52;
  bytes[kSecondXcc] = 101;
  const auto reading = read_partition(bytes);
  CHECK(reading.xcc_busy_ratio == Values{{"0", 0.88}, {"2", 0.07}});
  CHECK(reading.problems.size() == 1);
}
