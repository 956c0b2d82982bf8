#include "gpu_probe/kfd/kfd_processes.h"

#include <unistd.h>

#include <filesystem>
#include <string>

#include "gpu_probe/kfd/kfd_machine.h"
#include "support/catch.h"

using namespace rig;
namespace fs = std::filesystem;

namespace {

using Counts = std::map<std::string, double>;

}  // namespace

TEST_CASE("A process has memory, sdma time, a command and an owner") {
  const KfdMachine machine;
  machine.add_process(4711, "536870912");
  machine.set_command(4711, "python3", 100);
  machine.set_unit(4711, "jupyter.service");
  GpuProcess process;
  process.pci_address = kFirst;
  process.pid = 4711;
  process.command = "python3";
  process.unit = "jupyter.service";
  process.memory_bytes = 536870912;
  process.sdma_seconds = 1.5;
  process.evicted_seconds = 0;
  CHECK(machine.read() == GpuProcesses{{process}, {{kFirst, 1}, {kSecond, 0}}});
}

TEST_CASE("Compute units are read from cu_occupancy") {
  const KfdMachine machine;
  machine.add_process(1, "1");
  const auto file = machine.process("1") / "stats_51100/cu_occupancy";
  RigCopy::write(file, "60\n");
  CHECK(machine.read().processes.at(0).compute_units == 60.0);
  RigCopy::write(file, "0\n");
  CHECK(machine.read().processes.at(0).compute_units == 0.0);
  for (const char* unknown : {"4294967295\n", "-1\n", "", "many\n"}) {
    RigCopy::write(file, unknown);
    CHECK_FALSE(machine.read().processes.at(0).compute_units);
  }
}

TEST_CASE("Without KFD's directory there are no counts") {
  const KfdMachine machine;
  CHECK(machine.read() == GpuProcesses{{}, {{kFirst, 0}, {kSecond, 0}}});
  fs::remove(machine.kfd() / "proc");
  CHECK(machine.read() == GpuProcesses{});
  CHECK(KfdProcesses("/nonexistent", "/nonexistent").read() == GpuProcesses{});
}

TEST_CASE("A process uses a GPU if it has memory or a queue there") {
  const KfdMachine machine;
  machine.add_process(7, "4096");
  RigCopy::write(machine.process("7") / "queues/1/gpuid", "6900");
  const auto result = machine.read();
  REQUIRE(result.processes.size() == 2);
  CHECK(result.processes[1].pci_address == kSecond);
  CHECK(result.processes[1].memory_bytes == 0.0);
  CHECK(result.counts ==
        Counts{{kFirst, 1}, {kSecond, 0}});  // only processes with memory are counted
}

TEST_CASE("Malformed names and unknown GPUs are ignored") {
  const KfdMachine machine;
  machine.add_process(7, "4096");
  RigCopy::write(machine.process("self") / "vram_51100", "1\n");
  RigCopy::write(machine.process("8") / "vram_999", "1\n");
  RigCopy::write(machine.process("8") / "vram_x", "1\n");
  RigCopy::write(machine.process("8") / "queues/3/gpuid", "999");
  RigCopy::write(machine.process("8") / "queues/4/gpuid", "none");
  const auto result = machine.read();
  CHECK(pids(result) == std::vector<double>{7});
  CHECK(result.counts.at(kFirst) == 1);
}

TEST_CASE("A process that is exiting is ignored") {
  const KfdMachine machine;
  machine.add_process(7, "4096");
  fs::create_directories(machine.process("8"));  // its files were removed between two reads
  fs::create_symlink("gone", machine.process("9"));
  const auto result = machine.read();
  CHECK(pids(result) == std::vector<double>{7});
  CHECK(result.counts == Counts{{kFirst, 1}, {kSecond, 0}});
}

TEST_CASE("An unreadable file affects only its own value") {
  const KfdMachine machine;
  machine.add_process(7, "4096");
  RigCopy::write(machine.process("7") / "stats_51100/cu_occupancy", "3\n");
  RigCopy::make_unreadable(machine.process("7") / "sdma_51100");
  const auto process = machine.read().processes.at(0);
  CHECK_FALSE(process.sdma_seconds);
  CHECK(process.memory_bytes == 4096.0);
  CHECK(process.compute_units == 3.0);
}

TEST_CASE("Unreadable memory leaves the process and removes the count of its GPU") {
  const KfdMachine machine;
  machine.add_process(7, "4096");
  machine.add_process(8, "1");
  RigCopy::make_unreadable(machine.process("8") / "vram_51100");
  const auto result = machine.read();
  CHECK(pids(result) == std::vector<double>{7, 8});
  CHECK_FALSE(result.processes[1].memory_bytes);
  CHECK(result.counts == Counts{{kSecond, 0}});
}

TEST_CASE("Implausible or malformed memory is unknown") {
  const KfdMachine machine;
  for (const char* text : {"18446744073709547520", "-4096", "much"}) {
    machine.add_process(7, text);
    const auto result = machine.read();
    REQUIRE(result.processes.size() == 1);
    CHECK_FALSE(result.processes[0].memory_bytes);
    CHECK_FALSE(result.counts.contains(kFirst));
  }
}

TEST_CASE("A kernel without usage files gives no counts") {
  const KfdMachine machine;
  RigCopy::write(machine.process("7") / "pasid", "32769\n");
  CHECK(machine.read() == GpuProcesses{});
}

TEST_CASE("The contexts of a process are summed") {
  const KfdMachine machine;
  machine.add_process(7, "4096");
  RigCopy::write(machine.process("7") / "context_0/vram_51100", "100\n");
  RigCopy::write(machine.process("7") / "context_0/sdma_51100", "500000\n");
  const auto result = machine.read();
  REQUIRE(result.processes.size() == 1);
  CHECK(result.processes[0].memory_bytes == 4196.0);
  CHECK(result.processes[0].sdma_seconds == 2.0);
  CHECK(result.counts.at(kFirst) == 1);
}

TEST_CASE("A process has the time it was evicted, its page faults and migrated memory") {
  const KfdMachine machine;
  machine.add_process(7, "4096");
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  CHECK(machine.read().processes.at(0).evicted_seconds == 0.0);
  CHECK_FALSE(machine.read().processes.at(0).page_faults);
  RigCopy::write(machine.process("7") / "stats_51100/evicted_ms", "1250\n");
  RigCopy::write(machine.process("7") / "counters_51100/faults", "17\n");
  RigCopy::write(machine.process("7") / "counters_51100/page_in", "512\n");
  RigCopy::write(machine.process("7") / "counters_51100/page_out", "3\n");
  const auto process = machine.read().processes.at(0);
  CHECK(process.evicted_seconds == 1.25);
  CHECK(process.page_faults == 17.0);
  CHECK(process.migrated_bytes == Counts{{"in", 512 * page}, {"out", 3 * page}});
}

TEST_CASE("The page faults of a process do not decrease when a context ends") {
  const KfdMachine machine;
  machine.add_process(42, "1000");
  RigCopy::write(machine.process("42") / "counters_51100/faults", "5\n");
  RigCopy::write(machine.process("42") / "context_1/vram_51100", "10\n");
  RigCopy::write(machine.process("42") / "context_1/counters_51100/faults", "2\n");
  auto source = machine.source();
  CHECK(source.read().processes.at(0).page_faults == 7.0);
  fs::remove_all(machine.process("42") / "context_1");
  CHECK(source.read().processes.at(0).page_faults == 7.0);
  RigCopy::write(machine.process("42") / "counters_51100/faults", "6\n");
  CHECK(source.read().processes.at(0).page_faults == 8.0);
}

TEST_CASE("The sdma time of a process does not decrease when a context ends") {
  const KfdMachine machine;
  machine.add_process(42, "1000");
  RigCopy::write(machine.process("42") / "sdma_51100", "100000000\n");
  RigCopy::write(machine.process("42") / "context_1/vram_51100", "10\n");
  RigCopy::write(machine.process("42") / "context_1/sdma_51100", "1000000\n");
  auto source = machine.source();
  CHECK(source.read().processes.at(0).sdma_seconds == 101);
  fs::remove_all(machine.process("42") / "context_1");
  CHECK(source.read().processes.at(0).sdma_seconds == 101);
  RigCopy::write(machine.process("42") / "sdma_51100", "102000000\n");
  CHECK(source.read().processes.at(0).sdma_seconds == 103);
}

TEST_CASE("The largest processes are listed and all are counted") {
  const KfdMachine machine;
  for (int pid = 1; pid <= 100; ++pid) machine.add_process(pid, std::to_string(pid * 4096));
  const auto result = machine.read();
  REQUIRE(result.processes.size() == 32);
  CHECK(result.processes.front().pid == 100);
  CHECK(result.processes.back().pid == 69);
  CHECK(result.counts == Counts{{kFirst, 100}, {kSecond, 0}});
  CHECK(pids(machine.source().read(2)) == std::vector<double>{100, 99});
  CHECK(machine.source().read(0).counts.at(kFirst) == 100);
}

TEST_CASE("Ties are listed in numerical order of PIDs") {
  const KfdMachine machine;
  for (const int pid : {10, 9, 100}) machine.add_process(pid, "4096");
  CHECK(pids(machine.read()) == std::vector<double>{9, 10, 100});
  CHECK(pids(machine.source().read(2)) == std::vector<double>{9, 10});
}

TEST_CASE("The list is sorted by PCI address and limited by memory") {
  const KfdMachine machine;
  machine.add_process(1, "10");
  RigCopy::write(machine.process("1") / "vram_6900", "500\n");
  machine.add_process(2, "300");
  const auto result = machine.read();
  CHECK(pids(result) == std::vector<double>{2, 1, 1});
  CHECK(result.processes[2].pci_address == kSecond);
  CHECK(pids(machine.source().read(2)) == std::vector<double>{2, 1});
  CHECK(machine.source().read(1).processes.at(0).pci_address == kSecond);
}

TEST_CASE("Memory whose number was truncated is unknown") {
  const KfdMachine machine;
  machine.add_process(7, "4096");
  RigCopy::write(machine.process("7") / "vram_51100", "40");
  const auto result = machine.read();
  REQUIRE(result.processes.size() == 1);  // it has a queue, whose file ends without a newline
  CHECK_FALSE(result.processes[0].memory_bytes);
  CHECK_FALSE(result.counts.contains(kFirst));
}
