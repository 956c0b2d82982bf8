// Suspended GPUs, and GPUs that may autosuspend.
#include <filesystem>

#include "gpu_probe/sysfs/amdgpu_rig.h"
#include "support/catch.h"
#include "support/opened_files.h"

using namespace rig;
namespace fs = std::filesystem;

TEST_CASE(
    "Only files of the PCI core and of runtime power management are read while a GPU is not "
    "awake") {
  for (const char* state : {"suspended", "suspending", "resuming"}) {
    const RigCopy rig;
    RigCopy::write(rig.gpu() / "power/runtime_status", std::string(state) + "\n");
    auto source = source_of(rig);
    OpenedFiles opened(rig.gpu());
    OpenedFiles opened_of_ports(rig.sys() / "devices/pci0000:00/0000:00:01.0");
    const auto result = source.read().value();
    for (const auto& file : opened_of_ports.take()) {
      INFO(file);  // the PCI core reads the link state from the device
      CHECK(file.find("_link_") == std::string::npos);
    }
    CHECK(opened.take() == std::vector<std::string>{"device", "numa_node", "power/runtime_status",
                                                    "power/runtime_suspended_time", "revision",
                                                    "subsystem_device", "uevent"});
    CHECK(result.reading.runtime_state == state);
    CHECK(result.reading.identity.device_id == "0x73bf");
    CHECK(result.reading.identity.unique_id.empty());
    CHECK(result.reading.temperature_celsius.empty());
    CHECK(result.reading.problems.empty());
    CHECK(result.query == GpuQuery{});
    source.read();
    CHECK(opened.take() ==
          std::vector<std::string>{"power/runtime_status", "power/runtime_suspended_time"});
  }
}

TEST_CASE("A suspended GPU keeps its constant properties") {
  const RigCopy rig;
  auto source = source_of(rig);
  REQUIRE(source.read());
  RigCopy::write(rig.gpu() / "power/runtime_status", "suspended\n");
  const auto reading = source.read().value().reading;
  CHECK(reading.identity.unique_id == "0x4d2b1c0f3a5e6879");
  CHECK(reading.memory_size_bytes.at("vram") == 17163091968.0);
  CHECK(reading.temperature_limit_celsius.contains("edge"));
  CHECK_FALSE(reading.power_watts);
  CHECK(reading.memory_used_bytes.empty());
}

TEST_CASE("An idle GPU that may autosuspend is not read for a while") {
  const RigCopy rig;
  RigCopy::write(rig.gpu() / "power/control", "auto\n");
  RigCopy::write(rig.gpu() / "power/autosuspend_delay_ms", "5000\n");
  using namespace std::chrono_literals;
  AmdgpuSysfs source(list_amdgpu_cards(rig.sys()).at(0), no_name, AutosuspendWindow(0s, 1h));
  CHECK(source.read().value().reading.power_watts == 5.0);
  OpenedFiles opened(rig.gpu());
  const auto reading = source.read().value().reading;
  CHECK(opened.take() ==
        std::vector<std::string>{"power/runtime_status", "power/runtime_suspended_time"});
  CHECK(reading.left_alone_seconds > 0);
  CHECK_FALSE(reading.power_watts);
  CHECK(reading.memory_size_bytes.contains("vram"));
  CHECK(reading.problems.empty());
}

TEST_CASE("A GPU that is busy or does not autosuspend is always read") {
  using namespace std::chrono_literals;
  const auto third_reading = [](const RigCopy& rig) {
    AmdgpuSysfs source(list_amdgpu_cards(rig.sys()).at(0), no_name, AutosuspendWindow(0s, 1h));
    source.read();
    source.read();
    return source.read().value().reading;
  };
  const RigCopy busy;
  RigCopy::write(busy.gpu() / "power/control", "auto\n");
  RigCopy::write(busy.gpu() / "power/autosuspend_delay_ms", "5000\n");
  RigCopy::write(busy.gpu() / "gpu_busy_percent", "1\n");
  CHECK(third_reading(busy).power_watts == 5.0);
  const RigCopy always_on;  // power/control is "on"
  RigCopy::write(always_on.gpu() / "power/autosuspend_delay_ms", "5000\n");
  CHECK(third_reading(always_on).power_watts == 5.0);
  const RigCopy never;
  RigCopy::write(never.gpu() / "power/control", "auto\n");
  RigCopy::write(never.gpu() / "power/autosuspend_delay_ms", "-1\n");
  CHECK(third_reading(never).power_watts == 5.0);
}

TEST_CASE("A GPU without runtime power management is awake") {
  const RigCopy rig;
  for (const char* state : {"unsupported\n", "error\n"}) {
    RigCopy::write(rig.gpu() / "power/runtime_status", state);
    CHECK(read(rig).power_watts == 5.0);
  }
  fs::remove(rig.gpu() / "power/runtime_status");
  const auto reading = read(rig);
  CHECK_FALSE(reading.runtime_state);
  CHECK(reading.power_watts == 5.0);
}
