#include <cerrno>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "disk/sysfs_devices.h"
#include "rig/scrape/collectors.h"
#include "support/catch.h"
#include "support/collect.h"
#include "support/failing_read.h"
#include "support/problem_texts.h"
#include "support/series.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

class Machine {
 public:
  explicit Machine(std::string_view diskstats) { root().write("proc/diskstats", diskstats); }

  Samples collect(std::chrono::milliseconds timeout = 1h) {
    if (!collector_) collector_ = make_collector(disk_collector(), root());
    return ::collect(*collector_, timeout);
  }
  const TemporaryDirectory& root() const { return sysfs.root(); }

  const SysfsDevices sysfs;

 private:
  std::unique_ptr<Collector> collector_;
};

std::string name(std::string_view metric, std::string_view device, std::string_view array = "") {
  return "rig_disk_" + std::string(metric) + "{array=\"" + std::string(array) + "\",device=\"" +
         std::string(device) + "\"}";
}

constexpr std::string_view kSda =
    "   8       0 sda 100 1 808 1500 200 2 1616 2500 3 3250 4000 0 0 0 0 0 0\n";

TEST_CASE("The disk collector reports every series of a disk, in bytes and seconds") {
  Machine machine(kSda);
  machine.sysfs.disk("sda");
  const auto samples = machine.collect();
  CHECK(samples.problems().empty());
  CHECK(series(samples) ==
        std::map<std::string, double>{{name("reads_total", "sda"), 100},
                                      {name("writes_total", "sda"), 200},
                                      {name("read_bytes_total", "sda"), 808 * 512},
                                      {name("written_bytes_total", "sda"), 1616 * 512},
                                      {name("read_seconds_total", "sda"), 1.5},
                                      {name("write_seconds_total", "sda"), 2.5},
                                      {name("io_seconds_total", "sda"), 3.25},
                                      {name("io_in_progress", "sda"), 3}});
}

TEST_CASE("The label array lists the arrays separated by commas") {
  Machine machine(kSda);
  machine.sysfs.disk("sda");
  machine.sysfs.array("md1", {"sda"});
  machine.sysfs.array("md0", {"sda"});
  CHECK(series(machine.collect()).contains(name("reads_total", "sda", "md0,md1")));
}

TEST_CASE("Times and requests in progress are absent for arrays on old kernels") {
  Machine machine(
      "   9       0 md0 141 0 2968 0 1 0 2048 0 0 0 0 0 0 0 0 0 0\n"
      "   9       1 md1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
      "   9       2 md2 1 0 8 0 1 0 8 0 1 4 0 0 0 0 0 0 0\n"
      "   8       0 sda 1 0 8 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
  for (const auto* array : {"md0", "md1", "md2"}) machine.sysfs.array(array, {});
  machine.sysfs.disk("sda");
  const auto found = series(machine.collect());
  CHECK(found.at(name("reads_total", "md0")) == 141);
  CHECK(found.at(name("written_bytes_total", "md0")) == 2048 * 512);
  for (const auto* metric :
       {"read_seconds_total", "write_seconds_total", "io_seconds_total", "io_in_progress"}) {
    CHECK_FALSE(found.contains(name(metric, "md0")));
    CHECK(found.contains(name(metric, "md1")));  // without any request
    CHECK(found.contains(name(metric, "md2")));
    CHECK(found.contains(name(metric, "sda")));  // a fast disk
  }
}

TEST_CASE("A device that is missing in diskstats or in /sys/block has no series") {
  Machine machine(
      "   8      16 sdb 1 0 8 0 0 0 0 0 0 0 0\n"
      "   8       1 sda1 1 0 8 0 0 0 0 0 0 0 0\n");
  machine.sysfs.disk("sda");
  const auto samples = machine.collect();
  CHECK(samples.families().empty());
  CHECK(samples.problems().empty());
}

TEST_CASE("A malformed line of diskstats is a problem, and the other disks are reported") {
  Machine machine("   8      16 sdb garbage\n" + std::string(kSda));
  machine.sysfs.disk("sda");
  const auto samples = machine.collect();
  CHECK(series(samples).contains(name("reads_total", "sda")));
  const std::string path = (machine.root().path() / "proc/diskstats").string();
  CHECK(texts(samples.problems()) ==
        std::vector<std::string>{path + ": malformed: \"   8      16 sdb garbage\""});
}

TEST_CASE("Missing diskstats are not a problem") {
  Machine machine("");
  std::filesystem::remove(machine.root().path() / "proc/diskstats");
  machine.sysfs.disk("sda");
  const auto samples = machine.collect();
  CHECK(samples.families().empty());
  CHECK(samples.problems().empty());
}

TEST_CASE("Diskstats that hang time out, time out at once at the next scrape, and recover") {
  Machine machine(kSda);
  machine.sysfs.disk("sda");
  const auto fifo = machine.root().make_fifo("proc/diskstats");
  for (const auto timeout : {500ms, std::chrono::milliseconds(1h)}) {
    const auto samples = machine.collect(timeout);
    CHECK(samples.families().empty());
    CHECK(texts(samples.problems()) ==
          std::vector<std::string>{fifo.string() + ": read timed out"});
  }
  release_fifo(fifo, kSda);
  std::filesystem::remove(fifo);
  machine.root().write("proc/diskstats", kSda);
  while (machine.collect().families().empty()) std::this_thread::yield();
}

TEST_CASE("An array whose metadata cannot be read costs only the series of its own disks") {
  Machine machine(std::string(kSda) + "   8      16 sdb 1 0 8 1 0 0 0 0 0 1 1\n");
  machine.sysfs.disk("sda");
  machine.sysfs.disk("sdb");
  machine.sysfs.array("md0", {"sda"});
  machine.sysfs.array("md1", {"sdb"});
  const auto file = machine.sysfs.directory("md0") / "md/metadata_version";
  std::filesystem::remove(file);
  SECTION("because it hangs") {
    const auto fifo = machine.root().make_fifo("sys/devices/md0/md/metadata_version");
    for (const auto timeout : {500ms, std::chrono::milliseconds(1h)}) {
      const auto samples = machine.collect(timeout);
      CHECK_FALSE(series(samples).contains(name("reads_total", "sda")));
      CHECK(series(samples).at(name("reads_total", "sdb", "md1")) == 1);
      REQUIRE(samples.problems().size() == 1);
      CHECK(samples.problems()[0].reason == Reason::timed_out);
    }
    release_fifo(fifo, "1.2\n");
  }
  SECTION("because of an error") {
    machine.root().write("sys/devices/md0/md/metadata_version", "1.2\n");
    const int error_number = GENERATE(EACCES, EPERM, EINVAL, EIO);
    const FailingRead fails(file, error_number);
    const auto samples = machine.collect();
    CHECK_FALSE(series(samples).contains(name("reads_total", "sda")));
    CHECK(series(samples).at(name("reads_total", "sdb", "md1")) == 1);
    CHECK(samples.problems().size() == 1);
  }
  SECTION("because the array is being assembled or stopped, which is no problem") {
    machine.root().write("sys/devices/md0/md/metadata_version", "1.2\n");
    const FailingRead fails(file, EBUSY);
    const auto samples = machine.collect();
    CHECK_FALSE(series(samples).contains(name("reads_total", "sda")));
    CHECK(series(samples).at(name("reads_total", "sdb", "md1")) == 1);
    CHECK(samples.problems().empty());
  }
}

TEST_CASE("An NVMe disk that may be hidden costs only its own series") {
  Machine machine(std::string(kSda) + " 259       0 nvme0n1 1 0 8 1 0 0 0 0 0 1 1\n");
  machine.sysfs.disk("sda");
  machine.sysfs.disk("nvme0n1");
  const std::filesystem::path hidden = "sys/devices/nvme0n1/hidden";
  std::filesystem::create_directories(machine.root().path() / hidden);  // EISDIR
  const auto samples = machine.collect();
  CHECK(series(samples).contains(name("reads_total", "sda")));
  CHECK_FALSE(series(samples).contains(name("reads_total", "nvme0n1")));
  CHECK(samples.problems().size() == 1);
  std::filesystem::remove(machine.root().path() / hidden);
  machine.root().write(hidden, "0\n");
  CHECK(series(machine.collect()).contains(name("reads_total", "nvme0n1")));
}

TEST_CASE("A disk keeps the label of its array while the metadata cannot be read") {
  Machine machine(kSda);
  machine.sysfs.disk("sda");
  machine.sysfs.array("md0", {"sda"});
  CHECK(machine.collect().problems().empty());
  const auto file = machine.sysfs.directory("md0") / "md/metadata_version";
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  const auto samples = machine.collect();
  CHECK(series(samples).contains(name("reads_total", "sda", "md0")));
  CHECK(samples.problems().size() == 1);
}

TEST_CASE("Counts that wrapped below zero are problems and not samples") {
  const std::string wrapped =
      GENERATE("4294967295", "18446744073709551615", "18446744073709551000");
  Machine machine("   8       0 sda 100 1 808 1500 200 2 1616 2500 " + wrapped + " 3250 4000\n");
  machine.sysfs.disk("sda");
  const auto samples = machine.collect();
  CHECK_FALSE(series(samples).contains(name("io_in_progress", "sda")));
  CHECK(series(samples).at(name("reads_total", "sda")) == 100);
  REQUIRE(samples.problems().size() == 1);
  CHECK(samples.problems()[0].reason == Reason::implausible);
}

}  // namespace
