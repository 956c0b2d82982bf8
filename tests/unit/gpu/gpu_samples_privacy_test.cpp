#include "gpu/gpu_samples.h"
#include "gpu/gpu_snapshots.h"
#include "rig/gpu/gpu_families.h"
#include "support/catch.h"

using namespace rig;

namespace {

ProbeSnapshot probe_with_namesakes() {
  auto probe = probe_with({kFirst});
  change(probe, kFirst, [](GpuReading& reading) { reading.identity.serial = "692201"; });
  GpuProcess process;
  process.pci_address = kFirst;
  process.pid = 11;
  process.command = "secret-job";
  process.unit = "secret.service";
  process.container = process.pod = process.slurm_job = "77";
  process.memory_bytes = 1e9;
  process.sdma_seconds = 2;
  process.migrated_bytes = {{"in", 3}, {"out", 4}};
  GpuProcess other = process;
  other.pid = 12;
  probe.processes = GpuProcesses{{process, other}, {{kFirst, 2}}};
  probe.processes_at = kNow;
  return probe;
}

Samples identified(const GpuIdentification& shown) {
  GpuIndices indices;
  Samples samples;
  add_gpu_samples(samples, probe_with_namesakes(), indices, kNow, std::chrono::seconds(3), shown);
  return samples;
}

}  // namespace

TEST_CASE("Omitted serial numbers are empty labels") {
  const auto info = identified({.serial_numbers = false}).find(kInfo);
  REQUIRE(info.size() == 1);
  const auto samples = identified({.serial_numbers = false});
  CHECK(samples.find(kInfo)[0].label("serial").empty());
  CHECK(samples.find(kInfo)[0].label("unique_id").empty());
  CHECK(samples.find(kInfo)[0].label("device_id") == "0x73bf");
  const auto all = identified({});
  CHECK(all.find(kInfo)[0].label("serial") == "692201");
}

TEST_CASE("Processes without owners keep their own series") {
  const auto samples = identified({.processes = GpuProcessLabels::pid});
  CHECK(samples.problems().empty());
  CHECK(samples.find(kProcessMemory).size() == 2);
  CHECK(samples.find(kProcessMigrated).size() == 4);
  for (const auto& [name, value] : series(samples)) {
    INFO(name);
    CHECK(name.find("secret") == std::string::npos);
    CHECK(name.find("77") == std::string::npos);
  }
}

TEST_CASE("Without processes their number remains") {
  const auto samples = identified({.processes = GpuProcessLabels::none});
  CHECK(samples.problems().empty());
  CHECK(samples.find(kProcessMemory).empty());
  CHECK(samples.find(kProcessMigrated).empty());
  REQUIRE(samples.find(kProcesses).size() == 1);
  CHECK(samples.find(kProcesses)[0].value == 2);
}
