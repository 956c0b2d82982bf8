// What only some GPUs and kernels have, or report differently.
#include <filesystem>
#include <string>

#include "gpu_probe/sysfs/amdgpu_rig.h"
#include "support/catch.h"

using namespace rig;
namespace fs = std::filesystem;

namespace {

// As Polaris: no table gpu_metrics, and no switch on the board.
struct PolarisRig : BareRig {
  PolarisRig() {
    RigCopy::write(gpu().parent_path() / "vendor", "0x8086\n");
    RigCopy::write(gpu() / "current_link_width", "1\n");
    RigCopy::write(gpu() / "pp_dpm_pcie", "0: 2.5GT/s, x8 \n1: 8.0GT/s, x16 *\n");
  }
};

}  // namespace

TEST_CASE("Constant lanes in the table of a Polaris are not those of the link") {
  const PolarisRig rig;
  const auto reading = read(rig);
  CHECK(reading.pcie_lanes == 1.0);
  CHECK(reading.pcie_transfers_per_second == 8e9);
  CHECK(reading.problems.empty());
  RigCopy::write(rig.gpu() / "gpu_metrics", "");  // of some kernels
  CHECK(read(rig).pcie_lanes == 1.0);
  RigCopy::write(rig.gpu() / "current_link_width", "0\n");
  CHECK_FALSE(read(rig).pcie_lanes);
}

TEST_CASE("The lanes in the table of a Vega 10 are those of the link to the slot") {
  const PolarisRig rig;
  const auto lower = rig.gpu().parent_path();
  for (const auto& port : {lower, lower.parent_path()}) {
    RigCopy::write(port / "vendor", "0x1022\n");
    RigCopy::write(port / "device", port == lower ? "0x1471\n" : "0x1470\n");
  }
  CHECK(read(rig).pcie_lanes == 16.0);
}

TEST_CASE("Without gpu_metrics the marked level is not the clock, if hwmon has the clock") {
  const PolarisRig rig;
  RigCopy::write(rig.gpu() / "pp_dpm_sclk", "0: 300Mhz \n1: 1257Mhz *\n");
  RigCopy::write(rig.hwmon() / "freq1_input", "1194000000\n");
  RigCopy::write(rig.gpu() / "pp_dpm_mclk", "0: 300Mhz \n1: 1750Mhz *\n");
  fs::remove(rig.hwmon() / "freq2_input");
  const auto result = source_of(rig).read().value();
  CHECK(result.reading.clock_hertz.at("sclk") == 1194e6);
  CHECK(result.reading.clock_max_hertz.at("sclk") == 1257e6);
  CHECK(result.reading.clock_hertz.at("mclk") == 1750e6);
  CHECK(result.query.clocks == std::vector<std::string>{"mclk"});  // librocm_smi64 has the level
}

TEST_CASE("A power that no awake GPU draws is unknown") {
  for (const char* microwatts : {"0", "14000", "299999"}) {
    INFO(microwatts);
    const BareRig rig;
    RigCopy::write(rig.hwmon() / "power1_average", std::string(microwatts) + "\n");
    const auto result = source_of(rig).read().value();
    CHECK_FALSE(result.reading.power_watts);
    CHECK_FALSE(result.query.power);
    CHECK(result.reading.problems.empty());
  }
  const RigCopy rig;  // whose gpu_metrics has the power
  RigCopy::write(rig.hwmon() / "power1_average", "14000\n");
  CHECK(read(rig).power_watts == 5.0);
}

TEST_CASE("The second die of an MI250 has no power and no caps") {
  const BareRig rig;
  for (const char* file : {"power1_average", "power1_cap", "power1_cap_max", "power1_cap_default"})
    RigCopy::write(rig.hwmon() / file, "0\n");
  const auto result = source_of(rig).read().value();
  const GpuReading& reading = result.reading;
  CHECK_FALSE(reading.power_watts);
  CHECK_FALSE(reading.power_cap_watts);
  CHECK_FALSE(reading.power_cap_min_watts);
  CHECK_FALSE(reading.power_cap_max_watts);
  CHECK_FALSE(reading.power_cap_default_watts);
  CHECK_FALSE(result.query.power_cap);
  CHECK(reading.problems.empty());
}

TEST_CASE("Without an average power, an instantaneous one of 0 is unknown as well") {
  const BareRig rig;
  fs::remove(rig.hwmon() / "power1_average");
  RigCopy::write(rig.hwmon() / "power1_input", "0\n");
  const auto result = source_of(rig).read().value();
  CHECK_FALSE(result.reading.power_watts);
  CHECK_FALSE(result.query.power);
  CHECK(result.reading.power_cap_watts == 203.0);
  CHECK(result.reading.problems.empty());
}

TEST_CASE("A power cap of 0 is unknown also if the power is known") {
  const BareRig rig;
  RigCopy::write(rig.hwmon() / "power1_average", "289000000\n");
  RigCopy::write(rig.hwmon() / "power1_cap", "0\n");
  RigCopy::write(rig.hwmon() / "power1_cap_default", "0\n");
  const auto reading = read(rig);
  CHECK(reading.power_watts == 289.0);
  CHECK_FALSE(reading.power_cap_watts);
  CHECK_FALSE(reading.power_cap_default_watts);
  CHECK(reading.power_cap_max_watts == 233.0);
  CHECK(reading.problems.empty());
}

TEST_CASE("The file of the video engine's utilization precedes gpu_metrics") {
  const RigCopy rig;  // whose table says 0
  for (const char* percent : {"0", "63", "100"}) {
    RigCopy::write(rig.gpu() / "vcn_busy_percent", std::string(percent) + "\n");
    CHECK(read(rig).busy_ratio.at("media") == std::stod(percent) / 100);
  }
  RigCopy::write(rig.gpu() / "vcn_busy_percent", "101\n");
  CHECK(read(rig).busy_ratio.at("media") == 0);
  CHECK(read(rig).problems.size() == 1);
  RigCopy::write(rig.gpu() / "vcn_busy_percent", "65535\n");
  CHECK(read(rig).problems.empty());
}

TEST_CASE("The utilization of the video engine is read from its file") {
  const BareRig rig;
  RigCopy::write(rig.gpu() / "vcn_busy_percent", "37\n");
  CHECK(read(rig).busy_ratio.at("media") == 0.37);
  fs::remove(rig.gpu() / "vcn_busy_percent");
  CHECK_FALSE(read(rig).busy_ratio.contains("media"));
}

TEST_CASE("The fan has a mode") {
  const RigCopy rig;
  const std::map<std::string, std::string> modes{
      {"0", "full_speed"}, {"1", "manual"}, {"2", "automatic"}, {"5", "other"}};
  for (const auto& [number, mode] : modes) {
    RigCopy::write(rig.hwmon() / "pwm1_enable", number + "\n");
    CHECK(read(rig).fan_mode == mode);
  }
  fs::remove(rig.hwmon() / "pwm1_enable");
  CHECK_FALSE(read(rig).fan_mode);
  RigCopy::write(rig.hwmon() / "pwm1_enable", "4294967295\n");  // a board without fan control
  CHECK_FALSE(read(rig).fan_mode);
  CHECK(read(rig).problems.empty());
}

TEST_CASE("The clocks of the second video engine are read") {
  const RigCopy rig;
  RigCopy::write(rig.gpu() / "pp_dpm_vclk1", "0: 0Mhz \n1: 1066Mhz *\n");
  RigCopy::write(rig.gpu() / "pp_dpm_dclk1", "0: 0Mhz \n1: 960Mhz *\n");
  const auto reading = read(rig);
  CHECK(reading.clock_hertz.at("vclk1") == 1066e6);
  CHECK(reading.clock_max_hertz.at("dclk1") == 960e6);
}

TEST_CASE("The power of the baseboard and the node has a limit each") {
  const BareRig rig;
  CHECK(read(rig).domain_power_watts.empty());
  RigCopy::write(rig.gpu() / "board/node_power", "9815\n");
  RigCopy::write(rig.gpu() / "board/cur_node_power_limit", "12000\n");
  RigCopy::write(rig.gpu() / "board/baseboard_power", "9120\n");
  RigCopy::write(rig.gpu() / "board/npm_status", "enabled\n");
  const auto reading = read(rig);
  CHECK(reading.domain_power_watts == LabeledNumbers{{"board", 9120}, {"node", 9815}});
  CHECK(reading.domain_power_limit_watts == LabeledNumbers{{"node", 12000}});
  CHECK(reading.problems.empty());
}

TEST_CASE("A baseboard or node that reports 0 W does not measure its power") {
  const BareRig rig;
  for (const char* file :
       {"baseboard_power", "baseboard_power_limit", "node_power", "cur_node_power_limit"}) {
    RigCopy::write(rig.gpu() / "board" / file, "0\n");
  }
  const auto reading = read(rig);
  CHECK(reading.domain_power_watts.empty());
  CHECK(reading.domain_power_limit_watts.empty());
  CHECK(reading.problems.empty());
}

TEST_CASE("All ones of a baseboard or node are an unknown power") {
  const BareRig rig;
  RigCopy::write(rig.gpu() / "board/node_power", "4294967295\n");
  RigCopy::write(rig.gpu() / "board/cur_node_power_limit", "65535\n");
  RigCopy::write(rig.gpu() / "board/baseboard_power", "65535\n");
  RigCopy::write(rig.gpu() / "board/baseboard_power_limit", "65534\n");
  const auto reading = read(rig);
  CHECK(reading.domain_power_watts.empty());
  CHECK(reading.domain_power_limit_watts == LabeledNumbers{{"board", 65534}});
  CHECK(reading.problems.empty());
}

TEST_CASE("RAS events are read if the GPU has a file of them") {
  const BareRig rig;
  RigCopy::write(rig.gpu() / "ras/event_state",
                 "current seqno: 3\nFatal Error: count:0, last_seqno:0\n"
                 "Poison Creation: count:2, last_seqno:3\n");
  CHECK(read(rig).ras_events == LabeledNumbers{{"fatal", 0}, {"poison_creation", 2}});
  RigCopy::write(rig.gpu() / "ras/event_state", "current seqno: 3\nFatal Error: none\n");
  CHECK(read(rig).ras_events.empty());
  CHECK(read(rig).problems.size() == 1);
}
