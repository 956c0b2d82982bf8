#include "host/memory_sysfs.h"

#include "support/catch.h"
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
  CHECK_THAT(found.problems[0],
             ContainsSubstring("node0/meminfo: makes no sense: Node 0 MemTotal"));
}

TEST_CASE("Huge page pools are converted to bytes with the page size in the directory name") {
  const TemporaryDirectory sys;
  const std::string directory = "kernel/mm/hugepages/hugepages-1048576kB/";
  sys.write(directory + "nr_hugepages", "8\n");
  sys.write(directory + "free_hugepages", "3\n");
  sys.write(directory + "resv_hugepages", "1\n");
  sys.write("kernel/mm/hugepages/hugepages-bigkB/nr_hugepages", "5\n");
  const auto found = read_hugepage_pools(sys.path());
  CHECK(found.problems.empty());
  REQUIRE(found.pools.size() == 1);
  CHECK(found.pools[0].page_bytes == 1ULL << 30U);
  CHECK(found.pools[0].bytes == 8.0 * (1 << 30));
  CHECK(found.pools[0].free_bytes == 3.0 * (1 << 30));
  CHECK(found.pools[0].reserved_bytes == 1.0 * (1 << 30));
}

TEST_CASE("A missing or malformed file of a huge page pool affects its own value only") {
  const TemporaryDirectory sys;
  const std::string directory = "kernel/mm/hugepages/hugepages-2048kB/";
  sys.write(directory + "nr_hugepages", "many\n");
  sys.write(directory + "free_hugepages", "3\n");
  const auto found = read_hugepage_pools(sys.path());
  REQUIRE(found.pools.size() == 1);
  CHECK_FALSE(found.pools[0].bytes);
  CHECK(found.pools[0].free_bytes == 3.0 * (2 << 20));
  CHECK_FALSE(found.pools[0].reserved_bytes);
  REQUIRE(found.problems.size() == 1);
  CHECK_THAT(found.problems[0], ContainsSubstring("nr_hugepages: no count: many"));
}

TEST_CASE("Only the controllers in the EDAC directory are read") {
  const TemporaryDirectory sys;
  const std::string directory = "devices/system/edac/mc/";
  sys.write(directory + "power/control", "auto\n");
  sys.write(directory + "mc/ce_count", "9\n");
  sys.write(directory + "mc1/ce_count", "3\n");
  sys.write(directory + "mc1/ce_noinfo_count", "2\n");
  sys.write(directory + "mc1/ue_count", "0\n");
  const auto found = read_memory_controllers(sys.path());
  CHECK(found.problems.empty());
  REQUIRE(found.controllers.size() == 1);
  CHECK(found.controllers[0].name == "mc1");
  CHECK(found.controllers[0].correctable == 3.0);  // includes ce_noinfo_count
  CHECK(found.controllers[0].uncorrectable == 0.0);
}

TEST_CASE("An unreadable EDAC count affects its own value only") {
  const TemporaryDirectory sys;
  const std::string directory = "devices/system/edac/mc/";
  sys.write(directory + "mc0/ce_count/is_a_directory", "");
  sys.write(directory + "mc0/ue_count", "1\n");
  sys.write(directory + "mc1/ce_count", "\n");
  sys.write(directory + "mc1/ue_count", "2\n");
  const auto found = read_memory_controllers(sys.path());
  CHECK(found.problems.size() == 2);
  REQUIRE(found.controllers.size() == 2);
  CHECK_FALSE(found.controllers[0].correctable);
  CHECK(found.controllers[0].uncorrectable == 1.0);
  CHECK_FALSE(found.controllers[1].correctable);
  CHECK(found.controllers[1].uncorrectable == 2.0);
}

TEST_CASE("Missing NUMA, huge page and EDAC directories are not a problem") {
  const TemporaryDirectory sys;
  CHECK(read_numa_nodes(sys.path()).nodes.empty());
  CHECK(read_numa_nodes(sys.path()).problems.empty());
  CHECK(read_hugepage_pools(sys.path()).pools.empty());
  CHECK(read_hugepage_pools(sys.path()).problems.empty());
  CHECK(read_memory_controllers(sys.path()).controllers.empty());
  CHECK(read_memory_controllers(sys.path()).problems.empty());
}
