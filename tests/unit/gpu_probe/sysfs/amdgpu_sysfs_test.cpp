#include "gpu_probe/sysfs/amdgpu_sysfs.h"

#include <algorithm>
#include <filesystem>

#include "gpu_probe/sysfs/amdgpu_rig.h"
#include "support/catch.h"
#include "support/opened_files.h"

using namespace rig;
namespace fs = std::filesystem;

namespace {

const fs::path kRigDirectory = RIG_TEST_RIGS;

}  // namespace

TEST_CASE("Every value of an idle RX 6800 is read") {
  const auto cards = list_amdgpu_cards(kRigDirectory / "rx6800x2-raid0/sys");
  const auto result = AmdgpuSysfs(cards.at(0), no_name).read();
  REQUIRE(result);
  const GpuReading& reading = result->reading;
  CHECK(reading.problems.empty());
  CHECK(reading.pci_address == "0000:03:00.0");
  CHECK(reading.runtime_state == "active");
  CHECK(reading.temperature_celsius == std::map<std::string, double>{{"edge", 27},
                                                                     {"junction", 29},
                                                                     {"memory", 28},
                                                                     {"vr_gfx", 28},
                                                                     {"vr_memory", 28},
                                                                     {"vr_soc", 29}});
  CHECK(reading.temperature_limit_celsius.at("junction") ==
        std::map<std::string, double>{{"critical", 110}, {"emergency", 115}});
  CHECK(reading.power_watts == 5.0);
  CHECK(reading.power_cap_watts == 203.0);
  using Values = std::map<std::string, double>;
  CHECK(reading.power_cap_min_watts == 0.0);
  CHECK(reading.power_cap_max_watts == 233.0);
  CHECK(reading.power_cap_default_watts == 203.0);
  CHECK(reading.energy_joules == 1'234'567'890 / 65536.0);
  CHECK(reading.clock_hertz.at("sclk") == 0);
  CHECK(reading.clock_hertz.at("mclk") == 96e6);
  CHECK(reading.clock_hertz.at("fclk") == 551e6);
  CHECK(reading.clock_hertz.at("socclk") == 480e6);
  CHECK(reading.clock_hertz.at("dcefclk") == 417e6);
  CHECK(reading.clock_min_hertz.at("mclk") == 96e6);
  CHECK(reading.clock_max_hertz.at("mclk") == 1e9);
  CHECK(reading.clock_min_hertz.at("sclk") == 500e6);
  CHECK(reading.clock_max_hertz.at("sclk") == 2475e6);
  CHECK(reading.voltage_volts == Values{{"gfx", 0.006}, {"memory", 0.706}, {"soc", 0.812}});
  CHECK(reading.fan_rpm == 0.0);
  CHECK(reading.fan_max_rpm == 3300.0);
  CHECK(reading.fan_ratio == 0.0);
  CHECK(reading.performance_level == "auto");
  CHECK(reading.overdrive_ratio == Values{{"mclk", 0}, {"sclk", 0}});
  CHECK(reading.busy_ratio == Values{{"gfx", 0}, {"media", 0}, {"memory", 0}});
  CHECK(reading.memory_size_bytes ==
        Values{{"gtt", 34359738368.0}, {"visible_vram", 268435456.0}, {"vram", 17163091968.0}});
  CHECK(reading.memory_used_bytes ==
        Values{{"gtt", 14942208.0}, {"visible_vram", 13217792.0}, {"vram", 13217792.0}});
  CHECK(reading.pcie_lanes == 8.0);
  CHECK(reading.pcie_max_lanes == 8.0);
  CHECK(reading.pcie_transfers_per_second == 8e9);
  CHECK(reading.pcie_max_transfers_per_second == 8e9);
  CHECK(reading.pcie_errors == Values{{"replays", 0}});
  CHECK(reading.ecc_errors.empty());
  CHECK(reading.bad_pages.empty());
  CHECK(reading.firmware.at("smc") == "0x003a5400");
  CHECK_FALSE(reading.firmware.contains("uvd"));  // 0: the block does not exist
  CHECK_FALSE(reading.numa_node);
  CHECK(reading.suspended_seconds == 0.0);
  CHECK(reading.read_errors.empty());

  CHECK(reading.identity.device_id == "0x73bf");
  CHECK(reading.identity.revision == "0xc3");
  CHECK(reading.identity.subsystem_id == "0x2407");
  CHECK(reading.identity.unique_id == "0x4d2b1c0f3a5e6879");
  CHECK(reading.identity.vbios_version == "113-D4140EXL-XL");
  CHECK(reading.identity.memory_vendor == "samsung");

  GpuQuery all;
  all.temperatures = {"edge", "junction", "memory"};
  all.clocks = {"sclk", "mclk"};
  all.power = all.power_cap = all.fan_rpm = all.fan_ratio = true;
  all.performance_level = all.memory_size = all.memory_used = true;
  CHECK(result->query == all);
}

TEST_CASE("Values of a busy RX 6800 are in base units") {
  const auto cards = list_amdgpu_cards(kRigDirectory / "rx6800x2-raid0-busy/sys");
  const auto reading = AmdgpuSysfs(cards.at(1), no_name).read().value().reading;
  CHECK(reading.temperature_celsius.at("edge") == 71);
  CHECK(reading.power_watts == 201.0);
  CHECK(reading.clock_hertz.at("sclk") == 2310e6);
  CHECK(reading.fan_rpm == 1812.0);
  CHECK(reading.fan_ratio == 116.0 / 255.0);
  CHECK(reading.busy_ratio.at("gfx") == 0.99);
}

TEST_CASE("Without a hwmon directory librocm_smi64 is not queried for its values") {
  const RigCopy rig;  // with gpu_metrics, which also contains temperatures
  fs::remove_all(rig.gpu() / "hwmon");
  const auto result = source_of(rig).read().value();
  CHECK(result.reading.problems.empty());
  CHECK(result.reading.temperature_celsius.at("edge") == 27);
  CHECK(result.reading.clock_hertz.at("mclk") == 96e6);
  CHECK(result.query.temperatures.empty());
  CHECK_FALSE(result.query.power);
  CHECK_FALSE(result.query.power_cap);
  CHECK_FALSE(result.query.fan_rpm);
  CHECK_FALSE(result.query.fan_ratio);
}

TEST_CASE("The library is not queried for the memory of a GPU without VRAM") {
  const BareRig rig;
  RigCopy::write(rig.gpu() / "mem_info_vram_total", "0\n");
  RigCopy::write(rig.gpu() / "mem_info_vram_used", "0\n");
  const auto result = source_of(rig).read().value();
  CHECK(result.reading.memory_size_bytes.at("vram") == 0);
  CHECK_FALSE(result.query.memory_size);
  CHECK_FALSE(result.query.memory_used);
}

TEST_CASE("A sample opens each file once, and constant files not at all") {
  const RigCopy rig;
  auto source = source_of(rig);
  REQUIRE(source.read());
  OpenedFiles opened(rig.gpu());
  REQUIRE(source.read());
  const auto files = opened.take();
  for (const auto& file : files) UNSCOPED_INFO(file);
  CHECK(std::adjacent_find(files.begin(), files.end()) == files.end());
  CHECK(files.size() <= 32);
  for (const char* constant :
       {"unique_id", "hwmon/hwmon2/temp1_label", "hwmon/hwmon2/power1_cap_max",
        "fw_version/smc_fw_version", "mem_info_vram_total"})
    CHECK(std::find(files.begin(), files.end(), constant) == files.end());
}

TEST_CASE("An identity that could not be read is read again") {
  const RigCopy rig;
  RigCopy::make_unreadable(rig.gpu() / "vbios_version");
  auto source = source_of(rig);
  CHECK(source.read().value().reading.identity.vbios_version.empty());
  RigCopy::write(rig.gpu() / "vbios_version", "113-D4140EXL-XL\n");
  CHECK(source.read().value().reading.identity.vbios_version == "113-D4140EXL-XL");
}

TEST_CASE("A GPU that disappeared has no reading") {
  const RigCopy rig;
  auto source = source_of(rig);
  fs::remove_all(rig.gpu());
  CHECK_FALSE(source.read());
}
