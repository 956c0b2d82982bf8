#include "rig/amdgpu/card_discovery.h"

#include <filesystem>
#include <string>
#include <vector>

#include "rig/kernel/files.h"
#include "support/catch.h"
#include "support/rig_copy.h"
#include "support/temporary_directory.h"

using namespace rig;
namespace fs = std::filesystem;

namespace {

const fs::path kRigs = RIG_TEST_RIGS;

}  // namespace

TEST_CASE("The GPUs of a rig are found with their names and PCI addresses") {
  const auto cards = list_amdgpu_cards(kRigs / "rx6800x2-raid0/sys");
  REQUIRE(cards.size() == 2);
  CHECK(cards[0].pci_address == "0000:03:00.0");
  CHECK(cards[0].card == "card0");
  CHECK(cards[0].render == "renderD128");
  CHECK(cards[0].hwmon == "hwmon2");
  CHECK(cards[1].pci_address == "0000:06:00.0");
  CHECK(cards[1].card == "card1");
}

TEST_CASE("GPUs of other vendors are skipped, and a machine may have none") {
  CHECK(fs::exists(kRigs / "no-gpu-no-raid/sys/class/drm/card0/device/vendor"));
  CHECK(list_amdgpu_cards(kRigs / "no-gpu-no-raid/sys").empty());
  CHECK(list_amdgpu_cards("/nonexistent").empty());
}

TEST_CASE("An AMD GPU with another driver is skipped") {
  const RigCopy rig;
  fs::remove(rig.gpu() / "driver");
  fs::create_symlink("../../../../../../bus/pci/drivers/radeon", rig.gpu() / "driver");
  CHECK(list_amdgpu_cards(rig.sys()).size() == 1);
  fs::remove(rig.gpu() / "driver");  // the uevent file names it, too
  CHECK(list_amdgpu_cards(rig.sys()).size() == 2);
}

TEST_CASE(
    "Without a readable vendor file the uevent file identifies an AMD GPU, or else the driver") {
  const RigCopy rig;
  RigCopy::make_unreadable(rig.gpu() / "vendor");
  CHECK(list_amdgpu_cards(rig.sys()).size() == 2);
  RigCopy::make_unreadable(rig.gpu() / "uevent");
  CHECK(list_amdgpu_cards(rig.sys()).size() == 2);
}

TEST_CASE("No file is read of a GPU with links to its driver and its PCI device") {
  std::vector<std::string> files;
  const ObservedReads observed([&](const KernelRead& read) {
    if (read.kind == KernelRead::Kind::file) files.push_back(read.path.string());
  });
  CHECK(list_amdgpu_cards(kRigs / "rx6800x2-raid0/sys").size() == 2);
  CHECK(files.empty());
}

TEST_CASE("GPUs are sorted by PCI address, whatever their card numbers are") {
  const RigCopy rig;
  const auto drm = rig.sys() / "class/drm";
  fs::rename(drm / "card0", drm / "card12");
  const auto cards = list_amdgpu_cards(rig.sys());
  REQUIRE(cards.size() == 2);
  CHECK(cards[0].pci_address == "0000:03:00.0");
  CHECK(cards[0].card == "card12");
}

TEST_CASE(
    "The driver version is that of the module or else the kernel, and empty without the driver") {
  const TemporaryDirectory host;
  const auto sys = host.path() / "sys";
  const auto proc = host.path() / "proc";
  host.write("proc/sys/kernel/osrelease", "5.18.13\n");
  CHECK(amdgpu_version(sys, proc).empty());
  host.write("sys/module/amdgpu/initstate", "live\n");
  CHECK(amdgpu_version(sys, proc) == "5.18.13");
  host.write("sys/module/amdgpu/version", "6.3.6\n");
  CHECK(amdgpu_version(sys, proc) == "6.3.6");
}

TEST_CASE("The PCI address of a device directory that is not a link is in its uevent file") {
  const TemporaryDirectory sys;
  sys.write("class/drm/card0/device/vendor", "0x1002\n");
  sys.write("class/drm/card0/device/uevent", "PCI_SLOT_NAME=0000:0a:00.0\n");
  const auto cards = list_amdgpu_cards(sys.path());
  REQUIRE(cards.size() == 1);
  CHECK(cards[0].pci_address == "0000:0a:00.0");
  CHECK(cards[0].hwmon.empty());
}
