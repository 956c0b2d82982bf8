#include "host/mountinfo.h"

#include "support/catch.h"

using namespace rig;

namespace {

Mount only_mount(std::string_view line) {
  const auto mount = parse_mount_line(line);
  REQUIRE(mount);
  return mount->decoded();
}

}  // namespace

TEST_CASE("All fields of a mount are parsed") {
  const auto mount = only_mount(
      "36 35 98:3 /part /mnt/raid0 rw,noatime master:1 - ext4 /dev/md0 rw,errors=remount-ro");
  CHECK(mount.device_major == 98);
  CHECK(mount.device_minor == 3);
  CHECK(mount.root == "/part");
  CHECK(mount.mountpoint == "/mnt/raid0");
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

TEST_CASE("A line without a separator or a device number is malformed") {
  for (const char* line : {"1 2 8:2 / /b rw ext4 /dev/sda2 rw", "1 2 8 / /c rw - ext4 /dev/sda3 rw",
                           "", "1 2 8:2 / /b - ext4 /dev/sda2"})
    CHECK_FALSE(parse_mount_line(line));
}

TEST_CASE("Subvolumes and what ostree deploys are whole trees, files of a container are not") {
  for (const char* line :
       {"1 2 8:1 / /a rw - ext4 /dev/sda1 rw", "1 2 8:1 /lxc/101/rootfs / rw - ext4 /dev/sda1 rw",
        "1 2 0:40 /@ /mnt/suse ro - btrfs /dev/sdb2 ro,subvolid=256,subvol=/@",
        R"(1 2 0:40 /@my\040home /home rw - btrfs /dev/sdb2 rw,subvol=/@my\040home)",
        "1 2 253:2 /ostree/deploy/fedora/var /var rw - xfs /dev/mapper/root ro,seclabel",
        "1 2 253:2 /ostree/deploy/fedora/deploy/4f2a.0/usr /usr ro - xfs /dev/mapper/root rw"})
    CHECK(only_mount(line).is_whole_tree());
  for (const char* line :
       {"1 2 8:1 /var/lib/docker/containers/1/hosts /etc/hosts rw - ext4 /dev/sda1 rw",
        "1 2 0:40 /@/var/lib/docker/1/hosts /etc/hosts rw - btrfs /dev/sdb2 rw,subvol=/@",
        "1 2 0:26 /var/lib/docker/1/hosts /etc/hosts rw - zfs rpool/ROOT/pve-1 rw",
        "1 2 253:2 /ostree/deploy/fedora/var/lib/docker/1/hosts /etc/hosts rw - xfs /dev/dm-0 rw",
        "1 2 253:2 /ostree/deploy/fedora/deploy/4f2a.0/etc/hosts /etc/hosts rw - xfs /dev/dm-0 rw"})
    CHECK_FALSE(only_mount(line).is_whole_tree());
}
