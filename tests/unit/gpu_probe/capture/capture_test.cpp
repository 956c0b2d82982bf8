#include "gpu_probe/capture/capture.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "gpu_probe/capture/anonymize.h"
#include "gpu_probe/sysfs/amdgpu_sysfs.h"
#include "rig/amdgpu/card_discovery.h"
#include "rig/kernel/files.h"
#include "support/catch.h"
#include "support/opened_files.h"
#include "support/rig_copy.h"
#include "support/temporary_directory.h"

using namespace rig;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

std::string no_marketing_name(std::string_view, std::string_view, std::string_view) { return {}; }

// A machine with two GPUs, and a directory for the copy.
class CaptureRig : public RigCopy {
 public:
  CaptureRig() { write(root() / "proc/sys/kernel/osrelease", "6.1.0-37-amd64\n"); }

  fs::path copy() const { return root() / "copy"; }
  CaptureSettings settings() const {
    CaptureSettings settings;
    settings.version = "test";
    settings.paths = {root() / "proc", sys(), root()};
    settings.marketing_name = no_marketing_name;
    settings.timeout = 30s;
    return settings;
  }
  CaptureResult run() const { return capture(settings(), copy()); }

  bool in_copy(const fs::path& name) const { return fs::exists(copy() / "sys" / name); }
  std::string notes() const { return *read_text(copy() / "capture.txt"); }
};

GpuReading first_reading(const fs::path& sys) {
  return AmdgpuSysfs(list_amdgpu_cards(sys).at(0), no_marketing_name).read().value().reading;
}

std::string error_of(const CaptureSettings& settings, const fs::path& directory) {
  try {
    capture(settings, directory);
    return "none";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("A copy gives the same readings as the machine except for identifiers") {
  const CaptureRig rig;
  const auto result = rig.run();
  CHECK(result.problem.empty());
  const auto original = first_reading(rig.sys());
  auto copied = first_reading(rig.copy() / "sys");
  CHECK(copied.identity.unique_id == "0x" + pseudonym_text(original.identity.unique_id.substr(2)));
  CHECK(copied.identity.serial == pseudonym_text(original.identity.serial));
  copied.identity.unique_id = original.identity.unique_id;
  copied.identity.serial = original.identity.serial;
  CHECK(copied == original);
  CHECK(list_amdgpu_cards(rig.copy() / "sys").size() == 2);
}

TEST_CASE("The copy contains the links of the source") {
  const CaptureRig rig;
  rig.run();
  const auto link = [&](const fs::path& name) {
    return fs::read_symlink(rig.copy() / "sys" / name);
  };
  CHECK(link("class/drm/card0") == fs::read_symlink(rig.sys() / "class/drm/card0"));
  CHECK(link("class/drm/renderD128") == fs::read_symlink(rig.sys() / "class/drm/renderD128"));
  CHECK(link(rig.first_gpu() / "driver") == fs::read_symlink(rig.gpu() / "driver"));
}

TEST_CASE("gpu_metrics is copied byte for byte") {
  const CaptureRig rig;
  rig.run();
  CHECK(read_text(rig.copy() / "sys" / rig.first_gpu() / "gpu_metrics").get() ==
        read_text(rig.gpu() / "gpu_metrics").get());
}

TEST_CASE("The notes list replaced identifiers and unreadable files") {
  const CaptureRig rig;
  RigCopy::make_unreadable(rig.gpu() / "gpu_busy_percent");
  fs::remove(rig.hwmon() / "power1_average");
  const auto result = rig.run();
  CHECK_THAT(result.summary, ContainsSubstring("2 serial_number, 2 unique_id"));
  const std::string card = "sys/" + rig.first_gpu().string();
  const auto notes = rig.notes();
  CHECK_THAT(notes, ContainsSubstring(card + "/unique_id: unique_id\n"));
  CHECK_THAT(notes, ContainsSubstring(card + "/gpu_busy_percent: Is a directory\n"));
  CHECK_THAT(notes, ContainsSubstring(card + "/hwmon/hwmon2/power1_average: No such file"));
  CHECK_THAT(notes, ContainsSubstring("rig_gpu_probe test\n"));
  CHECK_THAT(notes, ContainsSubstring("kernel 6.1.0-37-amd64\n"));
}

TEST_CASE("The copy of a GPU that is awake includes files for bug reports") {
  const CaptureRig rig;
  RigCopy::write(rig.gpu() / "pp_od_clk_voltage", "OD_SCLK:\n");
  rig.run();
  CHECK(rig.in_copy(rig.first_gpu() / "pp_od_clk_voltage"));
  CHECK(rig.in_copy(rig.first_gpu() / "pp_power_profile_mode"));
  CHECK(rig.in_copy(rig.first_gpu() / "hwmon/hwmon2/temp1_crit_hyst"));
  CHECK(rig.in_copy(rig.first_gpu().parent_path() / "class"));
}

TEST_CASE("Files whose read sleeps, clears counters or resets the GPU are not opened") {
  const CaptureRig rig;
  const std::set<std::string> dangerous{"pcie_bw", "xgmi_error", "amdgpu_gpu_recover"};
  for (const auto& name : dangerous) RigCopy::write(rig.gpu() / name, "0\n");
  OpenedFiles files(rig.sys());
  rig.run();
  const auto opened = files.take();
  CHECK_FALSE(opened.empty());
  for (const auto& file : opened) CHECK_FALSE(dangerous.contains(fs::path(file).filename()));
}

TEST_CASE("No driver files of a suspended GPU are opened") {
  const CaptureRig rig;
  RigCopy::write(rig.gpu() / "power/runtime_status", "suspended\n");
  OpenedFiles files(rig.gpu());
  CHECK(rig.run().problem.empty());
  const std::set<std::string> harmless{"class",         "device",           "revision",
                                       "vendor",        "uevent",           "numa_node",
                                       "power_state",   "subsystem_vendor", "subsystem_device",
                                       "local_cpulist", "drm/card0/dev",    "drm/renderD128/dev"};
  for (const auto& file : files.take()) {
    INFO(file);
    CHECK((harmless.contains(file) || file.starts_with("power/")));
  }
  CHECK(rig.in_copy(rig.first_gpu() / "power/runtime_status"));
  CHECK_FALSE(rig.in_copy(rig.first_gpu() / "gpu_metrics"));
  CHECK_THAT(rig.notes(), ContainsSubstring("0000:03:00.0: suspended"));
  CHECK(first_reading(rig.copy() / "sys") == first_reading(rig.sys()));
}

TEST_CASE("The copy of a hung GPU is incomplete, and the hung file is reported") {
  const CaptureRig rig;
  const auto fifo = rig.gpu() / "mem_busy_percent";
  RigCopy::make_fifo(fifo);
  auto settings = rig.settings();
  settings.timeout = 1s;
  const auto result = capture(settings, rig.copy());
  release_fifo(fifo);
  const std::string file = "sys/" + rig.first_gpu().string() + "/mem_busy_percent";
  CHECK(result.problem == "0000:03:00.0: read timed out: " + file);
  CHECK_THAT(rig.notes(), ContainsSubstring(result.problem));
  CHECK(rig.in_copy(rig.first_gpu() / "gpu_busy_percent"));
  CHECK_FALSE(rig.in_copy(rig.first_gpu() / "mem_busy_percent"));
  CHECK(rig.in_copy(rig.second_gpu() / "gpu_metrics"));
}

TEST_CASE("A machine without an AMD GPU is reported and copied") {
  const CaptureRig rig;
  fs::remove_all(rig.sys() / "class/drm");
  fs::create_directories(rig.sys() / "class/drm");
  CHECK(rig.run().problem == "there is no AMD GPU");
  CHECK_THAT(rig.notes(), ContainsSubstring("0 AMD GPUs"));
}

TEST_CASE("A link that leads out of sysfs is not followed") {
  const CaptureRig rig;
  RigCopy::write(rig.root() / "elsewhere/card7/device/vendor", "0x1002\n");
  fs::create_symlink("../../../elsewhere/card7", rig.sys() / "class/drm/card7");
  rig.run();
  CHECK_FALSE(fs::is_symlink(fs::symlink_status(rig.copy() / "sys/class/drm/card7")));
  CHECK_FALSE(fs::exists(rig.copy() / "elsewhere"));
  CHECK_THAT(rig.notes(),
             ContainsSubstring("card7/device/vendor: leads out of the captured directories"));
}

TEST_CASE("A directory that is not empty or cannot be created is rejected") {
  const CaptureRig rig;
  const auto settings = rig.settings();
  const auto file = rig.copy() / "mine";
  RigCopy::write(file, "mine");
  CHECK(error_of(settings, rig.copy()) == rig.copy().string() + ": not empty");
  CHECK(std::distance(fs::directory_iterator(rig.copy()), {}) == 1);
  CHECK_THAT(error_of(settings, file), ContainsSubstring("mine: "));
  CHECK(read_text(file).get() == "mine");
  const auto deep = rig.root() / "no/such";
  CHECK(error_of(settings, deep) == deep.string() + ": No such file or directory");
}

TEST_CASE("An empty directory is accepted") {
  const CaptureRig rig;
  fs::create_directory(rig.copy());
  CHECK(rig.run().problem.empty());
}
