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

TEST_CASE("A container without the host's root reports what is missing") {
  const auto problems = [](std::string_view mountinfo, const char* root) {
    return texts(FilesystemMachine(mountinfo, root).collect(stat_in({})).problems());
  };
  const std::string advice =
      ": no filesystem of a disk is accessible: a container needs --volume /:/rootfs:ro,rslave and "
      "--path.rootfs=/rootfs";
  const std::string own =
      "1 2 0:40 / / rw - overlay overlay rw\n"
      "1 2 8:1 /var/lib/docker/1/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n";
  CHECK(FilesystemMachine(own).collect(stat_in({})).families().empty());
  CHECK(problems(own, "/") == std::vector{"/" + advice});
  CHECK(problems(own, "/rootfs") == std::vector{"/rootfs" + advice});
  CHECK(problems("1 2 0:25 /containers/1/hosts /etc/hosts rw - tmpfs tmpfs rw\n", "/").size() == 1);
  const std::string hosts = "1 2 8:1 / / rw - ext4 /dev/sda1 rw\n";
  CHECK(problems(hosts, "/") == std::vector{"/" + advice});
  CHECK(problems(hosts, "/rootfs") == std::vector{"/rootfs" + advice});

  const std::string without_disks = own + "1 2 0:30 / /rootfs ro - tmpfs tmpfs rw\n";
  CHECK(problems(without_disks, "/rootfs").empty());
  CHECK(problems("1 2 0:30 / / rw - overlay overlay rw\n", "/").empty());
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
      collect(*make_filesystem_collector(roots, stat_in({{"/a", usage_of(8, 1)}}), 256));
  CHECK(size_series(samples).size() == 1);
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(texts(samples.problems())[0],
             ContainsSubstring("self/mountinfo: malformed: \"mangled\""));
}

TEST_CASE("Filesystems that span disks are shown, each dataset of a pool with its own sizes") {
  const FilesystemMachine machine(
      "1 2 0:26 / / rw - zfs rpool/ROOT/pve-1 rw,xattr\n"
      "1 2 0:48 / /tank ro - zfs tank ro,xattr\n"
      "1 2 0:49 / /tank/.zfs/snapshot/daily ro - zfs tank@daily ro,xattr\n"
      "1 2 0:55 / /mnt/bc rw - bcachefs /dev/sdb1:/dev/sdb3 rw,errors=ro\n"
      "1 2 0:60 / /mnt/nfs rw - nfs4 server:/srv rw\n"
      "1 2 0:61 / /mnt/cifs rw - cifs //server/share rw\n"
      "1 2 0:62 / /mnt/sshfs rw - fuse.sshfs user@host: rw\n"
      "1 2 0:63 / /mnt/virt rw - virtiofs share rw\n"
      "1 2 0:64 / /tmp rw - tmpfs tmpfs rw\n");
  const auto samples = machine.collect(stat_in(
      {{"/", usage_of(0, 26, 10)}, {"/tank", usage_of(0, 48, 20)}, {"/mnt/bc", usage_of(0, 55)}}));
  CHECK(samples.problems().empty());
  CHECK(size_series(samples) ==
        std::vector{filesystem_series("size_bytes", "/dev/sdb1:/dev/sdb3", "/mnt/bc", "bcachefs"),
                    filesystem_series("size_bytes", "rpool/ROOT/pve-1", "/", "zfs"),
                    filesystem_series("size_bytes", "tank", "/tank", "zfs")});
  CHECK(series(samples).at(filesystem_series("readonly", "tank", "/tank", "zfs")) == 1);
  CHECK(series(samples).at(filesystem_series("size_bytes", "tank", "/tank", "zfs")) == 20);
}

TEST_CASE("The read-only state of a subvolume is known without access to it") {
  const FilesystemMachine machine(
      "1 2 0:40 /@/var/lib/docker/1/hosts /h rw - btrfs /dev/sdb2 ro,subvolid=256,subvol=/@\n"
      "1 2 0:40 /@ /mnt/suse ro - btrfs /dev/sdb2 ro,subvolid=256,subvol=/@\n"
      "1 2 253:2 /ostree/deploy/fedora/var /var rw - xfs /dev/mapper/root ro,seclabel\n");
  CHECK(series(machine.collect(stat_in({}))) ==
        std::map<std::string, double>{
            {filesystem_series("readonly", "/dev/sdb2", "/mnt/suse", "btrfs"), 1},
            {filesystem_series("readonly", "/dev/mapper/root", "/var", "xfs"), 1}});
}

TEST_CASE("The number of filesystems is limited, and a problem tells how many are left out") {
  std::string mountinfo = "1 2 8:1 / / rw - ext4 /dev/sda1 rw\n";
  for (int i = 0; i < 1000; ++i) {
    const std::string number = std::to_string(i);
    mountinfo += "1 2 8:1 /pods/" + number + " /srv/" + number + " rw - ext4 /dev/sda1 rw\n";
    mountinfo += "1 2 0:" + number + " / /tank/" + number + " rw - zfs tank/" + number + " rw\n";
    mountinfo += "1 2 0:" + number + " / /again/" + number + " rw - zfs tank/" + number + " rw\n";
  }
  const FilesystemMachine machine(mountinfo);
  const auto collector = machine.collector(stat_in({{"/", usage_of(8, 1)}}), 10);
  const auto samples = collect(*collector);
  const auto found = series(samples);
  CHECK(found.contains(filesystem_series("size_bytes", "/dev/sda1", "/")));
  CHECK(found.contains(filesystem_series("readonly", "tank/8", "/tank/8", "zfs")));
  CHECK_FALSE(found.contains(filesystem_series("readonly", "tank/9", "/tank/9", "zfs")));
  CHECK(found.at("rig_filesystems_omitted") == 991);
  CHECK(samples.problems().empty());
}

TEST_CASE("A mountinfo that was truncated or cannot be read is a problem") {
  const FilesystemMachine machine(
      "1 2 8:1 / /a rw - ext4 /dev/sda1 rw\n1 2 8:2 / /b rw - ext4 /dev/sda2 r");
  const auto samples = machine.collect(stat_in({{"/a", usage_of(8, 1)}}));
  CHECK(size_series(samples).size() == 1);
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(texts(samples.problems())[0], ContainsSubstring("the last line has no newline"));

  const auto file = machine.files().path() / "proc/1/mountinfo";
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);  // EISDIR
  CHECK(machine.collect(stat_in({})).problems().size() == 1);
}
