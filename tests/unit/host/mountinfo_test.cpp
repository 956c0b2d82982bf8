#include "host/mountinfo.h"

#include "support/catch.h"

using namespace rig;

namespace {

Mount only_mount(std::string_view line) {
  const auto mountinfo = parse_mountinfo(line);
  CHECK(mountinfo.senseless.empty());
  REQUIRE(mountinfo.mounts.size() == 1);
  return mountinfo.mounts[0];
}

}  // namespace

TEST_CASE("A mount has a device, a root, a place and the options of both") {
  const auto mount = only_mount(
      "36 35 98:3 /part /mnt/raid0 rw,noatime master:1 - ext4 /dev/md0 rw,errors=remount-ro\n");
  CHECK(mount.device_major == 98);
  CHECK(mount.device_minor == 3);
  CHECK(mount.root == "/part");
  CHECK(mount.mountpoint == "/mnt/raid0");
  CHECK(mount.mount_options == "rw,noatime");
  CHECK(mount.fstype == "ext4");
  CHECK(mount.source == "/dev/md0");
  CHECK(mount.super_options == "rw,errors=remount-ro");
}

TEST_CASE("Optional fields may be none, one or many") {
  CHECK(only_mount("1 2 8:1 / /a rw - ext4 /dev/sda1 rw").source == "/dev/sda1");
  CHECK(only_mount("1 2 8:1 / /a rw shared:1 master:2 propagate_from:3 unbindable - xfs /dev/b rw")
            .fstype == "xfs");
}

TEST_CASE("A mountpoint with blanks, a tab and a backslash") {
  const auto mount =
      only_mount(R"(1 2 8:1 / /mnt/my\040big\011disk\134\0400 rw - ext4 /dev/sda1 rw)");
  CHECK(mount.mountpoint == "/mnt/my big\tdisk\\ 0");
}

TEST_CASE("What looks like an escape and is none stays as it is") {
  CHECK(only_mount(R"(1 2 8:1 / /a\9b\04 rw - ext4 /dev/sda1 rw)").mountpoint == R"(/a\9b\04)");
  CHECK(only_mount(R"(1 2 8:1 / /a\777 rw - ext4 /dev/sda1 rw)").mountpoint == R"(/a\777)");
}

TEST_CASE("A mountpoint may be named like the separator or end in it") {
  CHECK(only_mount("1 2 8:1 / /-/a- rw - ext4 /dev/sda1 rw").mountpoint == "/-/a-");
}

TEST_CASE("A filesystem that gave up is read-only in its own options, not in the mount's") {
  CHECK(only_mount("1 2 9:0 / /r rw - ext4 /dev/md0 ro,errors=remount-ro").superblock_readonly());
  CHECK(only_mount("1 2 9:0 / /r rw - ext4 /dev/md0 stripe=256,ro").superblock_readonly());
  CHECK_FALSE(
      only_mount("1 2 9:0 / /r ro - ext4 /dev/md0 rw,errors=remount-ro").superblock_readonly());
  CHECK_FALSE(only_mount("1 2 9:0 / /r ro - ext4 /dev/md0 rw,root,pro").superblock_readonly());
}

TEST_CASE("Newer ext4 gives up without the word ro") {
  CHECK(only_mount("1 2 9:0 / /r rw - ext4 /dev/md0 rw,errors=remount-ro,emergency_ro")
            .superblock_readonly());
  CHECK(only_mount("1 2 9:0 / /r rw - ext4 /dev/md0 rw,errors=remount-ro,shutdown")
            .superblock_readonly());
}

TEST_CASE("A mount without a source or without options of its filesystem is still one") {
  CHECK(only_mount("1 2 0:5 / /a rw - tmpfs  rw").fstype == "tmpfs");
  CHECK(only_mount("1 2 8:1 / /a rw - ext4 /dev/sda1").super_options.empty());
}

TEST_CASE("A mangled line costs its own mount only") {
  const auto mountinfo = parse_mountinfo(
      "1 2 8:1 / /a rw - ext4 /dev/sda1 rw\n"
      "1 2 8:2 / /b rw ext4 /dev/sda2 rw\n"
      "1 2 8 / /c rw - ext4 /dev/sda3 rw\n"
      "\n"
      "1 2 8:4 / /d rw - ext4 /dev/sda4 rw\n");
  REQUIRE(mountinfo.mounts.size() == 2);
  CHECK(mountinfo.mounts[1].mountpoint == "/d");
  CHECK(mountinfo.senseless.size() == 3);
}
