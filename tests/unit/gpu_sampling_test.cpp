#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "card_sampler.h"
#include "catch.h"
#include "library_thread.h"
#include "line_output.h"
#include "merge.h"
#include "probe.h"
#include "replay.h"
#include "rig/kernel_file.h"
#include "rig/kernel_text.h"
#include "rig_copy.h"
#include "temporary_folder.h"

using namespace rig;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const fs::path kRigs = RIG_TEST_RIGS;

auto in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

GpuReading reading_of(const std::string& pci_address) {
  GpuReading reading;
  reading.pci_address = pci_address;
  return reading;
}

// What a FakeLibrary does, changed by the test while threads are in it.
struct Script {
  std::mutex mutex;
  std::string start_answer;
  std::vector<std::string> cards{"0000:03:00.0", "0000:06:00.0"};
  std::optional<double> watts = 42;
  std::shared_future<void> gate;  // each call waits for it when it is set
  std::atomic<int> starts = 0;
  std::atomic<int> reads = 0;

  void pass_gate() {
    std::unique_lock lock(mutex);
    const auto wait_for = gate;
    lock.unlock();
    if (wait_for.valid()) wait_for.wait();
  }
  void close_gate(std::shared_future<void> closed) {
    const std::lock_guard lock(mutex);
    gate = std::move(closed);
  }
};

class FakeLibrary : public GpuLibrary {
 public:
  explicit FakeLibrary(std::shared_ptr<Script> script) : script_(std::move(script)) {}
  std::string start() override {
    script_->pass_gate();
    ++script_->starts;
    return script_->start_answer;
  }
  std::string version() const override { return "9.9.9"; }
  std::vector<std::string> pci_addresses() const override { return script_->cards; }
  GpuReading read(const std::string& pci_address, const GpuQuestions&) override {
    script_->pass_gate();
    ++script_->reads;
    auto reading = reading_of(pci_address);
    reading.power_watts = script_->watts;
    return reading;
  }

 private:
  std::shared_ptr<Script> script_;
};

std::shared_ptr<Script> script() { return std::make_shared<Script>(); }

// What was written to a LineOutput, as lines.
class Output {
 public:
  Output() : file_(folder_.write("output", "")), fd_(open(file_.c_str(), O_WRONLY | O_APPEND)) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() { close(fd_); }

  LineOutput& lines() { return lines_; }
  std::vector<ProbeLine> read() const {
    const std::string text = read_file(file_).value();
    std::vector<ProbeLine> parsed;
    for (const auto line : rig::lines(text)) parsed.push_back(parse_probe_line(line).value());
    return parsed;
  }
  template <typename T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const auto& line : read()) {
      if (const auto* value = std::get_if<T>(&line)) found.push_back(*value);
    }
    return found;
  }

 private:
  TemporaryFolder folder_;
  fs::path file_;
  int fd_;
  LineOutput lines_{fd_, [](int) {}};
};

ProbeSettings settings(const fs::path& sys) {
  ProbeSettings settings;
  settings.version = "test";
  settings.sys = sys;
  settings.interval = 10ms;
  settings.marketing_name = [](auto, auto, auto) { return std::string(); };
  return settings;
}

}  // namespace

TEST_CASE("A value of the library goes before the one of sysfs") {
  auto sysfs = reading_of("a");
  sysfs.power_watts = 5;
  sysfs.power_cap_watts = 203;
  sysfs.clock_hertz = {{"sclk", 1}, {"mclk", 2}};
  auto library = reading_of("a");
  library.power_watts = 6;
  library.clock_hertz = {{"sclk", 3}};
  const auto both = merged(sysfs, library);
  CHECK(both.power_watts == 6.0);
  CHECK(both.power_cap_watts == 203.0);
  CHECK(both.clock_hertz == std::map<std::string, double>{{"mclk", 2}, {"sclk", 3}});
}

TEST_CASE("What the library makes up is not taken") {
  auto sysfs = reading_of("a");
  sysfs.temperature_celsius = {{"edge", 27}};
  sysfs.power_watts = 5;
  auto library = reading_of("a");
  library.temperature_celsius = {{"edge", 511}};
  library.power_watts = 4294967.295;
  library.busy_ratio = {{"gfx", 0}};  // also when the read was refused
  const auto both = merged(sysfs, library);
  CHECK(both.temperature_celsius.at("edge") == 27);
  CHECK(both.power_watts == 5.0);
  CHECK(both.busy_ratio.empty());
}

TEST_CASE("A card's sampler takes a sample per tick and none while one is out") {
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  std::atomic<int> samples = 0;
  std::atomic<int> emitted = 0;
  CardSampler sampler(
      "test",
      [&] {
        opened.wait();
        ++samples;
        return reading_of("a");
      },
      [&](const GpuReading&) { ++emitted; });
  CHECK_FALSE(sampler.out_for());
  sampler.tick();
  sampler.tick();
  sampler.tick();
  CHECK_FALSE(sampler.wait(in(20ms)));
  CHECK(sampler.out_for().value() >= 20ms);
  gate.set_value();
  REQUIRE(sampler.wait(in(10s)));
  CHECK(samples == 1);
  CHECK(emitted == 1);
  CHECK_FALSE(sampler.out_for());
  sampler.tick();
  REQUIRE(sampler.wait(in(10s)));
  CHECK(samples == 2);
}

TEST_CASE("A card's sampler can be destroyed while its card hangs") {
  const auto gate = std::make_shared<std::promise<void>>();
  const auto done = std::make_shared<std::promise<void>>();
  {
    CardSampler sampler(
        "test",
        [opened = gate->get_future().share()] {
          opened.wait();
          return std::optional<GpuReading>();
        },
        [done](const GpuReading&) {});
    sampler.tick();
  }
  gate->set_value();
  SUCCEED();
}

TEST_CASE("A sample that throws or finds no card emits nothing, and the next one works") {
  int turn = 0;
  std::atomic<int> emitted = 0;
  CardSampler sampler(
      "test",
      [&]() -> std::optional<GpuReading> {
        ++turn;
        if (turn == 1) throw std::bad_alloc();
        if (turn == 2) return std::nullopt;
        return reading_of("a");
      },
      [&](const GpuReading&) { ++emitted; });
  for (int i = 0; i < 3; ++i) {
    sampler.tick();
    REQUIRE(sampler.wait(in(10s)));
    CHECK(emitted == (i == 2 ? 1 : 0));
  }
}

TEST_CASE("The library answers for the cards it knows, once it was started") {
  const auto play = script();
  LibraryThread library(std::make_unique<FakeLibrary>(play));
  CHECK_FALSE(library.read("0000:03:00.0", {}, in(10s)));
  library.start();
  REQUIRE(library.wait_until_started(in(10s)));
  CHECK(library.state().usable);
  CHECK(library.state().version == "9.9.9");
  CHECK(library.state().pci_addresses.size() == 2);
  CHECK(library.read("0000:03:00.0", {}, in(10s))->power_watts == 42.0);
  CHECK_FALSE(library.read("0000:99:00.0", {}, in(10s)));
  CHECK(play->reads == 1);
}

TEST_CASE("A library that cannot be started says why and is not asked") {
  const auto play = script();
  play->start_answer = "rsmi_init: no";
  LibraryThread library(std::make_unique<FakeLibrary>(play));
  library.start();
  REQUIRE(library.wait_until_started(in(10s)));
  CHECK_FALSE(library.state().usable);
  CHECK(library.state().reason == "rsmi_init: no");
  CHECK_FALSE(library.read("0000:03:00.0", {}, in(10s)));
  CHECK(play->reads == 0);
}

TEST_CASE("A library that hangs is waited for once, and used again when it returns") {
  const auto play = script();
  LibraryThread library(std::make_unique<FakeLibrary>(play));
  library.start();
  REQUIRE(library.wait_until_started(in(10s)));
  std::promise<void> gate;
  play->close_gate(gate.get_future().share());
  CHECK_FALSE(library.read("0000:03:00.0", {}, in(20ms)));
  const auto before = std::chrono::steady_clock::now();
  CHECK_FALSE(library.read("0000:06:00.0", {}, in(1h)));
  CHECK(std::chrono::steady_clock::now() - before < 10min);
  CHECK_FALSE(library.state().usable);
  CHECK_THAT(library.state().reason, ContainsSubstring("does not answer"));

  gate.set_value();
  while (!library.state().usable) std::this_thread::sleep_for(1ms);
  CHECK(library.read("0000:06:00.0", {}, in(10s)));
}

TEST_CASE("A library that never comes back from starting stops nobody") {
  const auto play = script();
  const auto gate = std::make_shared<std::promise<void>>();
  play->close_gate(gate->get_future().share());
  {
    LibraryThread library(std::make_unique<FakeLibrary>(play));
    library.start();
    CHECK_FALSE(library.wait_until_started(in(20ms)));
    CHECK_THAT(library.state().reason, ContainsSubstring("rsmi_init has not returned"));
    CHECK_FALSE(library.read("0000:03:00.0", {}, in(1h)));
  }
  gate->set_value();
}

TEST_CASE("A card that the library says nothing about is not counted as read by it") {
  const auto play = script();
  play->watts.reset();
  LibraryThread library(std::make_unique<FakeLibrary>(play));
  library.start();
  REQUIRE(library.wait_until_started(in(10s)));
  REQUIRE(library.read("0000:03:00.0", {}, in(10s)));
  CHECK(library.state().pci_addresses == std::set<std::string>{"0000:06:00.0"});
}

TEST_CASE("A round says what reads the GPUs, which there are, and reads each") {
  Output output;
  const auto play = script();
  Probe probe(settings(kRigs / "rx6800x2-raid0/sys"), std::make_unique<FakeLibrary>(play), "",
              output.lines());
  probe.round();
  REQUIRE(probe.wait(in(10s)).empty());
  const auto lines = output.read();
  REQUIRE(lines.size() == 4);
  CHECK(std::get<ProbeReport>(lines[0]) == ProbeReport{"test", "rocm_smi", "9.9.9", "", 0.01});
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

TEST_CASE("A closed output says so") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  close(ends[0]);
  const auto old = signal(SIGPIPE, SIG_IGN);
  int error = 0;
  LineOutput output(ends[1], [&](int number) { error = number; });
  output.write(GpuList{});
  CHECK(error == EPIPE);
  close(ends[1]);
  signal(SIGPIPE, old);
}

TEST_CASE("Lines of many threads do not run into each other") {
  Output output;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&output, i] {
      auto reading = reading_of(std::to_string(i));
      reading.problems = {std::string(5000, 'x')};
      for (int n = 0; n < 50; ++n) output.lines().write(reading);
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(output.all<GpuReading>().size() == 200);
}

TEST_CASE("A recording is played back line by line, once up to its second sample") {
  const TemporaryFolder folder;
  const std::string first = R"({"type":"probe","source":"sysfs"})"
                            "\n"
                            R"({"type":"gpus","gpus":[{"pci_address":"a"}]})"
                            "\n"
                            R"({"type":"gpu","pci_address":"a","power_watts":5})"
                            "\n";
  const auto file = folder.write("recording", first + "\n" + R"({"type":"gpus","gpus":[]})" + "\n");
  const auto played = folder.write("played", "");
  const int fd = open(played.c_str(), O_WRONLY);
  LineOutput output(fd, [](int) {});
  Replay(file).play_once(output);
  close(fd);
  CHECK(read_file(played) == first);
}

TEST_CASE("A recording with a line of something else is refused with its place") {
  const TemporaryFolder folder;
  const auto file = folder.write("recording", R"({"type":"gpus","gpus":[]})"
                                              "\nhello\n");
  CHECK_THROWS_WITH(Replay(file), ContainsSubstring("recording:2: "));
}

TEST_CASE("A recording without a sample is refused: it could not be paced") {
  const TemporaryFolder folder;
  CHECK_THROWS(Replay(folder.write("empty", "")));
  CHECK_THROWS(Replay(folder.write("probe-only", R"({"type":"probe"})")));
  CHECK_THROWS(Replay(folder.path() / "none"));
}
