#include "host/filesystem_machine.h"
#include "support/catch.h"
#include "support/problem_texts.h"

using namespace rig;

TEST_CASE("A device that is mounted several times is reported once, at the preferred mountpoint") {
  const auto usage = usage_of(8, 1);
  const auto everywhere = [usage](const std::filesystem::path&) { return ReadResult(usage); };
  const auto chosen = [&](std::string_view mountinfo) {
    return size_series(FilesystemMachine(mountinfo).collect(everywhere));
  };
  CHECK(chosen("1 2 8:1 /sub /a rw - ext4 /dev/sda1 rw\n"
               "1 2 8:1 / /mnt/data rw - ext4 /dev/sda1 rw\n"
               "1 2 8:1 / /srv/long/bind rw - ext4 /dev/sda1 rw\n") ==
        std::vector{filesystem_series("size_bytes", "/dev/sda1", "/mnt/data")});
  CHECK(chosen("1 2 8:1 / /b rw - ext4 /dev/sda1 rw\n"
               "1 2 8:1 / /a rw - ext4 /dev/sda1 rw\n") ==
        std::vector{filesystem_series("size_bytes", "/dev/sda1", "/b")});
  CHECK(chosen("1 2 8:1 / /sysroot rw - ext4 /dev/sda1 rw\n"
               "1 2 8:1 /ostree/deploy/1 / rw - ext4 /dev/sda1 rw\n") ==
        std::vector{filesystem_series("size_bytes", "/dev/sda1", "/")});
}

TEST_CASE("A hidden mount is reported at another mountpoint of the device") {
  const FilesystemMachine machine(
      "1 2 8:1 / /a rw - ext4 /dev/sda1 rw\n"
      "1 2 8:1 / /other rw - ext4 /dev/sda1 rw\n"
      "1 2 8:2 / /a rw - ext4 /dev/sda2 rw\n");
  const auto samples =
      machine.collect(stat_in({{"/a", usage_of(8, 2)}, {"/other", usage_of(8, 1)}}));
  CHECK(size_series(samples) == std::vector{filesystem_series("size_bytes", "/dev/sda1", "/other"),
                                            filesystem_series("size_bytes", "/dev/sda2", "/a")});
}

TEST_CASE("Single files that are mounted into a container are not reported") {
  const FilesystemMachine machine(
      "1 2 0:40 / / rw - overlay overlay rw\n"
      "1 2 8:1 /var/lib/docker/1/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n");
  CHECK(machine.collect(stat_in({})).families().empty());
}

TEST_CASE("In a container the mountpoints are those of the host") {
  const FilesystemMachine own(
      "1 2 8:1 / /rootfs ro - ext4 /dev/sda1 rw\n"
      "1 2 9:0 / /rootfs/mnt/raid0 ro - ext4 /dev/md0 rw\n"
      "1 2 8:1 /docker/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n",
      "/rootfs/");
  const FilesystemMachine hosts(
      "1 2 8:1 / / rw - ext4 /dev/sda1 rw\n"
      "1 2 9:0 / /mnt/raid0 rw - ext4 /dev/md0 rw\n"
      "1 2 9:1 / /rootfs2 rw - ext4 /dev/md1 rw\n",
      "/rootfs");
  const auto stat = stat_in({{"/rootfs", usage_of(8, 1)},
                             {"/rootfs/", usage_of(8, 1)},
                             {"/rootfs/mnt/raid0", usage_of(9, 0)},
                             {"/rootfs/rootfs2", usage_of(9, 1)}});
  CHECK(size_series(own.collect(stat)) ==
        std::vector{filesystem_series("size_bytes", "/dev/md0", "/mnt/raid0"),
                    filesystem_series("size_bytes", "/dev/sda1", "/")});
  CHECK(size_series(hosts.collect(stat)) ==
        std::vector{filesystem_series("size_bytes", "/dev/md0", "/mnt/raid0"),
                    filesystem_series("size_bytes", "/dev/md1", "/rootfs2"),
                    filesystem_series("size_bytes", "/dev/sda1", "/")});
}

TEST_CASE("A btrfs subvolume is matched by filesystem type") {
  const FilesystemMachine machine(
      "1 2 0:30 /@home /home rw - btrfs /dev/sda2 rw,subvol=/@home\n"
      "1 2 0:30 /@ / rw - btrfs /dev/sda2 rw,subvol=/@\n");
  FilesystemUsage usage = usage_of(0, 31);
  CHECK(size_series(machine.collect(stat_in({{"/", usage}}))).empty());
  usage.is_btrfs = true;
  CHECK(size_series(machine.collect(stat_in({{"/", usage}, {"/home", usage}}))) ==
        std::vector{filesystem_series("size_bytes", "/dev/sda2", "/", "btrfs")});
}

TEST_CASE("Without access to the first process its own mountinfo is read") {
  const TemporaryDirectory files;
  files.write("proc/self/mountinfo", "1 2 8:1 / /a rw - ext4 /dev/sda1 rw\nmangled\n");
  RootPaths roots = roots_in(files);
  roots.root = "/";
  const auto samples =
      collect(*make_filesystem_collector(roots, stat_in({{"/a", usage_of(8, 1)}})));
  CHECK(size_series(samples).size() == 1);
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(texts(samples.problems())[0],
             ContainsSubstring("self/mountinfo: malformed: \"mangled\""));
}
