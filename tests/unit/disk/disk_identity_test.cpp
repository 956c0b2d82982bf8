#include "rig/disk/disk_identity.h"

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;
using namespace std::string_literals;

namespace {

// What is read of a disk in a played back sysfs.
DiskIdentity identity(const TemporaryDirectory& folder) {
  RootPaths host;
  host.sys = folder.path();
  return parse_disk_identity(read_disk_identity(host, folder.path()));
}

DiskIdentity of_udev(std::map<std::string, std::string> properties) {
  return parse_disk_identity({.udev = std::move(properties), .sysfs = {}});
}

// Header and text of a SCSI disk's page of vital product data.
std::string page_80(const std::string& serial) {
  return "\0\x80\0"s + static_cast<char>(serial.size()) + serial;
}

}  // namespace

TEST_CASE("A SATA disk in sysfs: the model without its blanks, the serial of page 0x80") {
  const TemporaryDirectory folder;
  folder.write("device/vendor", "ATA     \n");
  folder.write("device/model", "Samsung SSD 870 \n");
  folder.write("device/vpd_pg80", page_80("      S5Y1NX0R000001"));
  folder.write("device/wwid", "naa.5002538f00000001\n");
  CHECK(identity(folder) ==
        DiskIdentity{"Samsung SSD 870", "S5Y1NX0R000001", "0x5002538f00000001"});
}

TEST_CASE("An NVMe disk in sysfs: model and serial of its controller, the namespace's wwid") {
  const TemporaryDirectory folder;
  folder.write("device/model", "Samsung SSD 980 PRO 1TB                 \n");
  folder.write("device/serial", "S5GXNX0R000001      \n");
  folder.write("wwid", "eui.002538b321b00001\n");
  CHECK(identity(folder) ==
        DiskIdentity{"Samsung SSD 980 PRO 1TB", "S5GXNX0R000001", "eui.002538b321b00001"});
}

TEST_CASE("A virtio disk has a serial and no model, a loop device nothing") {
  const TemporaryDirectory folder;
  CHECK(identity(folder) == DiskIdentity());
  folder.write("serial", "data-1\n");
  folder.write("device/vendor", "0x1af4\n");
  CHECK(identity(folder) == DiskIdentity{"", "data-1", ""});
}

TEST_CASE("A wwid that is made of model and serial is no WWN") {
  const TemporaryDirectory folder;
  folder.write("device/wwid", "t10.ATA     QEMU HARDDISK   QM00001 \n");
  CHECK(identity(folder).wwn.empty());
}

TEST_CASE("A page that is cut, is another one or promises more than it has") {
  const TemporaryDirectory folder;
  const auto serial_of = [&](const std::string& page) {
    folder.write("device/vpd_pg80", page);
    return identity(folder).serial;
  };
  CHECK(serial_of("\0\x80"s).empty());
  CHECK(serial_of("\0\x83\0\4S5Y1"s).empty());
  CHECK(serial_of("\0\x80\1\4S5Y1"s) == "S5Y1");
  CHECK(serial_of("\0\x80\0\2S5Y1"s) == "S5");
  CHECK(serial_of("\0\x80\0\4S5\0\0"s) == "S5");
}

TEST_CASE("A file that refuses is as if it were not there") {
  const TemporaryDirectory folder;
  std::filesystem::create_directories(folder.path() / "device/model");  // EISDIR
  folder.write("device/serial", "S5GXNX0R000001\n");
  CHECK(identity(folder) == DiskIdentity{"", "S5GXNX0R000001", ""});
}

TEST_CASE("udev's model is decoded, and its underscores are the last resort") {
  const auto encoded = R"(Samsung\x20SSD\x20870\x20EVO\x201TB\x20\x20\x20\x20)";
  CHECK(of_udev({{"ID_MODEL", "Samsung_SSD_870_EVO_1TB"}, {"ID_MODEL_ENC", encoded}}).model ==
        "Samsung SSD 870 EVO 1TB");
  CHECK(of_udev({{"ID_MODEL", "Samsung_SSD_870_EVO_1TB"}}).model == "Samsung_SSD_870_EVO_1TB");
  CHECK(of_udev({{"ID_MODEL_ENC", R"(A\xzzB\x2)"}}).model == R"(A\xzzB\x2)");
}

TEST_CASE("The serial of a SAS disk is the one on its label, not the WWN that udev calls so") {
  CHECK(of_udev({{"ID_SERIAL", "35000c500a1b2c3d4"},
                 {"ID_SERIAL_SHORT", "5000c500a1b2c3d4"},
                 {"ID_SCSI_SERIAL", "Z1X00001"}})
            .serial == "Z1X00001");
  CHECK(of_udev({{"ID_SERIAL", "SSD_S5Y1"}, {"ID_SERIAL_SHORT", "S5Y1"}}).serial == "S5Y1");
  CHECK(of_udev({{"ID_SERIAL", "data-1"}}).serial == "data-1");
}

TEST_CASE("The WWN with its extension tells the units of one array of disks apart") {
  CHECK(of_udev({{"ID_WWN", "0x600605b0"}, {"ID_WWN_WITH_EXTENSION", "0x600605b000000001"}}).wwn ==
        "0x600605b000000001");
  CHECK(of_udev({{"ID_WWN", "0x5002538f00000001"}}).wwn == "0x5002538f00000001");
}

TEST_CASE("sysfs fills in what udev does not know") {
  const DiskIdentityText text{{{"ID_MODEL_ENC", R"(Samsung\x20SSD\x20870\x20EVO\x201TB)"}},
                              {{"device/model", "Samsung SSD 870 "}, {"serial", "S5Y1\n"}}};
  CHECK(parse_disk_identity(text) == DiskIdentity{"Samsung SSD 870 EVO 1TB", "S5Y1", ""});
}

TEST_CASE("Another disk in the same place has another key") {
  const TemporaryDirectory folder;
  const auto disk = folder.path() / "sda";
  std::filesystem::create_directory(disk);
  const auto before = disk_key(disk);
  CHECK(disk_key(disk) == before);
  std::filesystem::rename(disk, folder.path() / "gone");
  std::filesystem::create_directory(disk);
  CHECK(disk_key(disk) != before);
}

TEST_CASE("What is known of a disk is final when udev has told of it, or does not run") {
  DiskIdentityText text;
  CHECK(is_final(text));
  text.has_udev_database = true;
  text.udev = {{"DEVNAME", "/dev/sda"}};  // the kernel's own, before udev's rules have run
  CHECK_FALSE(is_final(text));
  text.udev["USEC_INITIALIZED"] = "1734567";
  CHECK(is_final(text));
}
