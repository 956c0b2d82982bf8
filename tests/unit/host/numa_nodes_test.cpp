#include "host/numa_nodes.h"

#include <string>

#include "support/catch.h"
#include "support/problem_texts.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("The meminfo of a NUMA node has a prefix in every line, and MemUsed") {
  const TemporaryDirectory sys;
  sys.write("devices/system/node/node1/meminfo",
            "Node 1 MemTotal:       2048 kB\n"
            "Node 1 MemFree:         512 kB\n"
            "Node 1 MemUsed:        1536 kB\n"
            "Node 1 Active(anon):      8 kB\n"
            "Node 1 HugePages_Total:     0\n");
  sys.write("devices/system/node/possible", "0-1\n");
  const auto found = read_numa_nodes(sys.path());
  CHECK(found.problems.empty());
  REQUIRE(found.nodes.size() == 1);  // node0 is offline and has no directory
  CHECK(found.nodes[0].node == "1");
  CHECK(found.nodes[0].memory.total_bytes == 2048.0 * 1024);
  CHECK(found.nodes[0].memory.free_bytes == 512.0 * 1024);
  CHECK(found.nodes[0].memory.used_bytes == 1536.0 * 1024);
}

TEST_CASE("A NUMA node without memory has 0 bytes") {
  const TemporaryDirectory sys;
  sys.write("devices/system/node/node0/meminfo", "Node 0 MemTotal: 0 kB\nNode 0 MemFree: 0 kB\n");
  const auto found = read_numa_nodes(sys.path());
  REQUIRE(found.nodes.size() == 1);
  CHECK(found.nodes[0].memory.total_bytes == 0.0);
}

TEST_CASE("A malformed line in the meminfo of a NUMA node is a problem") {
  const TemporaryDirectory sys;
  sys.write("devices/system/node/node0/meminfo", "Node 0 MemTotal: x kB\nNode 0 MemFree: 4 kB\n");
  const auto found = read_numa_nodes(sys.path());
  REQUIRE(found.nodes.size() == 1);
  CHECK_FALSE(found.nodes[0].memory.total_bytes);
  CHECK(found.nodes[0].memory.free_bytes == 4096.0);
  REQUIRE(found.problems.size() == 1);
  CHECK_THAT(texts(found.problems)[0],
             ContainsSubstring("node0/meminfo: malformed: \"Node 0 MemTotal"));
}

TEST_CASE("A kernel without NUMA support has no nodes") {
  const TemporaryDirectory sys;
  const auto found = read_numa_nodes(sys.path());
  CHECK(found.nodes.empty());
  CHECK(found.problems.empty());
}
