#include "host/filesystem_collector.h"

#include "host/filesystem_machine.h"
#include "rig/kernel/files.h"
#include "rig/scrape/collectors.h"
#include "support/catch.h"
#include "support/problem_texts.h"

using namespace rig;

TEST_CASE("The filesystem collector reports every series of a filesystem") {
  const FilesystemMachine machine("1 2 9:0 / /mnt/raid0 rw - ext4 /dev/md0 rw\n");
  const auto samples = machine.collect(stat_in({{"/mnt/raid0", usage_of(9, 0, 4)}}));
  CHECK(samples.problems().empty());
  CHECK(series(samples) == std::map<std::string, double>{
                               {filesystem_series("size_bytes", "/dev/md0", "/mnt/raid0"), 4},
                               {filesystem_series("free_bytes", "/dev/md0", "/mnt/raid0"), 3},
                               {filesystem_series("available_bytes", "/dev/md0", "/mnt/raid0"), 2},
                               {filesystem_series("files", "/dev/md0", "/mnt/raid0"), 20},
                               {filesystem_series("files_free", "/dev/md0", "/mnt/raid0"), 10},
                               {filesystem_series("readonly", "/dev/md0", "/mnt/raid0"), 0}});
}

TEST_CASE("Only filesystems on block devices are reported, except read-only images") {
  const FilesystemMachine machine(
      "1 2 0:21 / /proc rw - proc proc rw\n"
      "1 2 0:5 / /dev rw - devtmpfs udev rw\n"
      "1 2 0:40 / /merged rw - overlay overlay rw\n"
      "1 2 0:50 / /run/user/1000/doc rw - fuse.portal /dev/fuse rw\n"
      "1 2 7:1 / /snap/core20/1 ro - squashfs /dev/loop1 ro\n"
      "1 2 11:0 / /media/cdrom ro - iso9660 /dev/sr0 ro\n"
      "1 2 7:2 / /mnt/image rw - ext4 /dev/loop2 rw\n"
      "1 2 8:1 / /mnt/ntfs rw - fuseblk /dev/sda1 rw\n");
  const auto samples = machine.collect([](const std::filesystem::path& directory) {
    const bool is_loop = directory == "/mnt/image";
    return ReadResult(is_loop ? usage_of(7, 2) : usage_of(8, 1));
  });
  CHECK(size_series(samples) ==
        std::vector<std::string>{
            filesystem_series("size_bytes", "/dev/loop2", "/mnt/image"),
            filesystem_series("size_bytes", "/dev/sda1", "/mnt/ntfs", "fuseblk")});
}

TEST_CASE("Sizes are omitted if another filesystem is mounted at the path") {
  const FilesystemMachine machine(
      "1 2 9:0 / /mnt/raid0 rw - ext4 /dev/md0 ro,errors=remount-ro\n"
      "1 2 8:1 / /boot rw - ext4 /dev/sda1 rw\n");
  const auto samples =
      machine.collect(stat_in({{"/mnt/raid0", usage_of(254, 0, 4)}, {"/boot", usage_of(8, 1, 4)}}));
  CHECK(samples.problems().empty());
  CHECK(size_series(samples) == std::vector{filesystem_series("size_bytes", "/dev/sda1", "/boot")});
  CHECK(series(samples).at(filesystem_series("readonly", "/dev/md0", "/mnt/raid0")) == 1);
  CHECK(series(samples).at(filesystem_series("readonly", "/dev/sda1", "/boot")) == 0);
}

TEST_CASE("Inodes are absent if the filesystem does not count them") {
  const FilesystemMachine machine("1 2 8:1 / /boot/efi rw - vfat /dev/sda1 rw\n");
  FilesystemUsage usage = usage_of(8, 1);
  usage.files.reset();
  usage.files_free.reset();
  const auto found = series(machine.collect(stat_in({{"/boot/efi", usage}})));
  CHECK(found.contains(filesystem_series("size_bytes", "/dev/sda1", "/boot/efi", "vfat")));
  CHECK_FALSE(found.contains(filesystem_series("files", "/dev/sda1", "/boot/efi", "vfat")));
}

TEST_CASE("A failing statfs affects its own filesystem only") {
  const FilesystemMachine machine(
      "1 2 8:1 / /good rw - ext4 /dev/sda1 rw\n"
      "1 2 8:2 / /shutdown rw - xfs /dev/sda2 rw\n");
  const auto samples = machine.collect([](const std::filesystem::path& directory) {
    return directory == "/shutdown"
               ? ReadResult<FilesystemUsage>(Problem::from_errno(directory, EIO))
               : usage_of(8, 1);
  });
  CHECK(size_series(samples) == std::vector{filesystem_series("size_bytes", "/dev/sda1", "/good")});
  CHECK(texts(samples.problems()) == std::vector<std::string>{"/shutdown: Input/output error"});
}

TEST_CASE("Sizes of this machine are never reported for a copy of another machine's /proc") {
  const auto here = stat_filesystem("/");
  REQUIRE(here);
  const FilesystemMachine machine("1 2 " + std::to_string(here->device_major) + ":" +
                                  std::to_string(here->device_minor) +
                                  " / / rw - ext4 /dev/sda1 rw\n");
  CHECK(size_series(collect(filesystem_collector(), machine.files())).empty());
  CHECK(is_procfs("/proc"));
  CHECK_FALSE(is_procfs(machine.files().path() / "proc"));
}

TEST_CASE("Free space that is larger than the filesystem is absent") {
  const FilesystemMachine machine("1 2 8:1 / /a rw - ext4 /dev/sda1 rw\n");
  FilesystemUsage usage = usage_of(8, 1, 4);
  usage.available_bytes = 5;
  usage.files_free = 21;
  const auto samples = machine.collect(stat_in({{"/a", usage}}));
  const auto found = series(samples);
  CHECK(found.at(filesystem_series("free_bytes", "/dev/sda1", "/a")) == 3);
  CHECK_FALSE(found.contains(filesystem_series("available_bytes", "/dev/sda1", "/a")));
  CHECK_FALSE(found.contains(filesystem_series("files_free", "/dev/sda1", "/a")));
  CHECK(texts(samples.problems()) ==
        std::vector<std::string>{
            "/a: implausible: available space is larger than the size",
            "/a: implausible: number of free inodes is larger than the number of inodes"});
}
