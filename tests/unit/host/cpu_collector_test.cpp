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

TEST_CASE("The CPU collector reports every series of a small machine") {
  const TemporaryDirectory machine;
  write_cpu_machine(machine);
  const auto samples = collect(cpu_collector(), machine);
  CHECK(samples.problems().empty());
  CHECK(series(samples) ==
        std::map<std::string, double>{{"rig_boot_time_seconds", 1764019200},
                                      {"rig_context_switches_total", 7},
                                      {"rig_processes_forked_total", 8},
                                      {"rig_processes{state=\"running\"}", 2},
                                      {"rig_processes{state=\"blocked\"}", 0},
                                      {kFrequency, 2e9},
                                      {kInfo, 1},
                                      {kUserTime, 1.5},
                                      {"rig_cpu_seconds_total{cpu=\"0\",mode=\"nice\"}", 0},
                                      {"rig_cpu_seconds_total{cpu=\"0\",mode=\"system\"}", 0.25},
                                      {"rig_cpu_seconds_total{cpu=\"0\",mode=\"idle\"}", 90},
                                      {"rig_cpu_seconds_total{cpu=\"0\",mode=\"iowait\"}", 0.01},
                                      {"rig_load_average{window=\"1m\"}", 0.5},
                                      {"rig_load_average{window=\"5m\"}", 0.25},
                                      {"rig_load_average{window=\"15m\"}", 0.1}});
}

TEST_CASE("Without per-core metrics the times are summed and no per-core file is read") {
  const TemporaryDirectory machine;
  write_cpu_machine(machine);
  machine.write("proc/stat",
                "cpu  210 0 50 9200\ncpu0 150 0 25 9000\ncpu3 50 0 25 100\nctxt 7\nbtime "
                "1764019200\nprocesses 8\nprocs_running 2\nprocs_blocked 0\n");
  const auto fifo = machine.make_fifo(kFrequency0);  // would time out
  const auto throttle = [](const char* file) {
    return std::filesystem::path("sys/devices/system/cpu/cpu0/thermal_throttle") / file;
  };
  machine.write(throttle("core_throttle_count"), "2\n");
  machine.write(throttle("package_throttle_count"), "3\n");
  Config config;
  config.cpu.per_core = false;
  const auto samples = collect(cpu_collector(), machine, config);
  CHECK(samples.problems().empty());
  const auto found = series(samples);
  CHECK(found.at("rig_cpu_seconds_total{cpu=\"all\",mode=\"user\"}") ==
        2.1);  // includes offline CPUs
  CHECK(found.at("rig_cpu_seconds_total{cpu=\"all\",mode=\"idle\"}") == 92);
  CHECK_FALSE(found.contains("rig_cpu_seconds_total{cpu=\"all\",mode=\"iowait\"}"));
  CHECK_FALSE(found.contains(kUserTime));
  CHECK(found.at("rig_cpu_throttles_total{cpu=\"0\",scope=\"package\"}") == 3);
  CHECK_FALSE(found.contains("rig_cpu_throttles_total{cpu=\"0\",scope=\"core\"}"));
}

TEST_CASE("A decreasing iowait is reported with its last value") {
  const TemporaryDirectory machine;
  write_cpu_machine(machine);
  const auto collector = make_collector(cpu_collector(), machine);
  for (const char* stat : {"cpu0 1 0 0 9 70\n", "cpu0 2 0 0 9 60\n"}) {
    machine.write("proc/stat", stat);
    CHECK(series(collect(*collector)).at("rig_cpu_seconds_total{cpu=\"0\",mode=\"iowait\"}") ==
          0.7);
  }
}

TEST_CASE("CPUs that come online are counted at the next scrape") {
  const TemporaryDirectory machine;
  write_cpu_machine(machine);
  const auto collector = make_collector(cpu_collector(), machine);
  CHECK(series(collect(*collector)).contains(kInfo));
  const std::filesystem::path cpus = "sys/devices/system/cpu";
  machine.write(cpus / "online", "0-1\n");
  machine.write(cpus / "cpu1/topology/thread_siblings_list", "1\n");
  machine.write(cpus / "cpu0/topology/core_siblings_list", "0-1\n");
  CHECK(
      series(collect(*collector))
          .contains(
              "rig_cpu_info{cores=\"2\",microcode=\"0x1\",model=\"M\",sockets=\"1\",threads=\"2\","
              "vendor=\"V\"}"));
}

TEST_CASE("A thermal zone is shown unless a hwmon chip measures the same") {
  const TemporaryDirectory machine;
  write_cpu_machine(machine);
  machine.write("sys/class/thermal/thermal_zone0/type", "acpitz\n");
  machine.write("sys/class/thermal/thermal_zone0/temp", "27800\n");
  machine.write("sys/class/thermal/thermal_zone1/type", "x86_pkg_temp\n");
  machine.write("sys/class/thermal/thermal_zone1/temp", "52000\n");
  const auto collector = make_collector(cpu_collector(), machine);
  const std::string zone =
      "rig_cpu_temperature_celsius{chip=\"x86_pkg_temp\",sensor=\"thermal_zone1\"}";
  CHECK(series(collect(*collector)).at(zone) == 52);
  machine.write("sys/class/hwmon/hwmon0/name", "coretemp\n");
  machine.write("sys/class/hwmon/hwmon0/temp1_input", "53000\n");
  const auto found = series(collect(*collector));
  CHECK_FALSE(found.contains(zone));
  CHECK(found.contains("rig_cpu_temperature_celsius{chip=\"coretemp\",sensor=\"temp1\"}"));
  // The chip hangs: the series does not move to the zone.
  const auto fifo = machine.make_fifo("sys/class/hwmon/hwmon0/name");
  CHECK_FALSE(series(collect(*collector, 500ms)).contains(zone));
  release_fifo(fifo);
}
