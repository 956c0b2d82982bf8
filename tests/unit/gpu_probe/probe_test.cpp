#include "gpu_probe/probe.h"

#include <filesystem>
#include <thread>

#include "gpu_probe/fake_gpu_library.h"
#include "gpu_probe/probe_output.h"
#include "support/catch.h"
#include "support/rig_copy.h"

using namespace rig;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const fs::path kRigs = RIG_TEST_RIGS;

ProbeSettings settings(const fs::path& sys) {
  ProbeSettings settings;
  settings.version = "test";
  settings.paths.sys = sys;
  settings.paths.proc = sys.parent_path() / "proc";
  settings.sample_interval = 10ms;
  settings.marketing_name = [](auto, auto, auto) { return std::string(); };
  return settings;
}

// Whether the library was started so often. Starts after the first one are not waited for.
bool starts_of(const FakeBehaviour& library, int count) {
  const auto until = in(10s);
  while (library.starts < count && Probe::Clock::now() < until) std::this_thread::sleep_for(1ms);
  return library.starts == count;
}

}  // namespace

TEST_CASE("A round writes the source, the list of GPUs and a reading of each") {
  Output output;
  const auto fake = fake_behaviour();
  Probe probe(settings(kRigs / "rx6800x2-raid0/sys"), std::make_unique<FakeLibrary>(fake), "",
              output.lines());
  probe.run_once();
  REQUIRE(probe.wait(in(10s)).empty());
  const auto lines = output.read();
  REQUIRE(lines.size() == 5);
  CHECK(output.all<GpuProcesses>().size() == 1);
  CHECK(std::get<ProbeReport>(lines[0]) ==
        ProbeReport{"test", "rocm_smi", "9.9.9", "", 0.01, "5.15.0-139-generic"});
  CHECK(std::get<GpuList>(lines[1]) == GpuList{{{"0000:03:00.0", 0}, {"0000:06:00.0", 0}}});
  for (const auto& reading : output.all<GpuReading>()) {
    CHECK(reading.power_watts == 42.0);  // from the library
    CHECK(reading.fan_max_rpm == 3300.0);
  }
  probe.run_once();
  REQUIRE(probe.wait(in(10s)).empty());
  CHECK(output.all<ProbeReport>().size() == 1);
  CHECK(output.all<GpuReading>().size() == 4);
}

TEST_CASE("The first round includes the processes unless they are disabled") {
  const auto rig = kRigs / "rx6800x2-phantom-busy/sys";
  Output output;
  Probe probe(settings(rig), nullptr, "test", output.lines());
  probe.run_once();
  REQUIRE(probe.wait(in(10s)).empty());
  const auto found = output.all<GpuProcesses>();
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].processes.size() == 1);
  CHECK(found[0].processes[0].unit == "jupyter.service");
  CHECK(found[0].counts.at("0000:03:00.0") == 1);
  CHECK(found[0].counts.at("0000:06:00.0") == 0);

  Output other_output;
  auto without_processes = settings(rig);
  without_processes.processes = 0;
  Probe other(without_processes, nullptr, "test", other_output.lines());
  other.run_once();
  REQUIRE(other.wait(in(10s)).empty());
  CHECK(other_output.all<GpuProcesses>().empty());
}

TEST_CASE("A GPU that the library does not know is read from sysfs and reported") {
  Output output;
  const auto fake = fake_behaviour();
  fake->gpus = {"0000:03:00.0"};
  Probe probe(settings(kRigs / "rx6800x2-raid0/sys"), std::make_unique<FakeLibrary>(fake), "",
              output.lines());
  probe.run_once();
  REQUIRE(probe.wait(in(10s)).empty());
  const auto report = output.all<ProbeReport>().at(0);
  CHECK(report.source == "rocm_smi");
  CHECK_THAT(report.reason, ContainsSubstring("0000:06:00.0"));
  for (const auto& reading : output.all<GpuReading>())
    CHECK(reading.power_watts == (reading.pci_address == "0000:03:00.0" ? 42.0 : 6.0));
}

TEST_CASE("The library is not started without an AMD GPU") {
  Output output;
  const auto fake = fake_behaviour();
  Probe probe(settings(kRigs / "no-gpu-no-raid/sys"), std::make_unique<FakeLibrary>(fake), "",
              output.lines());
  probe.run_once();
  CHECK(output.all<GpuList>().at(0).gpus.empty());
  CHECK(output.all<ProbeReport>().at(0).reason == "there is no AMD GPU");
  CHECK(fake->starts == 0);
}

TEST_CASE("Without the library sysfs is read and the reason is reported") {
  Output output;
  Probe probe(settings(kRigs / "rx6800x2-raid0/sys"), nullptr, "no such module", output.lines());
  probe.run_once();
  REQUIRE(probe.wait(in(10s)).empty());
  const auto report = output.all<ProbeReport>().at(0);
  CHECK(report.source == "sysfs");
  CHECK(report.reason == "no such module");
  CHECK(output.all<GpuReading>().size() == 2);
}

TEST_CASE("While the library hangs during its start sysfs is read, and the library is used later") {
  Output output;
  const auto fake = fake_behaviour();
  std::promise<void> gate;
  fake->set_gate(gate.get_future().share());
  auto custom = settings(kRigs / "rx6800x2-raid0/sys");
  custom.library_start_timeout = 20ms;
  Probe probe(std::move(custom), std::make_unique<FakeLibrary>(fake), "", output.lines());
  probe.run_once();
  REQUIRE(probe.wait(in(10s)).empty());
  CHECK(output.all<ProbeReport>().at(0).source == "sysfs");
  CHECK(output.all<GpuReading>().size() == 2);
  gate.set_value();
  while (output.all<ProbeReport>().back().source != "rocm_smi") {
    probe.run_once();
    REQUIRE(probe.wait(in(10s)).empty());
  }
  SUCCEED();
}

TEST_CASE("A library that failed to start is retried") {
  Output output;
  const auto fake = fake_behaviour();
  fake->start_error = "rsmi_init: locked";
  auto custom = settings(kRigs / "rx6800x2-raid0/sys");
  custom.library_retry_interval = 0ms;
  Probe probe(std::move(custom), std::make_unique<FakeLibrary>(fake), "", output.lines());
  probe.run_once();
  CHECK(output.all<ProbeReport>().back().reason == "rsmi_init: locked");
  fake->start_error.clear();
  while (output.all<ProbeReport>().back().source != "rocm_smi") {
    probe.run_once();
    REQUIRE(probe.wait(in(10s)).empty());
  }
  SUCCEED();
}

TEST_CASE("A hung GPU does not delay others and its waiting time increases") {
  const RigCopy rig;
  const auto fifo = rig.gpu() / "gpu_busy_percent";
  RigCopy::make_fifo(fifo);
  Output output;
  Probe probe(settings(rig.sys()), nullptr, "test", output.lines());
  for (int i = 0; i < 4; ++i) {
    probe.run_once();
    while (probe.wait(in(20ms)) != std::vector<std::string>{"0000:03:00.0"}) continue;
  }
  const auto lists = output.all<GpuList>();
  REQUIRE(lists.size() == 4);
  CHECK(lists[0].gpus.at(0).waiting_seconds == 0);
  CHECK(lists[2].gpus.at(0).waiting_seconds > lists[1].gpus.at(0).waiting_seconds);
  CHECK(lists[3].gpus.at(0).waiting_seconds > lists[2].gpus.at(0).waiting_seconds);
  CHECK(output.all<GpuReading>().size() == 4);
  for (const auto& reading : output.all<GpuReading>()) CHECK(reading.pci_address == "0000:06:00.0");

  const auto moved = rig.root() / "fifo";
  fs::rename(fifo, moved);
  RigCopy::write(fifo, "0\n");
  release_fifo(moved, "0\n");
  REQUIRE(probe.wait(in(10s)).empty());
  probe.run_once();
  REQUIRE(probe.wait(in(10s)).empty());
  CHECK(output.all<GpuList>().back().gpus.at(0).waiting_seconds == 0);
}

TEST_CASE("The waiting time of a hung KFD is reported until it responds") {
  const RigCopy rig;
  const fs::path name = "class/kfd/kfd/topology/nodes/1/properties";
  const std::string properties = *read_text(kRigs / "rx6800x2-raid0/sys" / name);
  const auto fifo = rig.sys() / name;
  RigCopy::write(rig.sys() / "class/kfd/kfd/proc/4711/pasid", "32769\n");
  RigCopy::write(fifo, properties);
  RigCopy::make_fifo(fifo);
  Output output;
  Probe probe(settings(rig.sys()), nullptr, "", output.lines());
  probe.run_once();
  probe.run_once();
  CHECK(output.all<GpuList>().at(0).processes_waiting_seconds == 0);
  CHECK(output.all<GpuList>().at(1).processes_waiting_seconds > 0);
  CHECK(output.all<GpuProcesses>().empty());

  const auto moved = rig.root() / "fifo";
  fs::rename(fifo, moved);
  RigCopy::write(fifo, properties);
  release_fifo(moved, properties);
  while (output.all<GpuList>().back().processes_waiting_seconds > 0) {
    REQUIRE(probe.wait(in(10s)).empty());
    probe.run_once();
  }
  CHECK_FALSE(output.all<GpuProcesses>().empty());
}

TEST_CASE("A removed GPU is not listed, and it is read again when it reappears") {
  const RigCopy rig;
  const auto link = rig.sys() / "class/drm/card1";
  Output output;
  const auto fake = fake_behaviour();
  Probe probe(settings(rig.sys()), std::make_unique<FakeLibrary>(fake), "", output.lines());
  const auto round = [&] {
    probe.run_once();
    REQUIRE(probe.wait(in(10s)).empty());
    return output.all<GpuList>().back().gpus.size();
  };
  CHECK(round() == 2);
  fs::rename(link, rig.root() / "kept");
  CHECK(round() == 1);
  fs::rename(rig.root() / "kept", link);
  CHECK(round() == 2);
  CHECK(output.all<GpuReading>().size() == 5);
  CHECK(starts_of(*fake, 3));  // once for each change, since the paths may differ
}

TEST_CASE("A GPU whose hwmon directory was renumbered is read from the new one") {
  const RigCopy rig;
  Output output;
  const auto fake = fake_behaviour();
  Probe probe(settings(rig.sys()), std::make_unique<FakeLibrary>(fake), "", output.lines());
  probe.run_once();
  REQUIRE(probe.wait(in(10s)).empty());
  const auto hwmon = rig.gpu() / "hwmon";
  fs::rename(hwmon / "hwmon2", hwmon / "hwmon7");
  probe.run_once();
  REQUIRE(probe.wait(in(10s)).empty());
  for (const auto& reading : output.all<GpuReading>())
    CHECK(reading.temperature_celsius.contains("edge"));
  CHECK(starts_of(*fake, 2));
}
