#include "host/mountinfo.h"

#include "support/catch.h"

using namespace rig;

namespace {

Mount only_mount(std::string_view line) {
  const auto mountinfo = parse_mountinfo(std::string(line) + "\n");
  CHECK(mountinfo.malformed.empty());
  REQUIRE(mountinfo.mounts.size() == 1);
  return mountinfo.mounts[0];
}

}  // namespace

TEST_CASE("All fields of a mount are parsed") {
  const auto mount = only_mount(
      "36 35 98:3 /part /mnt/raid0 rw,noatime master:1 - ext4 /dev/md0 rw,errors=remount-ro");
  CHECK(mount.device_major == 98);
  CHECK(mount.device_minor == 3);
  CHECK(mount.root == "/part");
  CHECK(mount.mountpoint == "/mnt/raid0");
  CHECK(mount.mount_options == "rw,noatime");
  CHECK(mount.fstype == "ext4");
  CHECK(mount.source == "/dev/md0");
  CHECK(mount.super_options == "rw,errors=remount-ro");
}

TEST_CASE("There may be any number of optional fields") {
  CHECK(only_mount("1 2 8:1 / /a rw - ext4 /dev/sda1 rw").source == "/dev/sda1");
  CHECK(only_mount("1 2 8:1 / /a rw shared:1 master:2 propagate_from:3 unbindable - xfs /dev/b rw")
            .fstype == "xfs");
}

TEST_CASE("Escape sequences in a mountpoint are decoded") {
  const auto mount =
      only_mount(R"(1 2 8:1 / /mnt/my\040big\011disk\134\0400 rw - ext4 /dev/sda1 rw)");
  CHECK(mount.mountpoint == "/mnt/my big\tdisk\\ 0");
}

TEST_CASE("Invalid escape sequences are kept unchanged") {
  CHECK(only_mount(R"(1 2 8:1 / /a\9b\04 rw - ext4 /dev/sda1 rw)").mountpoint == R"(/a\9b\04)");
  CHECK(only_mount(R"(1 2 8:1 / /a\777 rw - ext4 /dev/sda1 rw)").mountpoint == R"(/a\777)");
}

TEST_CASE("A mountpoint may contain the separator") {
  CHECK(only_mount("1 2 8:1 / /-/a- rw - ext4 /dev/sda1 rw").mountpoint == "/-/a-");
}

TEST_CASE(
    "A superblock is read-only if its own options contain ro, whatever the mount options are") {
  CHECK(only_mount("1 2 9:0 / /r rw - ext4 /dev/md0 ro,errors=remount-ro").superblock_readonly());
  CHECK(only_mount("1 2 9:0 / /r rw - ext4 /dev/md0 stripe=256,ro").superblock_readonly());
  CHECK_FALSE(
      only_mount("1 2 9:0 / /r ro - ext4 /dev/md0 rw,errors=remount-ro").superblock_readonly());
  CHECK_FALSE(only_mount("1 2 9:0 / /r ro - ext4 /dev/md0 rw,root,pro").superblock_readonly());
}

TEST_CASE("emergency_ro and shutdown make a superblock read-only") {
  CHECK(only_mount("1 2 9:0 / /r rw - ext4 /dev/md0 rw,errors=remount-ro,emergency_ro")
            .superblock_readonly());
  CHECK(only_mount("1 2 9:0 / /r rw - ext4 /dev/md0 rw,errors=remount-ro,shutdown")
            .superblock_readonly());
}

TEST_CASE("Source and superblock options may be missing") {
  CHECK(only_mount("1 2 0:5 / /a rw - tmpfs  rw").fstype == "tmpfs");
  CHECK(only_mount("1 2 8:1 / /a rw - ext4 /dev/sda1").super_options.empty());
}

TEST_CASE("A malformed line affects its own mount only") {
  const auto mountinfo = parse_mountinfo(
      "1 2 8:1 / /a rw - ext4 /dev/sda1 rw\n"
      "1 2 8:2 / /b rw ext4 /dev/sda2 rw\n"
      "1 2 8 / /c rw - ext4 /dev/sda3 rw\n"
      "\n"
      "1 2 8:4 / /d rw - ext4 /dev/sda4 rw\n");
  REQUIRE(mountinfo.mounts.size() == 2);
  CHECK(mountinfo.mounts[1].mountpoint == "/d");
  CHECK(mountinfo.malformed.size() == 3);
}
