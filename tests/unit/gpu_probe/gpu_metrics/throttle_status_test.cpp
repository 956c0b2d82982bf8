#include "gpu_probe/gpu_metrics/throttle_status.h"

#include <string>

#include "support/catch.h"

using namespace rig;

namespace {

// The reasons of a table without independent bits.
std::string reasons_of_bit(const char* device_id, unsigned format_revision, unsigned bit) {
  GpuMetrics metrics;
  metrics.format_revision = format_revision;
  metrics.throttle_status = 1U << bit;
  std::string names;
  for (const auto& [name, value] : throttled(metrics, device_id)) {
    if (value == 1) names += name;
  }
  return names;
}

}  // namespace

TEST_CASE("Bits of indep_throttle_status are reported by reason") {
  const auto reason_of = [](unsigned bit) {
    GpuMetrics metrics;
    metrics.indep_throttle_status = std::uint64_t{1} << bit;
    std::string names;
    for (const auto& [name, value] : throttled(metrics, "0x73bf")) {
      if (value == 1) names += name;
    }
    return names;
  };
  for (unsigned bit = 0; bit <= 7; ++bit) CHECK(reason_of(bit) == "power");
  for (unsigned bit = 16; bit <= 23; ++bit) CHECK(reason_of(bit) == "current");
  CHECK(reason_of(32) == "thermal_gpu");
  CHECK(reason_of(33) == "thermal_core");
  CHECK(reason_of(34) == "thermal_memory");
  CHECK(reason_of(35) == "thermal_edge");
  CHECK(reason_of(36) == "thermal_junction");
  CHECK(reason_of(37) == "thermal_soc");
  for (const unsigned bit : {38U, 39U, 40U, 41U, 44U, 45U}) CHECK(reason_of(bit) == "thermal_vr");
  for (const unsigned bit : {42U, 43U}) CHECK(reason_of(bit) == "thermal_liquid");
  for (const unsigned bit : {46U, 47U}) CHECK(reason_of(bit) == "prochot");
  CHECK(reason_of(56) == "ppm");
  CHECK(reason_of(57) == "fit");
  for (const unsigned bit : {8U, 15U, 24U, 31U, 48U, 55U, 58U, 63U}) CHECK(reason_of(bit).empty());
}

TEST_CASE("Without throttling every reason is 0") {
  GpuMetrics metrics;
  CHECK(throttled(metrics, "0x73bf").empty());
  metrics.indep_throttle_status = 0;
  CHECK(throttled(metrics, "0x73bf").size() == 13);
  for (const auto& [name, value] : throttled(metrics, "0x73bf")) CHECK(value == 0.0);
}

TEST_CASE("A table without independent bits has those of its GPU") {
  for (const char* apu : {"0x1681", "0x15bf", "0x15c8", "0x164e", "0x1506"}) {
    CHECK(reasons_of_bit(apu, 2, 3) == "power");
    CHECK(reasons_of_bit(apu, 2, 5) == "thermal_gpu");
    CHECK(reasons_of_bit(apu, 2, 8) == "current");
    CHECK(reasons_of_bit(apu, 2, 10) == "prochot");
    CHECK(reasons_of_bit(apu, 2, 12) == "current");
    CHECK(reasons_of_bit(apu, 2, 13).empty());
  }
  CHECK(reasons_of_bit("0x66af", 1, 2) == "thermal_junction");
  CHECK(reasons_of_bit("0x66a1", 1, 7) == "thermal_vr");
  CHECK(reasons_of_bit("0x66af", 1, 13) == "power");
  CHECK(reasons_of_bit("0x69a0", 1, 5) == "thermal_vr");
  CHECK(reasons_of_bit("0x69a0", 1, 11) == "power");
}

TEST_CASE("Bits of an unknown GPU, or in a table of another kind, are not interpreted") {
  GpuMetrics metrics;
  metrics.format_revision = 1;
  metrics.throttle_status = 0xFFFF;
  for (const char* device_id : {"0x73bf", "", "garbage", "0x15bf"}) {
    CHECK(throttled(metrics, device_id).empty());
  }
  CHECK(throttled(metrics, "0x66af").size() == 9);
  metrics.throttle_status.reset();
  CHECK(throttled(metrics, "0x66af").empty());
}
