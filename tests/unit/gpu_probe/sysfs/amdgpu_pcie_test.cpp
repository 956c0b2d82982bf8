#include "gpu_probe/sysfs/amdgpu_pcie.h"

#include <filesystem>
#include <string>

#include "gpu_probe/sysfs/amdgpu_rig.h"
#include "support/catch.h"
#include "support/rig_copy.h"

using namespace rig;
namespace fs = std::filesystem;

TEST_CASE("The marked level is that of the link") {
  CHECK(parse_dpm_pcie("0: 2.5GT/s, x1 310Mhz \n1: 8.0GT/s, x8 619Mhz *\n") == PcieLink{8e9, 8});
  CHECK(parse_dpm_pcie("0: 16.0GT/s, x16 619Mhz *\n") == PcieLink{16e9, 16});
}

TEST_CASE("A table without a marked level, or without any level, has no link") {
  CHECK(parse_dpm_pcie("0: 2.5GT/s, x1 310Mhz \n1: 8.0GT/s, x8 619Mhz \n") == PcieLink{});
  CHECK(parse_dpm_pcie("") == PcieLink{});
}

TEST_CASE("A malformed table is rejected") {
  for (const char* text : {"0: fast, x8 619Mhz *\n", "0: 8.0GT/s, y8 *\n", "0: 8.0GT/s *\n",
                           "nothing\n", "0: 2.5GT/s, x1 310Mhz \n1: 8.0GT/s, x1"}) {
    INFO(text);
    CHECK_FALSE(parse_dpm_pcie(text));
  }
}

TEST_CASE("A speed or lanes that the driver has no name for are unknown") {
  const std::string unknown_speed = "0: 2.5GT/s, x1 310Mhz \n1:  x16 1075Mhz ";
  CHECK(parse_dpm_pcie(unknown_speed + "*\n") == PcieLink{std::nullopt, 16});
  CHECK(parse_dpm_pcie(unknown_speed + "\n2: 16.0GT/s, x16 1075Mhz *\n") == PcieLink{16e9, 16});
  CHECK(parse_dpm_pcie("0: 16.0GT/s,  619Mhz *\n") == PcieLink{16e9, std::nullopt});
  CHECK_FALSE(parse_dpm_pcie("0:   619Mhz *\n"));
}

TEST_CASE("The speed of a link that the table has no name for is that of the PCI core") {
  const BareRig rig;
  RigCopy::write(rig.gpu() / "pp_dpm_pcie", "0: 2.5GT/s, x1 310Mhz \n1:  x4 1075Mhz *\n");
  const auto reading = read(rig);
  CHECK(reading.pcie_lanes == 4.0);
  CHECK(reading.pcie_transfers_per_second == 8e9);
  CHECK(reading.problems.empty());
}

TEST_CASE("Several marked levels of the same link are one link") {
  CHECK(parse_dpm_pcie("0: 16.0GT/s, x16 619Mhz *\n1: 16.0GT/s, x16 619Mhz *\n") ==
        PcieLink{16e9, 16});
  CHECK(parse_dpm_pcie("0: 8.0GT/s, x4 310Mhz *\n1: 8.0GT/s, x4 619Mhz *\n2: 8.0GT/s, x4 *\n") ==
        PcieLink{8e9, 4});
  CHECK_FALSE(parse_dpm_pcie("0: 2.5GT/s, x8 310Mhz *\n1: 8.0GT/s, x8 619Mhz *\n"));
  CHECK_FALSE(parse_dpm_pcie("0: 8.0GT/s, x1 619Mhz *\n1: 8.0GT/s, x8 619Mhz *\n"));
}

TEST_CASE("Link speeds are parsed in the format of the PCI core") {
  CHECK(parse_link_speed("8.0 GT/s PCIe\n") == 8e9);
  CHECK(parse_link_speed("2.5 GT/s PCIe") == 2.5e9);
  CHECK(parse_link_speed("16 GT/s") == 16e9);
  CHECK_FALSE(parse_link_speed("Unknown"));
  CHECK_FALSE(parse_link_speed(""));
}

TEST_CASE("The slot link of a board with a switch is that of the switch") {
  const RigCopy rig;
  const auto link = slot_link(rig.gpu());
  REQUIRE(link);
  CHECK(link->port.filename() == "0000:00:01.0");
  CHECK(link->board.filename() == "0000:01:00.0");
  GpuReading errors;
  CHECK(best_link(*link, errors) == PcieLink{8e9, 8});
  CHECK(current_link(*link, errors) == PcieLink{8e9, 8});
  CHECK(errors.problems.empty());
}

TEST_CASE("Without a switch the slot link is that of the GPU") {
  const RigCopy rig;
  RigCopy::write(rig.gpu().parent_path() / "vendor", "0x1022\n");
  const auto link = slot_link(rig.gpu());
  REQUIRE(link);
  CHECK(link->port.filename() == "0000:02:00.0");
  CHECK(link->board.filename() == "0000:03:00.0");
}

TEST_CASE("A GPU that is not below a port has no slot link") {
  const RigCopy rig;
  const auto alone = rig.sys() / "devices/pci0000:00/0000:00:05.0";
  fs::create_directories(alone);
  CHECK_FALSE(slot_link(alone));
  CHECK_FALSE(slot_link(rig.sys() / "devices/nothing"));
}

TEST_CASE("A link without lanes or with unknown speed is absent") {
  const RigCopy rig;
  const auto link = slot_link(rig.gpu());
  REQUIRE(link);
  RigCopy::write(link->board / "current_link_width", "0\n");
  RigCopy::write(link->board / "current_link_speed", "Unknown\n");
  GpuReading errors;
  CHECK(current_link(*link, errors) == PcieLink{});
  CHECK(errors.problems.empty());
}

TEST_CASE("A width that the PCI core does not know is absent and not a problem") {
  const RigCopy rig;
  const auto link = slot_link(rig.gpu());
  REQUIRE(link);
  for (const char* unknown : {"255\n", "63\n", "0\n"}) {
    INFO(unknown);
    RigCopy::write(link->board / "current_link_width", unknown);
    RigCopy::write(link->port / "max_link_width", unknown);
    GpuReading errors;
    CHECK_FALSE(current_link(*link, errors).lanes);
    CHECK(best_link(*link, errors).lanes == 16.0);  // of the board
    CHECK(errors.problems.empty());
  }
  for (const char* implausible : {"33\n", "64\n", "254\n"}) {
    RigCopy::write(link->board / "current_link_width", implausible);
    GpuReading errors;
    CHECK_FALSE(current_link(*link, errors).lanes);
    CHECK(errors.problems.size() == 1);
  }
}

TEST_CASE("The best link is unknown if one of its ends cannot be read") {
  const RigCopy rig;
  const auto link = slot_link(rig.gpu());
  REQUIRE(link);
  for (const auto& file : {link->port / "max_link_width", link->board / "max_link_speed"}) {
    fs::remove(file);
    fs::create_directory(file);  // EISDIR
    GpuReading errors;
    CHECK(best_link(*link, errors) == PcieLink{});
    CHECK_FALSE(errors.problems.empty());
  }
}
