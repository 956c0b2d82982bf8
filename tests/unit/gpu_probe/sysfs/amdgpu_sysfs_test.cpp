#include "gpu_probe/sysfs/amdgpu_sysfs.h"

#include <algorithm>
#include <filesystem>

#include "gpu_probe/sysfs/marketing_name.h"
#include "rig/amdgpu/card_discovery.h"
#include "support/catch.h"
#include "support/opened_files.h"
#include "support/rig_copy.h"
#include "support/temporary_folder.h"

using namespace rig;
namespace fs = std::filesystem;

namespace {

const fs::path kRigs = RIG_TEST_RIGS;
std::string no_name(std::string_view, std::string_view, std::string_view) { return {}; }

// A card without the table gpu_metrics, so that each value has one origin.
struct BareRig : RigCopy {
  BareRig() { fs::remove(card() / "gpu_metrics"); }
};

AmdgpuSysfs source_of(const RigCopy& rig) { return {list_amdgpu_cards(rig.sys()).at(0), no_name}; }

GpuReading read(const RigCopy& rig) { return source_of(rig).read().value().reading; }

}  // namespace

TEST_CASE("An idle RX 6800 is read whole") {
  const auto cards = list_amdgpu_cards(kRigs / "rx6800x2-raid0/sys");
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
  CHECK_FALSE(reading.firmware.contains("uvd"));  // 0: not there
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
  CHECK(result->questions == all);
}

TEST_CASE("A busy RX 6800 is read in base units") {
  const auto cards = list_amdgpu_cards(kRigs / "rx6800x2-raid0-busy/sys");
  const auto reading = AmdgpuSysfs(cards.at(1), no_name).read().value().reading;
  CHECK(reading.temperature_celsius.at("edge") == 71);
  CHECK(reading.power_watts == 201.0);
  CHECK(reading.clock_hertz.at("sclk") == 2310e6);
  CHECK(reading.fan_rpm == 1812.0);
  CHECK(reading.fan_ratio == 116.0 / 255.0);
  CHECK(reading.busy_ratio.at("gfx") == 0.99);
}

TEST_CASE("A refused file costs its own value and is a problem that names it") {
  const BareRig rig;
  RigCopy::refuse(rig.hwmon() / "temp1_input");
  const auto result = source_of(rig).read().value();
  CHECK_FALSE(result.reading.temperature_celsius.contains("edge"));
  CHECK(result.reading.temperature_celsius.contains("junction"));
  CHECK(result.reading.power_watts == 5.0);
  REQUIRE(result.reading.problems.size() == 1);
  CHECK_THAT(result.reading.problems[0], ContainsSubstring("temp1_input: Is a directory"));
  CHECK(result.questions.temperatures == std::vector<std::string>{"junction", "memory"});
}

TEST_CASE("A refused gpu_busy_percent is no 0") {
  const BareRig rig;
  RigCopy::refuse(rig.card() / "gpu_busy_percent");
  const auto reading = read(rig);
  CHECK_FALSE(reading.busy_ratio.contains("gfx"));
  CHECK(reading.problems.size() == 1);
}

TEST_CASE("A missing file is an absent value and no problem") {
  const BareRig rig;
  for (const char* name : {"temp2_input", "power1_average", "fan1_input", "pwm1", "power1_cap"})
    fs::remove(rig.hwmon() / name);
  for (const char* name : {"pp_dpm_sclk", "gpu_busy_percent", "mem_info_vram_used", "unique_id",
                           "power_dpm_force_performance_level"})
    fs::remove(rig.card() / name);
  const auto result = source_of(rig).read().value();
  const GpuReading& reading = result.reading;
  CHECK(reading.problems.empty());
  CHECK_FALSE(reading.temperature_celsius.contains("junction"));
  CHECK_FALSE(reading.power_watts);
  CHECK_FALSE(reading.power_cap_watts);
  CHECK_FALSE(reading.fan_rpm);
  CHECK_FALSE(reading.fan_ratio);
  CHECK_FALSE(reading.performance_level);
  CHECK_FALSE(reading.busy_ratio.contains("gfx"));
  CHECK_FALSE(reading.memory_used_bytes.contains("vram"));
  CHECK(reading.identity.unique_id.empty());
  CHECK_FALSE(result.questions.power);
  CHECK_FALSE(result.questions.fan_rpm);
  CHECK_FALSE(result.questions.memory_used);
}

TEST_CASE("Without a hwmon folder librocm_smi64 is asked for nothing that it looks for there") {
  const RigCopy rig;  // with gpu_metrics, which has temperatures all the same
  fs::remove_all(rig.card() / "hwmon");
  const auto result = source_of(rig).read().value();
  CHECK(result.reading.problems.empty());
  CHECK(result.reading.temperature_celsius.at("edge") == 27);
  CHECK(result.reading.clock_hertz.at("mclk") == 96e6);
  CHECK(result.questions.temperatures.empty());
  CHECK_FALSE(result.questions.power);
  CHECK_FALSE(result.questions.power_cap);
  CHECK_FALSE(result.questions.fan_rpm);
  CHECK_FALSE(result.questions.fan_ratio);
}

TEST_CASE("Garbage costs its own value and is quoted") {
  const BareRig rig;
  RigCopy::write(rig.hwmon() / "power1_cap", "lots\n");
  RigCopy::write(rig.card() / "pp_dpm_mclk", "fast\n");
  RigCopy::write(rig.card() / "unique_id", "none\n");
  const auto result = source_of(rig).read().value();
  CHECK_FALSE(result.reading.power_cap_watts);
  CHECK(result.reading.clock_hertz.at("mclk") == 96e6);  // hwmon knows it too
  CHECK(result.questions.clocks == std::vector<std::string>{"sclk"});
  REQUIRE(result.reading.problems.size() == 3);
  CHECK_THAT(result.reading.problems[1], ContainsSubstring("power1_cap: \"lots\" is no number"));
}

TEST_CASE("What no card can be is dropped with a problem") {
  const BareRig rig;
  RigCopy::write(rig.hwmon() / "temp1_input", "511000\n");
  RigCopy::write(rig.hwmon() / "temp2_input", "-273150\n");
  RigCopy::write(rig.hwmon() / "power1_average", "4294967295000\n");
  RigCopy::write(rig.hwmon() / "fan1_input", "-1\n");
  RigCopy::write(rig.hwmon() / "pwm1", "300\n");
  RigCopy::write(rig.card() / "gpu_busy_percent", "65535\n");
  RigCopy::write(rig.card() / "mem_info_vram_used", "18446744073709551615\n");
  const auto reading = read(rig);
  CHECK(reading.temperature_celsius == std::map<std::string, double>{{"memory", 28}});
  CHECK_FALSE(reading.power_watts);
  CHECK_FALSE(reading.fan_rpm);
  CHECK_FALSE(reading.fan_ratio);
  CHECK_FALSE(reading.busy_ratio.contains("gfx"));
  CHECK_FALSE(reading.memory_used_bytes.contains("vram"));
  CHECK(reading.problems.size() == 7);
}

TEST_CASE("Values at the edge of the plausible are values") {
  const BareRig rig;
  RigCopy::write(rig.hwmon() / "temp1_input", "0\n");
  RigCopy::write(rig.hwmon() / "power1_average", "0\n");
  RigCopy::write(rig.card() / "gpu_busy_percent", "100\n");
  RigCopy::write(rig.card() / "mem_info_vram_used", "0\n");
  const auto reading = read(rig);
  CHECK(reading.problems.empty());
  CHECK(reading.temperature_celsius.at("edge") == 0);
  CHECK(reading.power_watts == 0.0);
  CHECK(reading.busy_ratio.at("gfx") == 1);
  CHECK(reading.memory_used_bytes.at("vram") == 0);
}

TEST_CASE("Replays of another counter do not stand in for those of a table that is refused") {
  const RigCopy rig;
  CHECK(read(rig).pcie_errors.at("replays") == 0);
  RigCopy::refuse(rig.card() / "gpu_metrics");
  CHECK(read(rig).pcie_errors.empty());
}

TEST_CASE("A card without an average power has its present power") {
  const BareRig rig;
  fs::remove(rig.hwmon() / "power1_average");
  RigCopy::write(rig.hwmon() / "power1_input", "7000000\n");
  CHECK(read(rig).power_watts == 7.0);
}

TEST_CASE("A card without an edge sensor has the others by their labels") {
  const BareRig rig;
  RigCopy::write(rig.hwmon() / "temp1_label", "junction\n");
  RigCopy::write(rig.hwmon() / "temp2_label", "mem\n");
  RigCopy::write(rig.hwmon() / "temp3_label", "tomorrow\n");
  CHECK(read(rig).temperature_celsius ==
        std::map<std::string, double>{{"junction", 27}, {"memory", 29}});
}

TEST_CASE("A sensor whose label is refused is not taken for another") {
  const BareRig rig;
  RigCopy::refuse(rig.hwmon() / "temp1_label");
  const auto reading = read(rig);
  CHECK_FALSE(reading.temperature_celsius.contains("edge"));
  CHECK(reading.problems.size() == 1);
}

TEST_CASE("A temperature limit that was never set is none") {
  const BareRig rig;
  RigCopy::write(rig.hwmon() / "temp1_crit", "0\n");
  RigCopy::write(rig.hwmon() / "temp1_emergency", "-273150\n");
  const auto reading = read(rig);
  CHECK_FALSE(reading.temperature_limit_celsius.contains("edge"));
  CHECK(reading.temperature_limit_celsius.contains("junction"));
  CHECK(reading.problems.empty());
}

TEST_CASE("A clock between two levels comes from hwmon") {
  const BareRig rig;
  RigCopy::write(rig.card() / "pp_dpm_mclk", "0: 96Mhz \n1: 456Mhz \n");
  RigCopy::write(rig.hwmon() / "freq2_input", "300000000\n");
  const auto result = source_of(rig).read().value();
  CHECK(result.reading.clock_hertz.at("mclk") == 300e6);
  CHECK(result.reading.problems.empty());
  CHECK(result.questions.clocks == std::vector<std::string>{"sclk"});
}

TEST_CASE("A deep-sleep level is shown and librocm_smi64 is not asked about it") {
  const BareRig rig;
  RigCopy::write(rig.card() / "pp_dpm_sclk", "S: 19Mhz *\n0: 615Mhz\n1: 2400Mhz\n");
  const auto result = source_of(rig).read().value();
  CHECK(result.reading.clock_hertz.at("sclk") == 19e6);
  CHECK(result.questions.clocks == std::vector<std::string>{"mclk"});
}

TEST_CASE("The library is not asked about the memory of a card that counts none of its own") {
  const BareRig rig;
  RigCopy::write(rig.card() / "mem_info_vram_total", "0\n");
  RigCopy::write(rig.card() / "mem_info_vram_used", "0\n");
  const auto result = source_of(rig).read().value();
  CHECK(result.reading.memory_size_bytes.at("vram") == 0);
  CHECK_FALSE(result.questions.memory_size);
  CHECK_FALSE(result.questions.memory_used);
}

TEST_CASE("A card that is not awake is asked for what the PCI core and the power management know") {
  for (const char* state : {"suspended", "suspending", "resuming"}) {
    const RigCopy rig;
    RigCopy::write(rig.card() / "power/runtime_status", std::string(state) + "\n");
    auto source = source_of(rig);
    OpenedFiles opened(rig.card());
    OpenedFiles opened_of_ports(rig.sys() / "devices/pci0000:00/0000:00:01.0");
    const auto result = source.read().value();
    for (const auto& file : opened_of_ports.take()) {
      INFO(file);  // for its link the PCI core asks the device
      CHECK(file.find("_link_") == std::string::npos);
    }
    CHECK(opened.take() == std::vector<std::string>{"device", "numa_node", "power/runtime_status",
                                                    "power/runtime_suspended_time", "revision",
                                                    "subsystem_device", "uevent"});
    CHECK(result.reading.runtime_state == state);
    CHECK(result.reading.identity.device_id == "0x73bf");
    CHECK(result.reading.identity.unique_id.empty());
    CHECK(result.reading.temperature_celsius.empty());
    CHECK(result.reading.problems.empty());
    CHECK(result.questions == GpuQuery{});
    source.read();
    CHECK(opened.take() ==
          std::vector<std::string>{"power/runtime_status", "power/runtime_suspended_time"});
  }
}

TEST_CASE("A card that fell asleep keeps what does not change") {
  const RigCopy rig;
  auto source = source_of(rig);
  REQUIRE(source.read());
  RigCopy::write(rig.card() / "power/runtime_status", "suspended\n");
  const auto reading = source.read().value().reading;
  CHECK(reading.identity.unique_id == "0x4d2b1c0f3a5e6879");
  CHECK(reading.memory_size_bytes.at("vram") == 17163091968.0);
  CHECK(reading.temperature_limit_celsius.contains("edge"));
  CHECK_FALSE(reading.power_watts);
  CHECK(reading.memory_used_bytes.empty());
}

TEST_CASE("A card that may fall asleep and does nothing is left alone for a while") {
  const RigCopy rig;
  RigCopy::write(rig.card() / "power/control", "auto\n");
  RigCopy::write(rig.card() / "power/autosuspend_delay_ms", "5000\n");
  using namespace std::chrono_literals;
  AmdgpuSysfs source(list_amdgpu_cards(rig.sys()).at(0), no_name, AutosuspendWindow(0s, 1h));
  CHECK(source.read().value().reading.power_watts == 5.0);
  OpenedFiles opened(rig.card());
  const auto reading = source.read().value().reading;
  CHECK(opened.take() ==
        std::vector<std::string>{"power/runtime_status", "power/runtime_suspended_time"});
  CHECK(reading.left_alone_seconds > 0);
  CHECK_FALSE(reading.power_watts);
  CHECK(reading.memory_size_bytes.contains("vram"));
  CHECK(reading.problems.empty());
}

TEST_CASE("A card that works, or that is to stay awake, is not left alone") {
  using namespace std::chrono_literals;
  const auto third_reading = [](const RigCopy& rig) {
    AmdgpuSysfs source(list_amdgpu_cards(rig.sys()).at(0), no_name, AutosuspendWindow(0s, 1h));
    source.read();
    source.read();
    return source.read().value().reading;
  };
  const RigCopy busy;
  RigCopy::write(busy.card() / "power/control", "auto\n");
  RigCopy::write(busy.card() / "power/autosuspend_delay_ms", "5000\n");
  RigCopy::write(busy.card() / "gpu_busy_percent", "1\n");
  CHECK(third_reading(busy).power_watts == 5.0);
  const RigCopy awake;  // power/control is "on"
  RigCopy::write(awake.card() / "power/autosuspend_delay_ms", "5000\n");
  CHECK(third_reading(awake).power_watts == 5.0);
  const RigCopy never;
  RigCopy::write(never.card() / "power/control", "auto\n");
  RigCopy::write(never.card() / "power/autosuspend_delay_ms", "-1\n");
  CHECK(third_reading(never).power_watts == 5.0);
}

TEST_CASE("A sample opens each file once, and what does not change not at all") {
  const RigCopy rig;
  auto source = source_of(rig);
  REQUIRE(source.read());
  OpenedFiles opened(rig.card());
  REQUIRE(source.read());
  const auto files = opened.take();
  for (const auto& file : files) UNSCOPED_INFO(file);
  CHECK(std::adjacent_find(files.begin(), files.end()) == files.end());
  CHECK(files.size() <= 30);
  for (const char* fact : {"unique_id", "hwmon/hwmon2/temp1_label", "hwmon/hwmon2/power1_cap_max",
                           "fw_version/smc_fw_version", "mem_info_vram_total"})
    CHECK(std::find(files.begin(), files.end(), fact) == files.end());
}

TEST_CASE("A card without runtime power management is awake") {
  const RigCopy rig;
  for (const char* state : {"unsupported\n", "error\n"}) {
    RigCopy::write(rig.card() / "power/runtime_status", state);
    CHECK(read(rig).power_watts == 5.0);
  }
  fs::remove(rig.card() / "power/runtime_status");
  const auto reading = read(rig);
  CHECK_FALSE(reading.runtime_state);
  CHECK(reading.power_watts == 5.0);
}

TEST_CASE("Identity that was refused once is asked for again") {
  const RigCopy rig;
  RigCopy::refuse(rig.card() / "vbios_version");
  auto source = source_of(rig);
  CHECK(source.read().value().reading.identity.vbios_version.empty());
  RigCopy::write(rig.card() / "vbios_version", "113-D4140EXL-XL\n");
  CHECK(source.read().value().reading.identity.vbios_version == "113-D4140EXL-XL");
}

TEST_CASE("A card that has gone gives no reading") {
  const RigCopy rig;
  auto source = source_of(rig);
  fs::remove_all(rig.card());
  CHECK_FALSE(source.read());
}

TEST_CASE("The product name of the card itself goes before any list of names") {
  const RigCopy rig;
  const auto named = [](std::string_view, std::string_view, std::string_view) {
    return std::string("from a list");
  };
  const auto card = list_amdgpu_cards(rig.sys()).at(0);
  CHECK(AmdgpuSysfs(card, named).read().value().reading.identity.name == "from a list");
  RigCopy::write(rig.card() / "product_name", "AMD Instinct MI210\n");
  CHECK(AmdgpuSysfs(card, named).read().value().reading.identity.name == "AMD Instinct MI210");
}

TEST_CASE("Names come from the amdgpu.ids below the root that was told") {
  const TemporaryFolder root;
  root.write("usr/share/libdrm/amdgpu.ids", "73BF,\tC3,\tAMD Radeon RX 6800\n");
  CHECK(marketing_name(root.path(), "0x73bf", "0xc3", "") == "AMD Radeon RX 6800");
  CHECK(marketing_name(root.path(), "0x73bf", "0xc9", "").empty());
  CHECK(marketing_name("/nonexistent", "0x73bf", "0xc3", "").empty());
}
