#include "rig/amdgpu/card_discovery.h"

#include <filesystem>

#include "support/catch.h"
#include "support/rig_copy.h"
#include "support/temporary_folder.h"

using namespace rig;
namespace fs = std::filesystem;

namespace {

const fs::path kRigs = RIG_TEST_RIGS;

}  // namespace

TEST_CASE("The cards of a rig are found with their names and PCI addresses") {
  const auto cards = list_amdgpu_cards(kRigs / "rx6800x2-raid0/sys");
  REQUIRE(cards.size() == 2);
  CHECK(cards[0].pci_address == "0000:03:00.0");
  CHECK(cards[0].card == "card0");
  CHECK(cards[0].render == "renderD128");
  CHECK(cards[0].hwmon == "hwmon2");
  CHECK(cards[1].pci_address == "0000:06:00.0");
  CHECK(cards[1].card == "card1");
}

TEST_CASE("A card of another vendor is no AMD GPU, nor is a machine without any") {
  CHECK(fs::exists(kRigs / "no-gpu-no-raid/sys/class/drm/card0/device/vendor"));
  CHECK(list_amdgpu_cards(kRigs / "no-gpu-no-raid/sys").empty());
  CHECK(list_amdgpu_cards("/nonexistent").empty());
}

TEST_CASE("An AMD card with another driver is left out") {
  const RigCopy rig;
  fs::remove(rig.card() / "driver");
  fs::create_symlink("../../../../../../bus/pci/drivers/radeon", rig.card() / "driver");
  CHECK(list_amdgpu_cards(rig.sys()).size() == 1);
  fs::remove(rig.card() / "driver");  // not told: the uevent file has it
  CHECK(list_amdgpu_cards(rig.sys()).size() == 2);
}

TEST_CASE("A card whose vendor is refused is known by its uevent file, else by its driver") {
  const RigCopy rig;
  RigCopy::refuse(rig.card() / "vendor");
  CHECK(list_amdgpu_cards(rig.sys()).size() == 2);
  RigCopy::refuse(rig.card() / "uevent");
  CHECK(list_amdgpu_cards(rig.sys()).size() == 2);
}

TEST_CASE("Cards are sorted by PCI address whatever their numbers are") {
  const RigCopy rig;
  const auto drm = rig.sys() / "class/drm";
  fs::rename(drm / "card0", drm / "card12");
  const auto cards = list_amdgpu_cards(rig.sys());
  REQUIRE(cards.size() == 2);
  CHECK(cards[0].pci_address == "0000:03:00.0");
  CHECK(cards[0].card == "card12");
}

TEST_CASE("The driver's version is its own, else the kernel's, and none without the driver") {
  const TemporaryFolder host;
  const auto sys = host.path() / "sys";
  const auto proc = host.path() / "proc";
  host.write("proc/sys/kernel/osrelease", "5.18.13\n");
  CHECK(amdgpu_version(sys, proc).empty());
  host.write("sys/module/amdgpu/initstate", "live\n");
  CHECK(amdgpu_version(sys, proc) == "5.18.13");
  host.write("sys/module/amdgpu/version", "6.3.6\n");
  CHECK(amdgpu_version(sys, proc) == "6.3.6");
}

TEST_CASE("A device folder that is no link has its address in the uevent file") {
  const TemporaryFolder sys;
  sys.write("class/drm/card0/device/vendor", "0x1002\n");
  sys.write("class/drm/card0/device/uevent", "PCI_SLOT_NAME=0000:0a:00.0\n");
  const auto cards = list_amdgpu_cards(sys.path());
  REQUIRE(cards.size() == 1);
  CHECK(cards[0].pci_address == "0000:0a:00.0");
  CHECK(cards[0].hwmon.empty());
}
