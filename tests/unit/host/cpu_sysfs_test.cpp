#include "host/cpu_sysfs.h"

#include <map>

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

constexpr auto kCpus = "devices/system/cpu";

std::filesystem::path cpu(unsigned number) {
  return std::filesystem::path(kCpus) / ("cpu" + std::to_string(number));
}

void write_siblings(const TemporaryDirectory& sys, unsigned number, std::string_view core,
                    std::string_view socket) {
  sys.write(cpu(number) / "topology/thread_siblings_list", core);
  sys.write(cpu(number) / "topology/core_siblings_list", socket);
}

}  // namespace

TEST_CASE("A CPU list consists of numbers and ranges") {
  CHECK(parse_cpu_list("0-3,8,10-11\n") == std::vector<unsigned>{0, 1, 2, 3, 8, 10, 11});
  CHECK(parse_cpu_list("0") == std::vector<unsigned>{0});
  CHECK(parse_cpu_list("0-4095")->size() == 4096);
  CHECK(parse_cpu_list("\n")->empty());
}

TEST_CASE("A malformed CPU list and one with a huge range are rejected") {
  CHECK_FALSE(parse_cpu_list("all"));
  CHECK_FALSE(parse_cpu_list("0-"));
  CHECK_FALSE(parse_cpu_list("0,,1"));
  CHECK_FALSE(parse_cpu_list("3-0"));
  CHECK_FALSE(parse_cpu_list("0-4294967295"));
}

TEST_CASE("Four cores with two threads each in one socket are counted") {
  const TemporaryDirectory sys;
  sys.write("devices/system/cpu/online", "0-7\n");
  for (unsigned i = 0; i < 8; ++i)
    write_siblings(sys, i, std::to_string(i % 4) + "," + std::to_string(i % 4 + 4) + "\n", "0-7\n");
  const auto topology = read_cpu_topology(sys.path());
  CHECK(topology.sockets == 1U);
  CHECK(topology.cores == 4U);
  CHECK(topology.threads == 8U);
}

TEST_CASE("Cores of a hybrid CPU with one and with two threads are counted") {
  const TemporaryDirectory sys;
  sys.write("devices/system/cpu/online", "0-5\n");
  for (unsigned i = 0; i < 4; ++i) write_siblings(sys, i, i < 2 ? "0-1" : "2-3", "0-5");
  for (unsigned i = 4; i < 6; ++i) write_siblings(sys, i, std::to_string(i), "0-5");
  const auto topology = read_cpu_topology(sys.path());
  CHECK(topology.cores == 4U);
  CHECK(topology.threads == 6U);
}

TEST_CASE("Offline threads are not counted, and a core is if any of its threads is online") {
  const TemporaryDirectory sys;
  sys.write("devices/system/cpu/online", "0,2-3\n");
  write_siblings(sys, 0, "0", "0,2-3");
  write_siblings(sys, 2, "2-3", "0,2-3");
  const auto topology = read_cpu_topology(sys.path());
  CHECK(topology.sockets == 1U);
  CHECK(topology.cores == 2U);
  CHECK(topology.threads == 3U);
}

TEST_CASE("Without topology directories only the number of threads is known") {
  const TemporaryDirectory sys;
  sys.write("devices/system/cpu/online", "0-1\n");
  const auto topology = read_cpu_topology(sys.path());
  CHECK(topology.threads == 2U);
  CHECK_FALSE(topology.cores);
  CHECK_FALSE(topology.sockets);
  CHECK_FALSE(read_cpu_topology(sys.path() / "gone").threads);
}

TEST_CASE("Package throttles are reported for the first CPU of each socket") {
  const TemporaryDirectory sys;
  sys.write("devices/system/cpu/online", "1-4\n");
  for (unsigned i = 1; i < 5; ++i) {
    write_siblings(sys, i, std::to_string(i), i < 3 ? "1-2" : "3-4");
    sys.write(cpu(i) / "thermal_throttle/core_throttle_count", std::to_string(i) + "\n");
    sys.write(cpu(i) / "thermal_throttle/package_throttle_count", "7\n");
  }
  const auto topology = read_cpu_topology(sys.path());
  CHECK(topology.first_of_sockets == std::vector<unsigned>{1, 3});
  const auto found = read_cpu_throttles(sys.path(), topology.online, topology.first_of_sockets);
  CHECK(found.problems.empty());
  std::map<unsigned, std::uint64_t> packages;
  std::map<unsigned, std::uint64_t> cores;
  for (const auto& count : found.counts) {
    if (count.package) packages[count.cpu] = *count.package;
    if (count.core) cores[count.cpu] = *count.core;
  }
  CHECK(packages == std::map<unsigned, std::uint64_t>{{1, 7}, {3, 7}});
  CHECK(cores == std::map<unsigned, std::uint64_t>{{1, 1}, {2, 2}, {3, 3}, {4, 4}});
}

TEST_CASE("A malformed throttle count affects its own CPU only; AMD CPUs have no counts") {
  const TemporaryDirectory sys;
  CHECK(read_cpu_throttles(sys.path(), {0, 1}, {}).counts.empty());
  sys.write(cpu(0) / "thermal_throttle/core_throttle_count", "often\n");
  sys.write(cpu(1) / "thermal_throttle/core_throttle_count", "5\n");
  const auto found = read_cpu_throttles(sys.path(), {0, 1}, {});
  REQUIRE(found.problems.size() == 1);
  CHECK_THAT(found.problems[0], ContainsSubstring("no number: often"));
  REQUIRE(found.counts.size() == 2);
  CHECK(found.counts[1].core == 5U);
}
