#include "rig/cpu_sysfs.h"

#include "catch.h"
#include "rig/cpuinfo.h"
#include "rig/kernel_file.h"
#include "temporary_folder.h"

using namespace rig;

namespace {

constexpr auto kCpus = "devices/system/cpu";

std::filesystem::path cpu(unsigned number) {
  return std::filesystem::path(kCpus) / ("cpu" + std::to_string(number));
}

void write_siblings(const TemporaryFolder& sys, unsigned number, std::string_view core,
                    std::string_view socket) {
  sys.write(cpu(number) / "topology/thread_siblings_list", core);
  sys.write(cpu(number) / "topology/core_siblings_list", socket);
}

}  // namespace

TEST_CASE("A list of CPUs has numbers and ranges") {
  CHECK(parse_cpu_list("0-3,8,10-11\n") == std::vector<unsigned>{0, 1, 2, 3, 8, 10, 11});
  CHECK(parse_cpu_list("0") == std::vector<unsigned>{0});
  CHECK(parse_cpu_list("0-4095")->size() == 4096);
  CHECK(parse_cpu_list("\n")->empty());
}

TEST_CASE("What is no list of CPUs is none, however large its range") {
  CHECK_FALSE(parse_cpu_list("all"));
  CHECK_FALSE(parse_cpu_list("0-"));
  CHECK_FALSE(parse_cpu_list("0,,1"));
  CHECK_FALSE(parse_cpu_list("3-0"));
  CHECK_FALSE(parse_cpu_list("0-4294967295"));
}

TEST_CASE("Four cores with two threads each in one socket") {
  const TemporaryFolder sys;
  sys.write("devices/system/cpu/online", "0-7\n");
  for (unsigned i = 0; i < 8; ++i)
    write_siblings(sys, i, std::to_string(i % 4) + "," + std::to_string(i % 4 + 4) + "\n", "0-7\n");
  const auto topology = read_cpu_topology(sys.path());
  CHECK(topology.sockets == 1U);
  CHECK(topology.cores == 4U);
  CHECK(topology.threads == 8U);
}

TEST_CASE("A hybrid CPU has cores with two threads and cores with one") {
  const TemporaryFolder sys;
  sys.write("devices/system/cpu/online", "0-5\n");
  for (unsigned i = 0; i < 4; ++i) write_siblings(sys, i, i < 2 ? "0-1" : "2-3", "0-5");
  for (unsigned i = 4; i < 6; ++i) write_siblings(sys, i, std::to_string(i), "0-5");
  const auto topology = read_cpu_topology(sys.path());
  CHECK(topology.cores == 4U);
  CHECK(topology.threads == 6U);
}

TEST_CASE("Threads that are offline do not count, and their core does as long as one is online") {
  const TemporaryFolder sys;
  sys.write("devices/system/cpu/online", "0,2-3\n");
  write_siblings(sys, 0, "0", "0,2-3");
  write_siblings(sys, 2, "2-3", "0,2-3");
  const auto topology = read_cpu_topology(sys.path());
  CHECK(topology.sockets == 1U);
  CHECK(topology.cores == 2U);
  CHECK(topology.threads == 3U);
}

TEST_CASE("Without topology folders the threads are known and the rest is not") {
  const TemporaryFolder sys;
  sys.write("devices/system/cpu/online", "0-1\n");
  const auto topology = read_cpu_topology(sys.path());
  CHECK(topology.threads == 2U);
  CHECK_FALSE(topology.cores);
  CHECK_FALSE(topology.sockets);
  CHECK_FALSE(read_cpu_topology(sys.path() / "gone").threads);
}

TEST_CASE("Frequencies are in kHz, and one that the driver cannot tell is absent") {
  const TemporaryFolder sys;
  sys.write("devices/system/cpu/online", "0-3\n");
  sys.write(cpu(0) / "cpufreq/scaling_cur_freq", "3400123\n");
  sys.write(cpu(0) / "cpufreq/cpuinfo_min_freq", "800000\n");
  sys.write(cpu(0) / "cpufreq/cpuinfo_max_freq", "4000000\n");
  sys.write(cpu(1) / "cpufreq/scaling_cur_freq", "<unknown>\n");
  sys.write(cpu(2) / "cpufreq/scaling_cur_freq", "0\n");
  const auto found = read_cpu_frequencies(sys.path());
  CHECK(found.problems.empty());
  REQUIRE(found.cpus.size() == 4);
  CHECK(found.cpus[0].current_hertz == 3400123e3);
  CHECK(found.cpus[0].min_hertz == 800e6);
  CHECK(found.cpus[0].max_hertz == 4e9);
  for (std::size_t i = 1; i < 4; ++i) {
    CHECK_FALSE(found.cpus[i].current_hertz);
    CHECK_FALSE(found.cpus[i].max_hertz);
  }
}

TEST_CASE("A frequency that cannot be read, or is none, costs itself") {
  const TemporaryFolder sys;
  sys.write("devices/system/cpu/online", "0-2\n");
  std::filesystem::create_directories(sys.path() / cpu(0) / "cpufreq/scaling_cur_freq");  // EISDIR
  sys.write(cpu(1) / "cpufreq/scaling_cur_freq", "fast\n");
  sys.write(cpu(2) / "cpufreq/scaling_cur_freq", "800000\n");
  const auto found = read_cpu_frequencies(sys.path());
  REQUIRE(found.problems.size() == 2);
  CHECK_THAT(found.problems[0], ContainsSubstring("cpu0/cpufreq/scaling_cur_freq"));
  CHECK_THAT(found.problems[1], ContainsSubstring("fast"));
  CHECK(found.cpus.at(2).current_hertz == 800e6);
}

TEST_CASE("An x86 CPU says its model, vendor and microcode") {
  const auto cpu = parse_cpuinfo(
      "processor\t: 0\n"
      "vendor_id\t: GenuineIntel\n"
      "model\t\t: 94\n"
      "model name\t: Intel(R) Core(TM) i7-6700 CPU @ 3.40GHz\n"
      "microcode\t: 0xf0\n"
      "\n"
      "processor\t: 1\n"
      "model name\t: another\n");
  CHECK(cpu.model == "Intel(R) Core(TM) i7-6700 CPU @ 3.40GHz");
  CHECK(cpu.vendor == "GenuineIntel");
  CHECK(cpu.microcode == "0xf0");
}

TEST_CASE("An ARM CPU without a model name is known by its implementer and part") {
  const auto cpu = parse_cpuinfo(
      "processor\t: 0\n"
      "BogoMIPS\t: 50.00\n"
      "CPU implementer\t: 0x41\n"
      "CPU architecture: 8\n"
      "CPU variant\t: 0x3\n"
      "CPU part\t: 0xd0c\n");
  CHECK(cpu.model == "0xd0c");
  CHECK(cpu.vendor == "0x41");
  CHECK(cpu.microcode.empty());
}

TEST_CASE("A CPU that says nothing of itself is unknown") {
  const auto cpu = parse_cpuinfo("processor\t: 0\nhart\t\t: 2\n\n");
  CHECK(cpu.model.empty());
  CHECK(cpu.vendor.empty());
}
