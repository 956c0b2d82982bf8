#include "gpu_probe/sysfs/amdgpu_pcie.h"

#include <filesystem>

#include "support/catch.h"
#include "support/rig_copy.h"

using namespace rig;
namespace fs = std::filesystem;

TEST_CASE("The marked level is the link's") {
  CHECK(parse_dpm_pcie("0: 2.5GT/s, x1 310Mhz \n1: 8.0GT/s, x8 619Mhz *\n") == PcieLink{8e9, 8});
  CHECK(parse_dpm_pcie("0: 16.0GT/s, x16 619Mhz *\n") == PcieLink{16e9, 16});
}

TEST_CASE("A table without a marked level, and an empty one, have no link") {
  CHECK(parse_dpm_pcie("0: 2.5GT/s, x1 310Mhz \n1: 8.0GT/s, x8 619Mhz \n") == PcieLink{});
  CHECK(parse_dpm_pcie("") == PcieLink{});
}

TEST_CASE("A table that makes no sense is none") {
  for (const char* text : {"0: fast, x8 619Mhz *\n", "0: 8.0GT/s, y8 *\n", "0: 8.0GT/s *\n",
                           "0: 8.0GT/s, x8 1Mhz *\n1: 8.0GT/s, x8 1Mhz *\n", "nothing\n"}) {
    INFO(text);
    CHECK_FALSE(parse_dpm_pcie(text));
  }
}

TEST_CASE("Speeds are read as the PCI core writes them") {
  CHECK(parse_link_speed("8.0 GT/s PCIe\n") == 8e9);
  CHECK(parse_link_speed("2.5 GT/s PCIe") == 2.5e9);
  CHECK(parse_link_speed("16 GT/s") == 16e9);
  CHECK_FALSE(parse_link_speed("Unknown"));
  CHECK_FALSE(parse_link_speed(""));
}

TEST_CASE(
    "The link of a card with a switch of its own is the one between the switch and the slot") {
  const RigCopy rig;
  const auto link = slot_link(rig.card());
  REQUIRE(link);
  CHECK(link->port.filename() == "0000:00:01.0");
  CHECK(link->card.filename() == "0000:01:00.0");
  GpuReading notes;
  CHECK(best_link(*link, notes) == PcieLink{8e9, 8});
  CHECK(present_link(*link, notes) == PcieLink{8e9, 8});
  CHECK(notes.problems.empty());
}

TEST_CASE("Without a switch of its own a card hangs on the port above it") {
  const RigCopy rig;
  RigCopy::write(rig.card().parent_path() / "vendor", "0x1022\n");
  const auto link = slot_link(rig.card());
  REQUIRE(link);
  CHECK(link->port.filename() == "0000:02:00.0");
  CHECK(link->card.filename() == "0000:03:00.0");
}

TEST_CASE("A card that hangs on no port has no link to a slot") {
  const RigCopy rig;
  const auto alone = rig.sys() / "devices/pci0000:00/0000:00:05.0";
  fs::create_directories(alone);
  CHECK_FALSE(slot_link(alone));
  CHECK_FALSE(slot_link(rig.sys() / "devices/nothing"));
}

TEST_CASE("A link of no lanes, or of an unknown speed, is not told") {
  const RigCopy rig;
  const auto link = slot_link(rig.card());
  REQUIRE(link);
  RigCopy::write(link->card / "current_link_width", "0\n");
  RigCopy::write(link->card / "current_link_speed", "Unknown\n");
  GpuReading notes;
  CHECK(present_link(*link, notes) == PcieLink{});
  CHECK(notes.problems.empty());
}
