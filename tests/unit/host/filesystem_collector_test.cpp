#include "host/filesystem_collector.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <iterator>

#include "rig/config/config.h"
#include "rig/kernel/files.h"
#include "rig/scrape/collectors.h"
#include "support/catch.h"
#include "support/series.h"
#include "support/temporary_directory.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

auto in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

// What stands at a folder of the made-up machine; nothing at all others.
using Folders = std::map<std::string, FilesystemView>;

LookAtFilesystem look_in(Folders folders) {
  return [folders = std::move(folders)](const std::filesystem::path& folder) {
    const auto found = folders.find(folder.string());
    return found == folders.end() ? std::nullopt : std::optional(found->second);
  };
}

FilesystemView device(unsigned device_major, unsigned device_minor, double size_bytes) {
  return {.device_major = device_major,
          .device_minor = device_minor,
          .is_btrfs = false,
          .size_bytes = size_bytes,
          .free_bytes = 3,
          .available_bytes = 2,
          .files = 20,
          .files_free = 10};
}

class Machine {
 public:
  explicit Machine(std::string_view mountinfo, std::filesystem::path root = "/")
      : root_(std::move(root)) {
    folder_.write("proc/1/mountinfo", mountinfo);
  }

  std::unique_ptr<Collector> collector(LookAtFilesystem look) const {
    return make_filesystem_collector({folder_.path() / "proc", folder_.path() / "sys", root_},
                                     std::move(look));
  }

  Samples collect(LookAtFilesystem look) const {
    Samples samples;
    collector(std::move(look))->collect(samples, in(1h));
    return samples;
  }

  // An empty text is a file that is not there.
  void put_ext4(const std::string& number, const std::string& device, std::string_view errors,
                std::string_view warnings) const {
    const auto links = folder_.path() / "sys/dev/block";
    std::filesystem::create_directories(links);
    std::filesystem::create_directory_symlink("../../devices/" + device, links / number);
    const std::string ext4 = "sys/fs/ext4/" + device;
    if (!errors.empty()) folder_.write(ext4 + "/errors_count", errors);
    if (!warnings.empty()) folder_.write(ext4 + "/warning_count", warnings);
  }

  const TemporaryDirectory& folder() const { return folder_; }

 private:
  TemporaryDirectory folder_;
  std::filesystem::path root_;
};

std::string name(std::string_view metric, std::string_view source, std::string_view mountpoint,
                 std::string_view fstype = "ext4") {
  return "rig_filesystem_" + std::string(metric) + "{device=\"" + std::string(source) +
         "\",fstype=\"" + std::string(fstype) + "\",mountpoint=\"" + std::string(mountpoint) +
         "\"}";
}

// The series of rig_filesystem_size_bytes.
std::vector<std::string> sizes(const Samples& samples) {
  std::vector<std::string> names;
  for (const auto& [series_name, value] : series(samples)) {
    if (series_name.starts_with("rig_filesystem_size_bytes")) names.push_back(series_name);
  }
  return names;
}

// The series of ext4's own counts.
std::map<std::string, double> counts(const Samples& samples) {
  auto found = series(samples);
  std::erase_if(found, [](const auto& sample) {
    return !sample.first.starts_with("rig_filesystem_errors") &&
           !sample.first.starts_with("rig_filesystem_warnings");
  });
  return found;
}

auto count_threads() {
  const std::filesystem::directory_iterator threads("/proc/self/task");
  return std::distance(begin(threads), end(threads));
}

}  // namespace

TEST_CASE("The whole answer of one filesystem") {
  const Machine machine("1 2 9:0 / /mnt/raid0 rw - ext4 /dev/md0 rw\n");
  const auto samples = machine.collect(look_in({{"/mnt/raid0", device(9, 0, 4)}}));
  CHECK(samples.problems().empty());
  CHECK(series(samples) ==
        std::map<std::string, double>{{name("size_bytes", "/dev/md0", "/mnt/raid0"), 4},
                                      {name("free_bytes", "/dev/md0", "/mnt/raid0"), 3},
                                      {name("available_bytes", "/dev/md0", "/mnt/raid0"), 2},
                                      {name("files", "/dev/md0", "/mnt/raid0"), 20},
                                      {name("files_free", "/dev/md0", "/mnt/raid0"), 10},
                                      {name("readonly", "/dev/md0", "/mnt/raid0"), 0}});
}

TEST_CASE("Only what a block device holds counts, and images that are always full do not") {
  const Machine machine(
      "1 2 0:21 / /proc rw - proc proc rw\n"
      "1 2 0:5 / /dev rw - devtmpfs udev rw\n"
      "1 2 0:40 / /merged rw - overlay overlay rw\n"
      "1 2 0:50 / /run/user/1000/doc rw - fuse.portal /dev/fuse rw\n"
      "1 2 7:1 / /snap/core20/1 ro - squashfs /dev/loop1 ro\n"
      "1 2 11:0 / /media/cdrom ro - iso9660 /dev/sr0 ro\n"
      "1 2 7:2 / /mnt/image rw - ext4 /dev/loop2 rw\n"
      "1 2 8:1 / /mnt/ntfs rw - fuseblk /dev/sda1 rw\n");
  const auto samples = machine.collect([](const std::filesystem::path& folder) {
    const bool is_loop = folder == "/mnt/image";
    return std::optional(is_loop ? device(7, 2, 1) : device(8, 1, 1));
  });
  CHECK(sizes(samples) ==
        std::vector<std::string>{name("size_bytes", "/dev/loop2", "/mnt/image"),
                                 name("size_bytes", "/dev/sda1", "/mnt/ntfs", "fuseblk")});
}

TEST_CASE("A device that is mounted several times counts once, where people know it") {
  const auto view = device(8, 1, 1);
  const auto everywhere = [view](const std::filesystem::path&) { return std::optional(view); };
  const auto chosen = [&](std::string_view mountinfo) {
    return sizes(Machine(mountinfo).collect(everywhere));
  };
  CHECK(chosen("1 2 8:1 /sub /a rw - ext4 /dev/sda1 rw\n"
               "1 2 8:1 / /mnt/data rw - ext4 /dev/sda1 rw\n"
               "1 2 8:1 / /srv/long/bind rw - ext4 /dev/sda1 rw\n") ==
        std::vector{name("size_bytes", "/dev/sda1", "/mnt/data")});
  CHECK(chosen("1 2 8:1 / /b rw - ext4 /dev/sda1 rw\n"
               "1 2 8:1 / /a rw - ext4 /dev/sda1 rw\n") ==
        std::vector{name("size_bytes", "/dev/sda1", "/b")});
  CHECK(chosen("1 2 8:1 / /sysroot rw - ext4 /dev/sda1 rw\n"
               "1 2 8:1 /ostree/deploy/1 / rw - ext4 /dev/sda1 rw\n") ==
        std::vector{name("size_bytes", "/dev/sda1", "/")});
}

TEST_CASE("A mount that is covered by another is looked for at its other places") {
  const Machine machine(
      "1 2 8:1 / /a rw - ext4 /dev/sda1 rw\n"
      "1 2 8:1 / /other rw - ext4 /dev/sda1 rw\n"
      "1 2 8:2 / /a rw - ext4 /dev/sda2 rw\n");
  const auto samples =
      machine.collect(look_in({{"/a", device(8, 2, 1)}, {"/other", device(8, 1, 1)}}));
  CHECK(sizes(samples) == std::vector{name("size_bytes", "/dev/sda1", "/other"),
                                      name("size_bytes", "/dev/sda2", "/a")});
}

TEST_CASE("Where something else is mounted there is no size, and what mountinfo says stands") {
  const Machine machine(
      "1 2 9:0 / /mnt/raid0 rw - ext4 /dev/md0 ro,errors=remount-ro\n"
      "1 2 8:1 / /boot rw - ext4 /dev/sda1 rw\n");
  const auto samples = machine.collect(look_in({{"/mnt/raid0", device(254, 0, 4)}}));
  CHECK(samples.problems().empty());
  CHECK(series(samples) ==
        std::map<std::string, double>{{name("readonly", "/dev/md0", "/mnt/raid0"), 1},
                                      {name("readonly", "/dev/sda1", "/boot"), 0}});
}

TEST_CASE("The files that a container is handed are no filesystem of the host") {
  const Machine machine(
      "1 2 0:40 / / rw - overlay overlay rw\n"
      "1 2 8:1 /var/lib/docker/1/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n");
  CHECK(machine.collect(look_in({})).families().empty());
}

TEST_CASE("In a container the host's root is where it was mounted, and its names are the host's") {
  const Machine own(
      "1 2 8:1 / /rootfs ro - ext4 /dev/sda1 rw\n"
      "1 2 9:0 / /rootfs/mnt/raid0 ro - ext4 /dev/md0 rw\n"
      "1 2 8:1 /docker/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n",
      "/rootfs/");
  const Machine hosts(
      "1 2 8:1 / / rw - ext4 /dev/sda1 rw\n"
      "1 2 9:0 / /mnt/raid0 rw - ext4 /dev/md0 rw\n"
      "1 2 9:1 / /rootfs2 rw - ext4 /dev/md1 rw\n",
      "/rootfs");
  const auto look = look_in({{"/rootfs", device(8, 1, 1)},
                             {"/rootfs/", device(8, 1, 1)},
                             {"/rootfs/mnt/raid0", device(9, 0, 1)},
                             {"/rootfs/rootfs2", device(9, 1, 1)}});
  CHECK(sizes(own.collect(look)) == std::vector{name("size_bytes", "/dev/md0", "/mnt/raid0"),
                                                name("size_bytes", "/dev/sda1", "/")});
  CHECK(sizes(hosts.collect(look)) == std::vector{name("size_bytes", "/dev/md0", "/mnt/raid0"),
                                                  name("size_bytes", "/dev/md1", "/rootfs2"),
                                                  name("size_bytes", "/dev/sda1", "/")});
}

TEST_CASE("A btrfs subvolume, whose device number is its own, is known by its kind") {
  const Machine machine(
      "1 2 0:30 /@home /home rw - btrfs /dev/sda2 rw,subvol=/@home\n"
      "1 2 0:30 /@ / rw - btrfs /dev/sda2 rw,subvol=/@\n");
  FilesystemView view = device(0, 31, 1);
  CHECK(sizes(machine.collect(look_in({{"/", view}}))).empty());
  view.is_btrfs = true;
  CHECK(sizes(machine.collect(look_in({{"/", view}, {"/home", view}}))) ==
        std::vector{name("size_bytes", "/dev/sda2", "/", "btrfs")});
}

TEST_CASE("A filesystem that does not count inodes has no 0 of them") {
  const Machine machine("1 2 8:1 / /boot/efi rw - vfat /dev/sda1 rw\n");
  FilesystemView view = device(8, 1, 1);
  view.files.reset();
  view.files_free.reset();
  const auto found = series(machine.collect(look_in({{"/boot/efi", view}})));
  CHECK(found.contains(name("size_bytes", "/dev/sda1", "/boot/efi", "vfat")));
  CHECK_FALSE(found.contains(name("files", "/dev/sda1", "/boot/efi", "vfat")));
}

TEST_CASE("A filesystem that hangs costs itself, and no thread for each scrape") {
  const Machine machine(
      "1 2 8:1 / /good rw - ext4 /dev/sda1 rw\n"
      "1 2 8:2 / /hung rw - ext4 /dev/sda2 ro\n");
  std::promise<void> gate;
  std::atomic<bool> inside = false;
  const auto collector = machine.collector(
      [&inside, opened = gate.get_future().share()](const std::filesystem::path& folder) {
        if (folder == "/hung") {
          inside = true;
          opened.wait();
        }
        return std::optional(folder == "/hung" ? device(8, 2, 1) : device(8, 1, 1));
      });
  const auto scrape = [&](std::chrono::milliseconds time) {
    Samples samples;
    collector->collect(samples, in(time));
    return samples;
  };
  while (!inside) scrape(20ms);
  const auto threads = count_threads();
  for (int i = 0; i < 5; ++i) {
    const auto samples = scrape(1h);  // not waited for again
    CHECK(sizes(samples) == std::vector{name("size_bytes", "/dev/sda1", "/good")});
    CHECK(series(samples).at(name("readonly", "/dev/sda2", "/hung")) == 1);
    REQUIRE(samples.problems().size() == 1);
    CHECK_THAT(samples.problems()[0], ContainsSubstring("/hung"));
  }
  machine.folder().write("proc/1/mountinfo", "");
  CHECK(scrape(1h).problems().empty());
  machine.folder().write("proc/1/mountinfo", "1 2 8:2 / /hung rw - ext4 /dev/sda2 ro\n");
  CHECK(scrape(1h).problems().size() == 1);
  CHECK(count_threads() <= threads + 1);  // one that hangs, one for the rest

  gate.set_value();
  while (sizes(scrape(10s)).empty()) std::this_thread::sleep_for(1ms);
}

TEST_CASE("A filesystem that hangs keeps the name that it was shown by") {
  const Machine machine(
      "1 2 8:1 / /a rw - ext4 /dev/sda1 rw\n"
      "1 2 8:1 /part /other rw - ext4 /dev/sda1 rw\n"
      "1 2 8:2 / /a rw - ext4 /dev/sda2 rw\n");
  std::promise<void> gate;
  std::atomic<bool> hangs = false;
  std::atomic<bool> inside = false;
  const auto collector = machine.collector(
      [&, opened = gate.get_future().share()](const std::filesystem::path& folder) {
        if (hangs && folder == "/other") {
          inside = true;
          opened.wait();
        }
        return std::optional(folder == "/other" ? device(8, 1, 1) : device(8, 2, 1));
      });
  const auto shown = [&](std::chrono::milliseconds time) {
    Samples samples;
    collector->collect(samples, in(time));
    return series(samples).contains(name("readonly", "/dev/sda1", "/other"));
  };
  CHECK(shown(1h));
  hangs = true;
  while (!inside) CHECK(shown(20ms));
  CHECK(shown(1h));
  CHECK(shown(1h));
  gate.set_value();
}

TEST_CASE("As many filesystems as there are share one thread") {
  std::string mountinfo;
  Folders folders;
  for (unsigned minor = 1; minor <= 40; ++minor) {
    const std::string number = std::to_string(minor);
    mountinfo += "1 2 8:" + number + " / /" + number + " rw - ext4 /dev/sd" + number + " rw\n";
    folders["/" + number] = device(8, minor, 1);
  }
  const Machine machine(mountinfo);
  const auto collector = machine.collector(look_in(folders));
  const auto threads = count_threads();
  Samples samples;
  collector->collect(samples, in(1h));
  CHECK(sizes(samples).size() == 40);
  CHECK(count_threads() == threads + 1);
}

TEST_CASE("ext4's own counts have the kernel's name of the device, and the label the mount's") {
  const Machine machine(
      "1 2 259:2 / / rw - ext4 /dev/root rw\n"
      "1 2 253:0 / /home rw - ext3 /dev/mapper/rig-home rw\n"
      "1 2 253:0 / /srv rw - ext3 /dev/mapper/rig-home rw\n"
      "1 2 104:1 / /old rw - ext4 /dev/cciss/c0d0p1 rw\n"
      "1 2 8:1 / /xfs rw - xfs /dev/sda1 rw\n");
  machine.put_ext4("259:2", "nvme0n1p2", "3\n", "14\n");
  machine.put_ext4("253:0", "dm-0", "0\n", "0\n");
  machine.put_ext4("104:1", "cciss!c0d0p1", "5\n", "");
  const auto samples = machine.collect(look_in({}));
  CHECK(samples.problems().empty());
  CHECK(counts(samples) ==
        std::map<std::string, double>{
            {R"(rig_filesystem_errors_total{device="/dev/root"})", 3},
            {R"(rig_filesystem_warnings_total{device="/dev/root"})", 14},
            {R"(rig_filesystem_errors_total{device="/dev/mapper/rig-home"})", 0},
            {R"(rig_filesystem_warnings_total{device="/dev/mapper/rig-home"})", 0},
            {R"(rig_filesystem_errors_total{device="/dev/cciss/c0d0p1"})", 5}});
}

TEST_CASE("A filesystem that hangs still has the errors that ext4 counted") {
  const Machine machine("1 2 8:1 / /hung rw - ext4 /dev/sda1 rw\n");
  machine.put_ext4("8:1", "sda1", "7\n", "0\n");
  std::promise<void> gate;
  const auto samples = [&] {
    const auto collector =
        machine.collector([opened = gate.get_future().share()](const std::filesystem::path&) {
          opened.wait();
          return std::optional<FilesystemView>();
        });
    Samples found;
    collector->collect(found, in(50ms));
    return found;
  }();
  gate.set_value();
  CHECK(samples.problems() == std::vector<std::string>{"/hung: the filesystem did not answer"});
  CHECK(counts(samples).at(R"(rig_filesystem_errors_total{device="/dev/sda1"})") == 7);
}

TEST_CASE("A count that makes no sense, or does not come back, is a problem; the sizes stand") {
  const Machine machine("1 2 8:1 / /a rw - ext4 /dev/sda1 rw\n");
  machine.put_ext4("8:1", "sda1", "many\n", "2\n");
  const auto look = look_in({{"/a", device(8, 1, 1)}});
  const auto folder = (machine.folder().path() / "sys/fs/ext4").string();
  auto samples = machine.collect(look);
  CHECK(samples.problems() ==
        std::vector<std::string>{folder + "/sda1/errors_count: makes no sense: many"});
  CHECK(counts(samples) ==
        std::map<std::string, double>{{R"(rig_filesystem_warnings_total{device="/dev/sda1"})", 2}});

  const auto fifo = machine.folder().make_fifo("sys/fs/ext4/sda1/errors_count");
  samples = Samples();
  machine.collector(look)->collect(samples, in(50ms));
  release_fifo(fifo);
  CHECK(samples.problems() == std::vector<std::string>{folder + ": does not come back"});
  CHECK(sizes(samples).size() == 1);
}

TEST_CASE("A filesystem that answers with an error costs itself") {
  const Machine machine(
      "1 2 8:1 / /good rw - ext4 /dev/sda1 rw\n"
      "1 2 8:2 / /shutdown rw - xfs /dev/sda2 rw\n");
  const auto samples = machine.collect([](const std::filesystem::path& folder) {
    if (folder == "/shutdown") throw ReadError(folder, "Input/output error", EIO);
    return std::optional(device(8, 1, 1));
  });
  CHECK(sizes(samples) == std::vector{name("size_bytes", "/dev/sda1", "/good")});
  CHECK(samples.problems() == std::vector<std::string>{"/shutdown: Input/output error"});
}

TEST_CASE("Where the first process is hidden, its own mounts are looked at") {
  const TemporaryDirectory folder;
  folder.write("proc/self/mountinfo", "1 2 8:1 / /a rw - ext4 /dev/sda1 rw\nmangled\n");
  Samples samples;
  make_filesystem_collector({folder.path() / "proc", folder.path() / "sys", "/"},
                            look_in({{"/a", device(8, 1, 1)}}))
      ->collect(samples, in(1h));
  CHECK(sizes(samples).size() == 1);
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(samples.problems()[0], ContainsSubstring("self/mountinfo: makes no sense: mangled"));
}

TEST_CASE("The files of another machine are never filled with the sizes of this one") {
  const auto here = look_at_filesystem("/");
  REQUIRE(here);
  const Machine machine("1 2 " + std::to_string(here->device_major) + ":" +
                        std::to_string(here->device_minor) + " / / rw - ext4 /dev/sda1 rw\n");
  Samples samples;
  filesystem_collector()
      .make({machine.folder().path() / "proc", machine.folder().path() / "sys", "/"}, Config{})
      ->collect(samples, in(1h));
  CHECK(sizes(samples).empty());
  CHECK(is_procfs("/proc"));
  CHECK_FALSE(is_procfs(machine.folder().path() / "proc"));
}

TEST_CASE("A look at a real folder says what df says, and at nothing says nothing") {
  const TemporaryDirectory folder;
  const auto view = look_at_filesystem(folder.path());
  REQUIRE(view);
  const auto space = std::filesystem::space(folder.path());
  CHECK(view->size_bytes == static_cast<double>(space.capacity));
  CHECK(view->free_bytes >= view->available_bytes);
  CHECK_FALSE(look_at_filesystem(folder.path() / "gone"));
  CHECK_FALSE(look_at_filesystem(folder.write("file", "x")));
}
