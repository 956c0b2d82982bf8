#include "rig/disk/disk_health.h"

#include <array>

#include "rig/kernel/files.h"
#include "support/catch.h"
#include "support/opened_files.h"
#include "support/problem_texts.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

namespace fs = std::filesystem;

// A temporary sysfs whose devices have a link to their subsystem.
class Sysfs {
 public:
  void device(const std::string& name, const std::string& kind) const {
    fs::create_directories(root_.path() / name);
    fs::create_directory_symlink("../../bus/" + kind, root_.path() / name / "subsystem");
  }
  void link(const std::string& name, const std::string& target) const {
    fs::create_directories((root_.path() / name).parent_path());
    fs::create_directory_symlink(root_.path() / target, root_.path() / name);
  }
  void write(const std::string& name, const std::string& text) const { root_.write(name, text); }
  void sensor(const std::string& directory, const std::string& name) const {
    write(directory + "/name", name + "\n");
    write(directory + "/temp1_input", "34000\n");
  }
  DiskHealth health(const std::string& disk) const {
    return parse_disk_health(read_disk_health(root_.path() / disk));
  }
  fs::path path() const { return root_.path(); }

 private:
  TemporaryDirectory root_;
};

// sda, a healthy SATA disk; its SCSI device is scsi/.
class SataDisk : public Sysfs {
 public:
  SataDisk() {
    device("scsi", "scsi");
    write("scsi/state", "running\n");
    write("scsi/ioerr_cnt", "0x1f\n");
    write("scsi/power/runtime_status", "active\n");
    sensor("scsi/hwmon/hwmon4", "drivetemp");
    link("sda/device", "scsi");
  }
};

std::vector<fs::path> relative(const std::vector<std::string>& files, const fs::path& top) {
  std::vector<fs::path> names;
  for (const fs::path file : files) names.push_back(file.lexically_relative(fs::canonical(top)));
  return names;
}

DiskHealth health(std::optional<bool> online, std::optional<std::uint64_t> io_errors) {
  DiskHealth health;
  health.online = online;
  health.io_errors = io_errors;
  return health;
}

constexpr auto kUnknown = std::nullopt;

}  // namespace

TEST_CASE("State, errors and sensor of a running SATA disk are read") {
  const SataDisk sysfs;
  const auto disk = sysfs.health("sda");
  CHECK(disk.online == true);
  CHECK(disk.io_errors == 31U);
  CHECK(relative(disk.temperatures, sysfs.path()) ==
        std::vector<fs::path>{"scsi/hwmon/hwmon4/temp1_input"});
  CHECK(disk.problems.empty());
}

TEST_CASE("A SCSI disk in any state but running is not online, and its temperature is not read") {
  const SataDisk sysfs;
  for (const auto* state : {"offline", "blocked", "transport-offline", "cancel", "quiesce"}) {
    sysfs.write("scsi/state", std::string(state) + "\n");
    CHECK(sysfs.health("sda").online == false);
    CHECK(sysfs.health("sda").temperatures.empty());
    CHECK(sysfs.health("sda").io_errors == 31U);
  }
}

TEST_CASE("A state that is empty, truncated or of a later kernel is unknown, and a problem") {
  const SataDisk sysfs;
  for (const auto* state : {"", "\n", "runn", "hibernating\n"}) {
    INFO(state);
    sysfs.write("scsi/state", state);
    CHECK(sysfs.health("sda").online == std::nullopt);
    CHECK(sysfs.health("sda").temperatures.empty());
    CHECK(sysfs.health("sda").problems.size() == 1);
  }
}

TEST_CASE("The temperature of a suspended or suspending disk is not read") {
  const SataDisk sysfs;
  for (const auto* status : {"suspended", "suspending"}) {
    sysfs.write("scsi/power/runtime_status", std::string(status) + "\n");
    CHECK(sysfs.health("sda").online == true);
    CHECK(sysfs.health("sda").temperatures.empty());
  }
  sysfs.write("scsi/power/runtime_status", "unsupported\n");
  CHECK(sysfs.health("sda").temperatures.size() == 1);
}

TEST_CASE("read_disk_health opens no temperature file") {
  const SataDisk sysfs;
  OpenedFiles opened(sysfs.path());
  CHECK(sysfs.health("sda").online == true);
  for (const auto& file : opened.take()) CHECK_THAT(file, !ContainsSubstring("temp"));
}

TEST_CASE("A malformed error count is a problem and affects only itself") {
  const SataDisk sysfs;
  sysfs.write("scsi/ioerr_cnt", "many\n");
  const auto disk = sysfs.health("sda");
  CHECK_FALSE(disk.io_errors);
  CHECK(disk.online == true);
  REQUIRE(disk.problems.size() == 1);
  CHECK_THAT(texts(disk.problems)[0],
             ContainsSubstring("sda/device/ioerr_cnt: malformed: \"many\""));
}

TEST_CASE("An unreadable state is a problem, a missing one is not, and both are unknown") {
  const SataDisk sysfs;
  fs::remove(sysfs.path() / "scsi/state");
  CHECK_FALSE(sysfs.health("sda").online);
  CHECK(sysfs.health("sda").problems.empty());
  fs::create_directory(sysfs.path() / "scsi/state");  // EISDIR
  CHECK_FALSE(sysfs.health("sda").online);
  CHECK(sysfs.health("sda").problems.size() == 1);
}

TEST_CASE("An NVMe disk is online while its controller is live, and has no error count") {
  const Sysfs sysfs;
  sysfs.device("nvme0", "nvme");
  sysfs.link("nvme0n1/device", "nvme0");
  sysfs.write("nvme0/state", "live\n");
  CHECK(sysfs.health("nvme0n1").online == true);
  CHECK_FALSE(sysfs.health("nvme0n1").io_errors);
  sysfs.write("nvme0/state", "resetting\n");
  CHECK(sysfs.health("nvme0n1").online == false);
}

TEST_CASE("The NVMe sensor is below the controller or its PCI device") {
  for (const auto* place : {"nvme0/hwmon3", "nvme0/hwmon/hwmon3", "nvme0/device/hwmon/hwmon3"}) {
    const Sysfs sysfs;
    sysfs.device("nvme0", "nvme");
    sysfs.link("nvme0n1/device", "nvme0");
    sysfs.write("nvme0/state", "live\n");
    sysfs.sensor(place, "nvme");
    CHECK(relative(sysfs.health("nvme0n1").temperatures, sysfs.path()) ==
          std::vector<fs::path>{fs::path(place) / "temp1_input"});
    sysfs.sensor(place, "amdgpu");
    CHECK(sysfs.health("nvme0n1").temperatures.empty());
  }
}

TEST_CASE("An NVMe disk with multipath is online while any controller is live") {
  const Sysfs sysfs;
  sysfs.device("nvme-subsys0", "nvme-subsystem");
  sysfs.device("nvme-subsys0/nvme0n1", "block");
  sysfs.link("nvme-subsys0/nvme0n1/device", "nvme-subsys0");
  for (const std::string name : {"nvme0", "nvme1"}) {
    sysfs.device(name, "nvme");
    sysfs.write(name + "/state", "live\n");
    sysfs.sensor(name + "/hwmon" + name.back(), "nvme");
    sysfs.link("nvme-subsys0/" + name, name);
  }
  const std::string disk = "nvme-subsys0/nvme0n1";
  CHECK(sysfs.health(disk).online == true);
  CHECK(sysfs.health(disk).temperatures.size() == 2);
  sysfs.write("nvme0/state", "connecting\n");
  CHECK(sysfs.health(disk).online == true);
  CHECK(relative(sysfs.health(disk).temperatures, sysfs.path()) ==
        std::vector<fs::path>{"nvme1/hwmon1/temp1_input"});
  sysfs.write("nvme1/state", "deleting\n");
  CHECK(sysfs.health(disk).online == false);
  for (const std::string name : {"nvme0", "nvme1"})
    fs::remove(sysfs.path() / "nvme-subsys0" / name);
  CHECK(sysfs.health(disk).online == false);
}

TEST_CASE("Nothing is known about virtio and loop devices") {
  const Sysfs sysfs;
  sysfs.device("virtio1", "virtio");
  sysfs.write("virtio1/state", "running\n");
  sysfs.link("vda/device", "virtio1");
  fs::create_directory(sysfs.path() / "loop0");
  for (const auto* disk : {"vda", "loop0", "gone"}) {
    CHECK_FALSE(sysfs.health(disk).online);
    CHECK_FALSE(sysfs.health(disk).io_errors);
    CHECK(sysfs.health(disk).temperatures.empty());
    CHECK(sysfs.health(disk).problems.empty());
  }
}

TEST_CASE("A disk with several paths is offline only if all paths are") {
  const auto online = [](std::optional<bool> one, std::optional<bool> other) {
    return health_of_paths(std::array{health(one, 0), health(other, 0)}).online;
  };
  CHECK(online(true, false) == true);
  CHECK(online(kUnknown, true) == true);
  CHECK(online(false, false) == false);
  CHECK_FALSE(online(false, kUnknown));
  CHECK(health_of_paths({}).online == false);
}

TEST_CASE("Several disks are online only if all of them are") {
  const auto online = [](std::optional<bool> one, std::optional<bool> other) {
    return health_of_all(std::array{health(one, 0), health(other, 0)}).online;
  };
  CHECK(online(true, true) == true);
  CHECK(online(true, false) == false);
  CHECK(online(kUnknown, false) == false);
  CHECK_FALSE(online(true, kUnknown));
  CHECK_FALSE(health_of_all({}).online);
}

TEST_CASE("The error count is unknown for several disks") {
  CHECK(health_of_all(std::array{health(true, 3)}).io_errors == 3U);
  CHECK_FALSE(health_of_all(std::array{health(true, 3), health(true, 4)}).io_errors);
  CHECK_FALSE(health_of_all(std::array{health(true, 3), health(true, kUnknown)}).io_errors);
  CHECK_FALSE(health_of_all(std::array{health(true, kUnknown), health(true, 3)}).io_errors);
  CHECK_FALSE(health_of_all({}).io_errors);
}

TEST_CASE("Temperatures are converted from thousandths, and implausible ones are problems") {
  const TemporaryDirectory directory;
  const auto celsius = [&](const std::string& text) {
    return read_temperature_celsius(directory.write("temp1_input", text));
  };
  CHECK(*celsius("34850\n") == 34.85);
  CHECK(*celsius("-5000\n") == -5.0);
  CHECK(*celsius("0\n") == 0.0);
  for (const char* zero_kelvin : {"-273150\n", "-273000\n"}) {
    CHECK_FALSE(celsius(zero_kelvin));
    CHECK(celsius(zero_kelvin).problem() == nullptr);
  }
  for (const char* implausible : {"255000\n", "65535000\n", "-128000\n", "151000\n"})
    CHECK(celsius(implausible).problem()->reason == Reason::implausible);
  CHECK(celsius("warm\n").problem()->reason == Reason::malformed);
  CHECK(celsius("").problem()->reason == Reason::malformed);
  CHECK_FALSE(read_temperature_celsius(directory.path() / "gone"));
}
