#include "host/cpu_topology.h"

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

constexpr auto kCpuDirectory = "devices/system/cpu";

std::filesystem::path cpu(unsigned number) {
  return std::filesystem::path(kCpuDirectory) / ("cpu" + std::to_string(number));
}

void write_siblings(const TemporaryDirectory& sys, unsigned number, std::string_view core,
                    std::string_view socket) {
  sys.write(cpu(number) / "topology/thread_siblings_list", std::string(core) + "\n");
  sys.write(cpu(number) / "topology/core_siblings_list", std::string(socket) + "\n");
}

}  // namespace

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
  CHECK(topology.online == std::vector<unsigned>{0, 2, 3});
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

TEST_CASE("The first online CPU of each socket is known") {
  const TemporaryDirectory sys;
  sys.write("devices/system/cpu/online", "1-4\n");
  for (unsigned i = 1; i < 5; ++i) write_siblings(sys, i, std::to_string(i), i < 3 ? "1-2" : "3-4");
  CHECK(read_cpu_topology(sys.path()).first_of_sockets == std::vector<unsigned>{1, 3});
}

TEST_CASE("A malformed list of siblings is a problem") {
  const TemporaryDirectory sys;
  sys.write("devices/system/cpu/online", "0\n");
  write_siblings(sys, 0, "many", "0");
  const auto topology = read_cpu_topology(sys.path());
  CHECK_FALSE(topology.cores);
  CHECK(topology.sockets == 1U);
  REQUIRE(topology.problems.size() == 1);
  CHECK(topology.problems[0].reason == Reason::malformed);
}
