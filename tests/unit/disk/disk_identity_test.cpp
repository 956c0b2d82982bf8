#include "rig/disk/disk_identity.h"

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;
using namespace std::string_literals;

namespace {

// The identity of a disk in a copied sysfs.
DiskIdentity identity(const TemporaryDirectory& directory) {
  RootPaths roots;
  roots.sys = directory.path();
  return parse_disk_identity(read_disk_identity(roots, directory.path()));
}

DiskIdentity of_udev(std::map<std::string, std::string> properties) {
  return parse_disk_identity({.udev = std::move(properties), .sysfs = {}});
}

// The vital product data page with the serial number of a SCSI disk.
std::string page_80(const std::string& serial) {
  return "\0\x80\0"s + static_cast<char>(serial.size()) + serial;
}

}  // namespace

TEST_CASE("The identity of a SATA disk is read from sysfs") {
  const TemporaryDirectory directory;
  directory.write("device/vendor", "ATA     \n");
  directory.write("device/model", "Samsung SSD 870 \n");
  directory.write("device/vpd_pg80", page_80("      S5Y1NX0R000001"));
  directory.write("device/wwid", "naa.5002538f00000001\n");
  CHECK(identity(directory) ==
        DiskIdentity{"Samsung SSD 870", "S5Y1NX0R000001", "0x5002538f00000001"});
}

TEST_CASE("The identity of an NVMe disk is read from sysfs") {
  const TemporaryDirectory directory;
  directory.write("device/model", "Samsung SSD 980 PRO 1TB                 \n");
  directory.write("device/serial", "S5GXNX0R000001      \n");
  directory.write("wwid", "eui.002538b321b00001\n");
  CHECK(identity(directory) ==
        DiskIdentity{"Samsung SSD 980 PRO 1TB", "S5GXNX0R000001", "eui.002538b321b00001"});
}

TEST_CASE("A virtio disk has a serial number only, a loop device nothing") {
  const TemporaryDirectory directory;
  CHECK(identity(directory) == DiskIdentity());
  directory.write("serial", "data-1\n");
  directory.write("device/vendor", "0x1af4\n");
  CHECK(identity(directory) == DiskIdentity{"", "data-1", ""});
}

TEST_CASE("A wwid made of model and serial number is not a WWN") {
  const TemporaryDirectory directory;
  directory.write("device/wwid", "t10.ATA     QEMU HARDDISK   QM00001 \n");
  CHECK(identity(directory).wwn.empty());
}

TEST_CASE("A malformed page 0x80 is handled") {
  const TemporaryDirectory directory;
  const auto serial_of = [&](const std::string& page) {
    directory.write("device/vpd_pg80", page);
    return identity(directory).serial;
  };
  CHECK(serial_of("\0\x80"s).empty());
  CHECK(serial_of("\0\x83\0\4S5Y1"s).empty());
  CHECK(serial_of("\0\x80\1\4S5Y1"s) == "S5Y1");
  CHECK(serial_of("\0\x80\0\2S5Y1"s) == "S5");
  CHECK(serial_of("\0\x80\0\4S5\0\0"s) == "S5");
}

TEST_CASE("An unreadable file is ignored") {
  const TemporaryDirectory directory;
  std::filesystem::create_directories(directory.path() / "device/model");  // EISDIR
  directory.write("device/serial", "S5GXNX0R000001\n");
  CHECK(identity(directory) == DiskIdentity{"", "S5GXNX0R000001", ""});
}

TEST_CASE("ID_MODEL_ENC is decoded and preferred to ID_MODEL") {
  const auto encoded = R"(Samsung\x20SSD\x20870\x20EVO\x201TB\x20\x20\x20\x20)";
  CHECK(of_udev({{"ID_MODEL", "Samsung_SSD_870_EVO_1TB"}, {"ID_MODEL_ENC", encoded}}).model ==
        "Samsung SSD 870 EVO 1TB");
  CHECK(of_udev({{"ID_MODEL", "Samsung_SSD_870_EVO_1TB"}}).model == "Samsung_SSD_870_EVO_1TB");
  CHECK(of_udev({{"ID_MODEL_ENC", R"(A\xzzB\x2)"}}).model == R"(A\xzzB\x2)");
}

TEST_CASE("The serial number of a SAS disk is the one on its label, not its WWN") {
  CHECK(of_udev({{"ID_SERIAL", "35000c500a1b2c3d4"},
                 {"ID_SERIAL_SHORT", "5000c500a1b2c3d4"},
                 {"ID_SCSI_SERIAL", "Z1X00001"}})
            .serial == "Z1X00001");
  CHECK(of_udev({{"ID_SERIAL", "SSD_S5Y1"}, {"ID_SERIAL_SHORT", "S5Y1"}}).serial == "S5Y1");
  CHECK(of_udev({{"ID_SERIAL", "data-1"}}).serial == "data-1");
}

TEST_CASE("The WWN with extension is preferred, since it differs between logical units") {
  CHECK(of_udev({{"ID_WWN", "0x600605b0"}, {"ID_WWN_WITH_EXTENSION", "0x600605b000000001"}}).wwn ==
        "0x600605b000000001");
  CHECK(of_udev({{"ID_WWN", "0x5002538f00000001"}}).wwn == "0x5002538f00000001");
}

TEST_CASE("Fields that udev does not know are read from sysfs") {
  const DiskIdentitySources sources{{{"ID_MODEL_ENC", R"(Samsung\x20SSD\x20870\x20EVO\x201TB)"}},
                                    {{"device/model", "Samsung SSD 870 "}, {"serial", "S5Y1\n"}}};
  CHECK(parse_disk_identity(sources) == DiskIdentity{"Samsung SSD 870 EVO 1TB", "S5Y1", ""});
}

TEST_CASE("A replaced disk has another key") {
  const TemporaryDirectory directory;
  const auto disk = directory.path() / "sda";
  std::filesystem::create_directory(disk);
  const auto before = disk_key(disk);
  CHECK(disk_key(disk) == before);
  std::filesystem::rename(disk, directory.path() / "gone");
  std::filesystem::create_directory(disk);
  CHECK(disk_key(disk) != before);
}

TEST_CASE("The identity is final if udev has processed the disk or does not run") {
  DiskIdentitySources sources;
  CHECK(is_final(sources));
  sources.has_udev_database = true;
  sources.udev = {{"DEVNAME", "/dev/sda"}};  // from the kernel, before the udev rules ran
  CHECK_FALSE(is_final(sources));
  sources.udev["USEC_INITIALIZED"] = "1734567";
  CHECK(is_final(sources));
}
