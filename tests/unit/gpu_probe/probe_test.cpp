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
  settings.sys = sys;
  settings.proc = sys.parent_path() / "proc";
  settings.interval = 10ms;
  settings.marketing_name = [](auto, auto, auto) { return std::string(); };
  return settings;
}

}  // namespace

TEST_CASE("A round says what reads the GPUs, which there are, and reads each") {
  Output output;
  const auto play = script();
  Probe probe(settings(kRigs / "rx6800x2-raid0/sys"), std::make_unique<FakeLibrary>(play), "",
              output.lines());
  probe.round();
  REQUIRE(probe.wait(in(10s)).empty());
  const auto lines = output.read();
  REQUIRE(lines.size() == 5);
  CHECK(output.all<GpuProcesses>().size() == 1);
  CHECK(std::get<ProbeReport>(lines[0]) ==
        ProbeReport{"test", "rocm_smi", "9.9.9", "", 0.01, "5.15.0-139-generic"});
  CHECK(std::get<GpuList>(lines[1]) == GpuList{{{"0000:03:00.0", 0}, {"0000:06:00.0", 0}}});
  for (const auto& reading : output.all<GpuReading>()) {
    CHECK(reading.power_watts == 42.0);  // of the library
    CHECK(reading.fan_max_rpm == 3300.0);
  }
  probe.round();
  REQUIRE(probe.wait(in(10s)).empty());
  CHECK(output.all<ProbeReport>().size() == 1);
  CHECK(output.all<GpuReading>().size() == 4);
}

TEST_CASE("Who uses the GPUs is in the first round, and nobody is looked for when nobody asks") {
  const auto rig = kRigs / "rx6800x2-phantom-busy/sys";
  Output output;
  Probe probe(settings(rig), nullptr, "test", output.lines());
  probe.round();
  REQUIRE(probe.wait(in(10s)).empty());
  const auto found = output.all<GpuProcesses>();
  REQUIRE(found.size() == 1);
  REQUIRE(found[0].processes.size() == 1);
  CHECK(found[0].processes[0].unit == "jupyter.service");
  CHECK(found[0].counts.at("0000:03:00.0") == 1);
  CHECK(found[0].counts.at("0000:06:00.0") == 0);

  Output silent;
  auto incurious = settings(rig);
  incurious.processes = 0;
  Probe other(incurious, nullptr, "test", silent.lines());
  other.round();
  REQUIRE(other.wait(in(10s)).empty());
  CHECK(silent.all<GpuProcesses>().empty());
}

TEST_CASE("A card that the library does not know is read from sysfs, and the report says so") {
  Output output;
  const auto play = script();
  play->cards = {"0000:03:00.0"};
  Probe probe(settings(kRigs / "rx6800x2-raid0/sys"), std::make_unique<FakeLibrary>(play), "",
              output.lines());
  probe.round();
  REQUIRE(probe.wait(in(10s)).empty());
  const auto report = output.all<ProbeReport>().at(0);
  CHECK(report.source == "rocm_smi");
  CHECK_THAT(report.reason, ContainsSubstring("0000:06:00.0"));
  for (const auto& reading : output.all<GpuReading>())
    CHECK(reading.power_watts == (reading.pci_address == "0000:03:00.0" ? 42.0 : 6.0));
}

TEST_CASE("Where there is no AMD GPU the library is not started") {
  Output output;
  const auto play = script();
  Probe probe(settings(kRigs / "no-gpu-no-raid/sys"), std::make_unique<FakeLibrary>(play), "",
              output.lines());
  probe.round();
  CHECK(output.all<GpuList>().at(0).gpus.empty());
  CHECK(output.all<ProbeReport>().at(0).reason == "there is no AMD GPU");
  CHECK(play->starts == 0);
}

TEST_CASE("Without the library the report says why, and sysfs is read") {
  Output output;
  Probe probe(settings(kRigs / "rx6800x2-raid0/sys"), nullptr, "no such module", output.lines());
  probe.round();
  REQUIRE(probe.wait(in(10s)).empty());
  const auto report = output.all<ProbeReport>().at(0);
  CHECK(report.source == "sysfs");
  CHECK(report.reason == "no such module");
  CHECK(output.all<GpuReading>().size() == 2);
}

TEST_CASE("A library that hangs at its start leaves the cards to sysfs and is taken up later") {
  Output output;
  const auto play = script();
  std::promise<void> gate;
  play->close_gate(gate.get_future().share());
  auto impatient = settings(kRigs / "rx6800x2-raid0/sys");
  impatient.library_start_patience = 20ms;
  Probe probe(std::move(impatient), std::make_unique<FakeLibrary>(play), "", output.lines());
  probe.round();
  REQUIRE(probe.wait(in(10s)).empty());
  CHECK(output.all<ProbeReport>().at(0).source == "sysfs");
  CHECK(output.all<GpuReading>().size() == 2);
  gate.set_value();
  while (output.all<ProbeReport>().back().source != "rocm_smi") {
    probe.round();
    REQUIRE(probe.wait(in(10s)).empty());
  }
  SUCCEED();
}

TEST_CASE("A library that could not be started is tried again after a while") {
  Output output;
  const auto play = script();
  play->start_answer = "rsmi_init: somebody holds the lock";
  auto eager = settings(kRigs / "rx6800x2-raid0/sys");
  eager.library_retry = 0ms;
  Probe probe(std::move(eager), std::make_unique<FakeLibrary>(play), "", output.lines());
  probe.round();
  CHECK(output.all<ProbeReport>().back().reason == "rsmi_init: somebody holds the lock");
  play->start_answer.clear();
  while (output.all<ProbeReport>().back().source != "rocm_smi") {
    probe.round();
    REQUIRE(probe.wait(in(10s)).empty());
  }
  SUCCEED();
}

TEST_CASE("A card that hangs stops nobody else and waits longer and longer") {
  const RigCopy rig;
  const auto fifo = rig.card() / "gpu_busy_percent";
  RigCopy::make_fifo(fifo);
  Output output;
  Probe probe(settings(rig.sys()), nullptr, "test", output.lines());
  probe.round();
  CHECK(probe.wait(in(50ms)) == std::vector<std::string>{"0000:03:00.0"});
  for (int i = 0; i < 3; ++i) {
    probe.round();
    probe.wait(in(20ms));
  }
  const auto lists = output.all<GpuList>();
  REQUIRE(lists.size() == 4);
  CHECK(lists[0].gpus.at(0).waiting_seconds == 0);
  CHECK(lists[2].gpus.at(0).waiting_seconds > lists[1].gpus.at(0).waiting_seconds);
  CHECK(lists[3].gpus.at(0).waiting_seconds > lists[2].gpus.at(0).waiting_seconds);
  CHECK(output.all<GpuReading>().size() == 4);
  for (const auto& reading : output.all<GpuReading>()) CHECK(reading.pci_address == "0000:06:00.0");

  const auto moved = rig.outside() / "fifo";
  fs::rename(fifo, moved);
  RigCopy::write(fifo, "0\n");
  release_fifo(moved, "0\n");
  REQUIRE(probe.wait(in(10s)).empty());
  probe.round();
  REQUIRE(probe.wait(in(10s)).empty());
  CHECK(output.all<GpuList>().back().gpus.at(0).waiting_seconds == 0);
}

TEST_CASE("KFD that hangs from the first look on is said to, until it answers") {
  const RigCopy rig;
  const fs::path name = "class/kfd/kfd/topology/nodes/1/properties";
  const std::string properties = read_file(kRigs / "rx6800x2-raid0/sys" / name).value();
  const auto fifo = rig.sys() / name;
  RigCopy::write(rig.sys() / "class/kfd/kfd/proc/4711/pasid", "32769\n");
  RigCopy::write(fifo, properties);
  RigCopy::make_fifo(fifo);
  Output output;
  Probe probe(settings(rig.sys()), nullptr, "", output.lines());
  probe.round();
  probe.round();
  CHECK(output.all<GpuList>().at(0).processes_waiting_seconds == 0);
  CHECK(output.all<GpuList>().at(1).processes_waiting_seconds > 0);
  CHECK(output.all<GpuProcesses>().empty());

  const auto moved = rig.outside() / "fifo";
  fs::rename(fifo, moved);
  RigCopy::write(fifo, properties);
  release_fifo(moved, properties);
  while (output.all<GpuList>().back().processes_waiting_seconds > 0) {
    REQUIRE(probe.wait(in(10s)).empty());
    probe.round();
  }
  CHECK_FALSE(output.all<GpuProcesses>().empty());
}

TEST_CASE("A card that goes is no longer listed, and is back with its readings when it returns") {
  const RigCopy rig;
  const auto link = rig.sys() / "class/drm/card1";
  Output output;
  const auto play = script();
  Probe probe(settings(rig.sys()), std::make_unique<FakeLibrary>(play), "", output.lines());
  const auto round = [&] {
    probe.round();
    REQUIRE(probe.wait(in(10s)).empty());
    return output.all<GpuList>().back().gpus.size();
  };
  CHECK(round() == 2);
  fs::rename(link, rig.outside() / "kept");
  CHECK(round() == 1);
  fs::rename(rig.outside() / "kept", link);
  CHECK(round() == 2);
  CHECK(output.all<GpuReading>().size() == 5);
  CHECK(play->starts == 3);  // its paths may have changed each time
}

TEST_CASE("A card whose hwmon folder was renumbered is read from the new one") {
  const RigCopy rig;
  Output output;
  const auto play = script();
  Probe probe(settings(rig.sys()), std::make_unique<FakeLibrary>(play), "", output.lines());
  probe.round();
  REQUIRE(probe.wait(in(10s)).empty());
  const auto hwmon = rig.card() / "hwmon";
  fs::rename(hwmon / "hwmon2", hwmon / "hwmon7");
  probe.round();
  REQUIRE(probe.wait(in(10s)).empty());
  for (const auto& reading : output.all<GpuReading>())
    CHECK(reading.temperature_celsius.contains("edge"));
  CHECK(play->starts == 2);
}
