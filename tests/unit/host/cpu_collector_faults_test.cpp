#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "host/cpu_machine.h"
#include "rig/config/config.h"
#include "rig/scrape/collectors.h"
#include "support/catch.h"
#include "support/collect.h"
#include "support/problem_texts.h"
#include "support/series.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

// Unblocks a reader of the FIFO, if there is one.
void release_fifo_if_read(const std::filesystem::path& fifo) {
  if (const int fd = open(fifo.c_str(), O_WRONLY | O_NONBLOCK); fd >= 0) close(fd);
}

}  // namespace

TEST_CASE("A temperature read that hangs affects its chip only") {
  const TemporaryDirectory machine;
  write_cpu_machine(machine);
  const std::filesystem::path hwmon = "sys/class/hwmon";
  for (const char* chip : {"hwmon0", "hwmon1"}) machine.write(hwmon / chip / "name", "k10temp\n");
  std::filesystem::create_directory_symlink("../../../0000:00:19.3",
                                            machine.path() / hwmon / "hwmon1/device");
  machine.write(hwmon / "hwmon1/temp1_input", "40000\n");
  const auto fifo = machine.make_fifo(hwmon / "hwmon0/temp1_input");
  const auto collector = make_collector(cpu_collector(), machine);
  const auto samples = collect(*collector, 1s);
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(texts(samples.problems())[0], ContainsSubstring("hwmon0: read timed out"));
  const auto found = series(samples);
  CHECK(found.contains(kFrequency));
  CHECK(found.at("rig_cpu_temperature_celsius{chip=\"0000:00:19.3\",sensor=\"temp1\"}") == 40);
  release_fifo(fifo);
}

TEST_CASE("A frequency read that hangs affects the frequencies only") {
  const TemporaryDirectory machine;
  write_cpu_machine(machine);
  const auto fifo = machine.make_fifo(kFrequency0);
  const auto collector = make_collector(cpu_collector(), machine);
  for (int scrape = 0; scrape < 3; ++scrape) {
    const auto samples = collect(*collector, 500ms);
    const auto found = series(samples);
    CHECK(found.contains(kUserTime));
    CHECK(found.contains(kInfo));
    CHECK_FALSE(found.contains(kFrequency));
    REQUIRE(samples.problems().size() == 1);
    CHECK_THAT(texts(samples.problems())[0], ContainsSubstring("cpufreq"));
  }
  release_fifo(fifo);
}

TEST_CASE("A malformed file affects its own CPU series only") {
  const auto [file, missing] = GENERATE(std::pair("proc/stat", "rig_cpu_seconds_total"),
                                        std::pair("proc/loadavg", "rig_load_average"),
                                        std::pair("sys/devices/system/cpu/cpu0/topology/"
                                                  "thread_siblings_list",
                                                  "rig_cpu_info"),
                                        std::pair(kFrequency0, "rig_cpu_frequency_hertz"));
  const TemporaryDirectory machine;
  write_cpu_machine(machine);
  const auto all = series(collect(cpu_collector(), machine));
  machine.write(file, "\x01\x02 garbage\n");

  const auto samples = collect(cpu_collector(), machine);
  CHECK(samples.problems().size() == 1);
  const auto left = series(samples);
  for (const auto& [name, value] : all) {
    const bool expected_missing =
        name.starts_with(missing) ||
        (missing == std::string("rig_cpu_seconds_total") &&
         (name == "rig_boot_time_seconds" || name.starts_with("rig_processes{") ||
          name == "rig_context_switches_total" || name == "rig_processes_forked_total"));
    CHECK(left.contains(name) == !expected_missing);
  }
}

TEST_CASE("Unreadable files are problems, and the other files are still read") {
  const TemporaryDirectory machine;
  write_cpu_machine(machine);
  for (const char* file : {"proc/stat", "proc/loadavg", "proc/cpuinfo"}) {
    std::filesystem::remove(machine.path() / file);
    std::filesystem::create_directory(machine.path() / file);  // EISDIR
  }
  const auto samples = collect(cpu_collector(), machine);
  CHECK(samples.problems().size() == 3);
  CHECK(series(samples) == std::map<std::string, double>{{kFrequency, 2e9}});
}

TEST_CASE("A missing /proc/stat is a problem; other missing CPU files are not") {
  const TemporaryDirectory machine;
  const auto samples = collect(cpu_collector(), machine);
  CHECK(samples.families().empty());
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(texts(samples.problems())[0],
             ContainsSubstring("proc/stat: missing; is --path.procfs correct?"));
}

TEST_CASE("CPU files that were truncated give no value of the last line, and a problem each") {
  const TemporaryDirectory machine;
  write_cpu_machine(machine);
  machine.write("proc/stat", "cpu0 150 0 25 9000\ncpu1 347 0 485 44");
  machine.write("proc/loadavg", "0.50 0.25 0.1");
  machine.write("proc/cpuinfo", "vendor_id : V\nmodel name : M\nmicrocode : 0x1\ncpu M");
  machine.write(kFrequency0, "20000");
  const auto samples = collect(cpu_collector(), machine);
  CHECK(series(samples) ==
        std::map<std::string, double>{{kInfo, 1},
                                      {kUserTime, 1.5},
                                      {"rig_cpu_seconds_total{cpu=\"0\",mode=\"nice\"}", 0},
                                      {"rig_cpu_seconds_total{cpu=\"0\",mode=\"system\"}", 0.25},
                                      {"rig_cpu_seconds_total{cpu=\"0\",mode=\"idle\"}", 90}});
  REQUIRE(samples.problems().size() == 4);
  for (const std::string& text : texts(samples.problems()))
    CHECK_THAT(text, ContainsSubstring("the last line has no newline"));
}

TEST_CASE("A /proc/stat without lines that every kernel prints is incomplete") {
  const TemporaryDirectory machine;
  write_cpu_machine(machine);
  machine.write("proc/stat", "cpu0 150 0 25 9000\nprocesses 8\nprocs_running 2\n");
  const auto samples = collect(cpu_collector(), machine);
  CHECK(series(samples).contains(kUserTime));
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(texts(samples.problems())[0],
             ContainsSubstring("incomplete: without the lines btime, ctxt, procs_blocked"));
}

TEST_CASE("A CPU file that hangs costs only its own series, and a single thread") {
  const auto [file, lost] = GENERATE(
      std::pair("proc/stat", std::vector<std::string>{"rig_cpu_seconds_total", "rig_boot_time",
                                                      "rig_context", "rig_processes"}),
      std::pair("proc/uptime", std::vector<std::string>{}),
      std::pair("proc/loadavg", std::vector<std::string>{"rig_load_average"}),
      std::pair("proc/cpuinfo", std::vector<std::string>{"rig_cpu_info"}),
      std::pair("sys/devices/system/cpu/online",
                std::vector<std::string>{"rig_cpu_info", "rig_cpu_frequency"}),
      std::pair("sys/class/hwmon/hwmon7/name", std::vector<std::string>{}));
  const TemporaryDirectory machine;
  write_cpu_machine(machine);
  machine.write("sys/class/hwmon/hwmon1/name", "k10temp\n");
  machine.write("sys/class/hwmon/hwmon1/temp1_input", "40000\n");
  const auto all = series(collect(cpu_collector(), machine));
  const auto fifo = machine.make_fifo(file);
  const auto collector = make_collector(cpu_collector(), machine);
  const auto samples = collect(*collector, 1s);
  const auto left = series(samples);
  for (const auto& [name, value] : all) {
    const bool is_lost = std::ranges::any_of(
        lost, [&name = name](const std::string& prefix) { return name.starts_with(prefix); });
    CHECK(left.contains(name) == !is_lost);
  }
  CHECK_FALSE(samples.problems().empty());
  for (int reader = 0; reader < 3; ++reader) release_fifo_if_read(fifo);
}

TEST_CASE("A CPU time that wrapped is absent, in the sum too, and the others are shown") {
  const TemporaryDirectory machine;
  write_cpu_machine(machine);
  machine.write("proc/uptime", "1000.00 900.00\n");
  machine.write("proc/stat",
                "cpu  150 0 25 95\ncpu0 150 0 25 4294967290\nctxt 7\nbtime 4294967295\n"
                "processes 8\nprocs_running 4294967295\nprocs_blocked 0\n");
  Config config;
  config.cpu.per_core = GENERATE(true, false);
  const std::string cpu = config.cpu.per_core ? "0" : "all";
  const auto samples = collect(cpu_collector(), machine, config);
  const auto found = series(samples);
  CHECK(found.at("rig_cpu_seconds_total{cpu=\"" + cpu + "\",mode=\"user\"}") == 1.5);
  CHECK_FALSE(found.contains("rig_cpu_seconds_total{cpu=\"" + cpu + "\",mode=\"idle\"}"));
  CHECK_FALSE(found.contains("rig_processes{state=\"running\"}"));
  CHECK_FALSE(found.contains("rig_boot_time_seconds"));
  CHECK(samples.problems().size() == 3);
}

TEST_CASE("A /proc/stat without the requested CPU times is a problem") {
  const TemporaryDirectory machine;
  write_cpu_machine(machine);
  Config config;
  config.cpu.per_core = GENERATE(true, false);
  machine.write("proc/stat", std::string(config.cpu.per_core ? "cpu " : "cpu0") +
                                 " 150 0 25 9000\nctxt 7\nbtime 1764019200\nprocesses 8\n"
                                 "procs_running 2\nprocs_blocked 0\n");
  const auto samples = collect(cpu_collector(), machine, config);
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(texts(samples.problems())[0], ContainsSubstring("no line"));
}
