#include <unistd.h>

#include <chrono>

#include "rig/scrape/collectors.h"
#include "support/catch.h"
#include "support/collect.h"
#include "support/problem_texts.h"
#include "support/series.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

using Series = std::map<std::string, double>;

constexpr auto kCorrectable = "sys/devices/system/edac/mc/mc0/ce_count";

void write_node(const TemporaryDirectory& machine, const std::string& node) {
  machine.write("sys/devices/system/node/node" + node + "/meminfo",
                "Node " + node + " MemTotal: 8 kB\nNode " + node + " MemFree: 6 kB\nNode " + node +
                    " MemUsed: 2 kB\n");
}

// One file of each kind, with one series each.
void write_machine(const TemporaryDirectory& machine) {
  machine.write("proc/meminfo", "MemTotal: 2048 kB\nMemFree: 0 kB\n");
  machine.write("proc/vmstat", "pgmajfault 5\n");
  machine.write("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "2\n");
  machine.write(kCorrectable, "3\n");
}

const Series kAll{
    {"rig_memory_total_bytes", 2048 * 1024},
    {"rig_memory_free_bytes", 0},
    {"rig_memory_major_faults_total", 5},
    {"rig_memory_hugepages_pool_bytes{size=\"2097152\"}", 4 << 20},
    {"rig_memory_errors_total{controller=\"mc0\",severity=\"correctable\"}", 3},
};

}  // namespace

TEST_CASE("The memory collector reports every series of a small machine") {
  const TemporaryDirectory machine;
  write_machine(machine);
  const auto samples = collect(memory_collector(), machine);
  CHECK(samples.problems().empty());
  CHECK(series(samples) == kAll);
}

TEST_CASE("Swapped pages are reported in bytes") {
  const TemporaryDirectory machine;
  machine.write("proc/meminfo", "MemTotal: 4 kB\nMemFree: 0 kB\n");
  machine.write("proc/vmstat", "pswpin 3\npswpout 4\noom_kill 1\n");
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  CHECK(series(collect(memory_collector(), machine)) ==
        Series{{"rig_memory_total_bytes", 4096},
               {"rig_memory_free_bytes", 0},
               {"rig_memory_swapped_in_bytes_total", 3 * page},
               {"rig_memory_swapped_out_bytes_total", 4 * page},
               {"rig_memory_oom_kills_total", 1}});
}

TEST_CASE("A single NUMA node is omitted") {
  const TemporaryDirectory machine;
  machine.write("proc/meminfo", "MemTotal: 8 kB\nMemFree: 0 kB\n");
  write_node(machine, "0");
  CHECK(series(collect(memory_collector(), machine)) ==
        Series{{"rig_memory_total_bytes", 8192}, {"rig_memory_free_bytes", 0}});

  write_node(machine, "8");
  CHECK(series(collect(memory_collector(), machine)) ==
        Series{{"rig_memory_total_bytes", 8192},
               {"rig_memory_free_bytes", 0},
               {"rig_memory_node_total_bytes{node=\"0\"}", 8192},
               {"rig_memory_node_free_bytes{node=\"0\"}", 6144},
               {"rig_memory_node_used_bytes{node=\"0\"}", 2048},
               {"rig_memory_node_total_bytes{node=\"8\"}", 8192},
               {"rig_memory_node_free_bytes{node=\"8\"}", 6144},
               {"rig_memory_node_used_bytes{node=\"8\"}", 2048}});
}

TEST_CASE("A malformed file affects its own memory series only") {
  const auto [file, missing] =
      GENERATE(std::pair("proc/meminfo", "rig_memory_total_bytes rig_memory_free_bytes"),
               std::pair("proc/vmstat", "rig_memory_major_faults_total"),
               std::pair("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages",
                         "rig_memory_hugepages_pool_bytes{size=\"2097152\"}"),
               std::pair(kCorrectable,
                         "rig_memory_errors_total{controller=\"mc0\",severity=\"correctable\"}"));
  const TemporaryDirectory machine;
  write_machine(machine);
  machine.write(file, "pgmajfault garbage\n");
  const auto samples = collect(memory_collector(), machine);
  Series expected = kAll;
  std::erase_if(expected, [names = std::string_view(missing)](const auto& one) {
    return names.find(one.first) != std::string_view::npos;
  });
  CHECK(series(samples) == expected);
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(texts(samples.problems())[0], ContainsSubstring(file));
}

TEST_CASE("An unreadable file affects its own memory series only") {
  const TemporaryDirectory machine;
  write_machine(machine);
  for (const char* file : {"proc/meminfo", "proc/vmstat"}) {
    std::filesystem::remove(machine.path() / file);
    std::filesystem::create_directory(machine.path() / file);  // EISDIR
  }
  const auto samples = collect(memory_collector(), machine);
  CHECK(samples.problems().size() == 2);
  CHECK(series(samples).size() == kAll.size() - 3);
}

TEST_CASE("An EDAC read that hangs affects the error counts only") {
  const TemporaryDirectory machine;
  write_machine(machine);
  const auto fifo = machine.make_fifo(kCorrectable);
  const auto collector = make_collector(memory_collector(), machine);
  for (int scrape = 0; scrape < 3; ++scrape) {
    const auto samples = collect(*collector, 500ms);
    CHECK(series(samples).size() == kAll.size() - 1);
    REQUIRE(samples.problems().size() == 1);
    CHECK_THAT(texts(samples.problems())[0], ContainsSubstring("edac: read timed out"));
  }
  release_fifo(fifo);
}

TEST_CASE("A memory file that hangs costs its own series only") {
  const char* const file =
      GENERATE("proc/meminfo", "proc/vmstat", "sys/devices/system/node/node0/meminfo",
               "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages");
  const TemporaryDirectory machine;
  write_machine(machine);
  const auto fifo = machine.make_fifo(file);
  const auto collector = make_collector(memory_collector(), machine);
  const auto samples = collect(*collector, 1s);
  CHECK(series(samples).size() >= kAll.size() - 2);
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(texts(samples.problems())[0], ContainsSubstring("read timed out"));
  release_fifo(fifo);
}

TEST_CASE("A malformed line of meminfo is a problem and affects its own series only") {
  const TemporaryDirectory machine;
  machine.write("proc/meminfo", "MemTotal: 2048 kB\nMemFree: lots\nSwapTotal: 0 kB\n");
  const auto samples = collect(memory_collector(), machine);
  CHECK(series(samples) ==
        Series{{"rig_memory_total_bytes", 2048 * 1024}, {"rig_memory_swap_total_bytes", 0}});
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(texts(samples.problems())[0],
             ContainsSubstring("meminfo: malformed: \"MemFree: lots\""));
}

TEST_CASE("A missing meminfo is a problem") {
  const TemporaryDirectory machine;
  const auto samples = collect(memory_collector(), machine);
  CHECK(samples.families().empty());
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(texts(samples.problems())[0],
             ContainsSubstring("proc/meminfo: missing; is --path.procfs correct?"));
}

TEST_CASE("Memory values that wrapped below zero are absent, and the others are shown") {
  const TemporaryDirectory machine;
  write_machine(machine);
  machine.write("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "3\n");
  machine.write("sys/kernel/mm/hugepages/hugepages-2048kB/resv_hugepages",
                "18446744073709551615\n");
  machine.write("sys/devices/system/edac/mc/mc0/ue_count", "4294967295\n");
  for (const char* node : {"0", "1"}) write_node(machine, node);
  machine.write("sys/devices/system/node/node1/meminfo",
                "Node 1 MemTotal: 8 kB\nNode 1 MemFree: 9 kB\n"
                "Node 1 MemUsed: 18446744073709551615 kB\n");
  const auto samples = collect(memory_collector(), machine);
  Series expected = kAll;
  expected["rig_memory_node_total_bytes{node=\"0\"}"] = 8192;
  expected["rig_memory_node_free_bytes{node=\"0\"}"] = 6144;
  expected["rig_memory_node_used_bytes{node=\"0\"}"] = 2048;
  expected["rig_memory_node_total_bytes{node=\"1\"}"] = 8192;
  CHECK(series(samples) == expected);
  CHECK(samples.problems().size() == 5);
  for (const Problem& problem : samples.problems()) CHECK(problem.reason == Reason::implausible);
}

TEST_CASE("Cut files of the memory are problems") {
  const TemporaryDirectory machine;
  write_machine(machine);
  machine.write("proc/meminfo", "MemTotal: 2048 kB\nMemFree: 0 kB\nSwapTotal: 10");
  machine.write("proc/vmstat", "pgmajfault 5\noom_kill 1");
  const auto samples = collect(memory_collector(), machine);
  CHECK(series(samples) == kAll);
  CHECK(samples.problems().size() == 2);
}
