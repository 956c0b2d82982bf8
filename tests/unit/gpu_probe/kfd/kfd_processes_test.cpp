#include "gpu_probe/kfd/kfd_processes.h"

#include <filesystem>
#include <string>

#include "gpu_probe/kfd/process_names.h"
#include "support/catch.h"
#include "support/rig_copy.h"
#include "support/temporary_folder.h"

using namespace rig;
namespace fs = std::filesystem;

namespace {

const std::string kFirst = "0000:03:00.0";
const std::string kSecond = "0000:06:00.0";

using Counts = std::map<std::string, double>;

// A machine with the GPUs 51100 at 03:00.0 and 6900 at 06:00.0; node 0 is its CPU.
class Machine {
 public:
  Machine() {
    node(0, "0", "0", 0);
    node(1, "51100", "0", 0x0300);
    node(2, "6900", "0", 0x0600);
    fs::create_directories(kfd() / "proc");
    is_called(2, "kthreadd", 1);
  }

  fs::path kfd() const { return folder_.path() / "sys/class/kfd/kfd"; }
  fs::path process(const std::string& pid) const { return kfd() / "proc" / pid; }
  fs::path proc(int pid) const { return folder_.path() / "proc" / std::to_string(pid); }
  fs::path nodes() const { return kfd() / "topology/nodes"; }

  void node(int number, const std::string& id, const std::string& domain, int location) const {
    const fs::path folder = nodes() / std::to_string(number);
    RigCopy::write(folder / "gpu_id", id + "\n");
    RigCopy::write(folder / "properties", "simd_count 120\nlocation_id " +
                                              std::to_string(location) + "\ndomain " + domain +
                                              "\ndrm_render_minor 128\n");
  }

  // As KFD has it for one that uses the first GPU only.
  void uses_first(int pid, const std::string& bytes) const {
    const auto folder = process(std::to_string(pid));
    RigCopy::write(folder / "vram_51100", bytes + "\n");
    RigCopy::write(folder / "sdma_51100", "1500000\n");
    RigCopy::write(folder / "stats_51100/evicted_ms", "0\n");
    RigCopy::write(folder / "vram_6900", "0\n");
    RigCopy::write(folder / "sdma_6900", "0\n");
    RigCopy::write(folder / "queues/0/gpuid", "51100");
  }

  void is_called(int pid, const std::string& command, int start_time) const {
    std::string text = std::to_string(pid) + " (" + command + ") S 1";
    for (int field = 5; field < 22; ++field) text += " 0";
    text += " " + std::to_string(start_time) + " 1000 2 3\n";
    RigCopy::write(proc(pid) / "stat", text);
  }
  void is_owned_by(int pid, const std::string& unit) const {
    RigCopy::write(proc(pid) / "cgroup", "0::/system.slice/" + unit + "\n");
  }

  KfdProcesses source() const { return {folder_.path() / "sys", folder_.path() / "proc"}; }
  GpuProcesses read() const { return source().read(); }

 private:
  TemporaryFolder folder_;
};

std::vector<double> pids(const GpuProcesses& found) {
  std::vector<double> numbers;
  for (const auto& process : found.processes) numbers.push_back(process.pid);
  return numbers;
}

}  // namespace

TEST_CASE("Where processes are counted otherwise than by the host, none has a name") {
  const Machine machine;
  machine.uses_first(17, "1000");
  machine.is_called(17, "trainer", 5);
  machine.is_owned_by(17, "trainer.service");
  REQUIRE(machine.read().processes.at(0).command == "trainer");
  machine.is_called(2, "sh", 1);  // a container's own processes
  const auto found = machine.read();
  REQUIRE(found.processes.size() == 1);
  CHECK(found.processes[0].pid == 17);
  CHECK(found.processes[0].command.empty());
  CHECK(found.processes[0].unit.empty());
}

TEST_CASE("A process has its memory, its copies, its name and its owner") {
  const Machine machine;
  machine.uses_first(4711, "536870912");
  machine.is_called(4711, "python3", 100);
  machine.is_owned_by(4711, "jupyter.service");
  const GpuProcesses expected{
      {{kFirst, 4711, "python3", "jupyter.service", "", "", "", 536870912, 1.5, std::nullopt}},
      {{kFirst, 1}, {kSecond, 0}}};
  CHECK(machine.read() == expected);
}

TEST_CASE("Compute units are those that an Instinct counts") {
  const Machine machine;
  machine.uses_first(1, "1");
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

TEST_CASE("Without KFD's tree nobody is known, which is not the same as nobody") {
  const Machine machine;
  CHECK(machine.read() == GpuProcesses{{}, {{kFirst, 0}, {kSecond, 0}}});
  fs::remove(machine.kfd() / "proc");
  CHECK(machine.read() == GpuProcesses{});
  CHECK(KfdProcesses("/nonexistent", "/nonexistent").read() == GpuProcesses{});
}

TEST_CASE("The GPUs of a rig are known by their ids") {
  const fs::path rigs = RIG_TEST_RIGS;
  const TemporaryFolder folder;
  fs::create_directories(folder.path() / "class/kfd");
  fs::copy(rigs / "rx6800x2-raid0/sys/devices/virtual/kfd/kfd", folder.path() / "class/kfd/kfd",
           fs::copy_options::recursive);
  fs::create_directories(folder.path() / "class/kfd/kfd/proc");
  CHECK(KfdProcesses(folder.path(), "/nonexistent").read().counts ==
        Counts{{kFirst, 0}, {kSecond, 0}});
}

TEST_CASE("A process that /proc does not have has its number and no names") {
  const Machine machine;
  machine.uses_first(4711, "4096");
  const auto process = machine.read().processes.at(0);
  CHECK(process.pid == 4711);
  CHECK(process.memory_bytes == 4096.0);
  CHECK(process.command.empty());
  CHECK(process.unit.empty());
}

TEST_CASE("A GPU that a process does not use is none of its own, one with a queue is") {
  const Machine machine;
  machine.uses_first(7, "4096");
  RigCopy::write(machine.process("7") / "queues/1/gpuid", "6900");
  const auto found = machine.read();
  REQUIRE(found.processes.size() == 2);
  CHECK(found.processes[1].pci_address == kSecond);
  CHECK(found.processes[1].memory_bytes == 0.0);
  CHECK(found.counts == Counts{{kFirst, 1}, {kSecond, 0}});  // of those that hold memory
}

TEST_CASE("What is no number, and what is on an unknown GPU, is passed over") {
  const Machine machine;
  machine.uses_first(7, "4096");
  RigCopy::write(machine.process("self") / "vram_51100", "1\n");
  RigCopy::write(machine.process("8") / "vram_999", "1\n");
  RigCopy::write(machine.process("8") / "vram_x", "1\n");
  RigCopy::write(machine.process("8") / "queues/3/gpuid", "999");
  RigCopy::write(machine.process("8") / "queues/4/gpuid", "none");
  const auto found = machine.read();
  CHECK(pids(found) == std::vector<double>{7});
  CHECK(found.counts.at(kFirst) == 1);
}

TEST_CASE("A process that is about to vanish is passed over") {
  const Machine machine;
  machine.uses_first(7, "4096");
  fs::create_directories(machine.process("8"));  // its files went between two reads
  fs::create_symlink("gone", machine.process("9"));
  const auto found = machine.read();
  CHECK(pids(found) == std::vector<double>{7});
  CHECK(found.counts == Counts{{kFirst, 1}, {kSecond, 0}});
}

TEST_CASE("A refused file costs its own value") {
  const Machine machine;
  machine.uses_first(7, "4096");
  RigCopy::write(machine.process("7") / "stats_51100/cu_occupancy", "3\n");
  RigCopy::refuse(machine.process("7") / "sdma_51100");
  const auto process = machine.read().processes.at(0);
  CHECK_FALSE(process.sdma_seconds);
  CHECK(process.memory_bytes == 4096.0);
  CHECK(process.compute_units == 3.0);
}

TEST_CASE(
    "Refused memory leaves the process, and the number of holders unknown for that GPU only") {
  const Machine machine;
  machine.uses_first(7, "4096");
  machine.uses_first(8, "1");
  RigCopy::refuse(machine.process("8") / "vram_51100");
  const auto found = machine.read();
  CHECK(pids(found) == std::vector<double>{7, 8});
  CHECK_FALSE(found.processes[1].memory_bytes);
  CHECK(found.counts == Counts{{kSecond, 0}});
}

TEST_CASE("Memory that no GPU has is not known") {
  const Machine machine;
  for (const char* text : {"18446744073709547520", "-4096", "much"}) {
    machine.uses_first(7, text);
    const auto found = machine.read();
    REQUIRE(found.processes.size() == 1);
    CHECK_FALSE(found.processes[0].memory_bytes);
    CHECK_FALSE(found.counts.contains(kFirst));
  }
}

TEST_CASE("A kernel that tells nothing of a process' memory makes no false 0") {
  const Machine machine;
  RigCopy::write(machine.process("7") / "pasid", "32769\n");
  CHECK(machine.read() == GpuProcesses{});
}

TEST_CASE("A node that is refused is a GPU of which nothing is known") {
  const Machine machine;
  machine.uses_first(7, "4096");
  RigCopy::refuse(machine.nodes() / "2/gpu_id");
  CHECK(machine.read().counts == Counts{{kFirst, 1}});
  RigCopy::refuse(machine.nodes() / "1/properties");
  CHECK(machine.read() == GpuProcesses{});
}

TEST_CASE("A process is added up over its contexts") {
  const Machine machine;
  machine.uses_first(7, "4096");
  RigCopy::write(machine.process("7") / "context_0/vram_51100", "100\n");
  RigCopy::write(machine.process("7") / "context_0/sdma_51100", "500000\n");
  const auto found = machine.read();
  REQUIRE(found.processes.size() == 1);
  CHECK(found.processes[0].memory_bytes == 4196.0);
  CHECK(found.processes[0].sdma_seconds == 2.0);
  CHECK(found.counts.at(kFirst) == 1);
}

TEST_CASE("The copies of a process do not go back when one of its contexts ends") {
  const Machine machine;
  machine.uses_first(42, "1000");
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

TEST_CASE("Partitions are parts of their card, wherever the kernel puts their number") {
  const Machine machine;
  machine.node(3, "31", "0", 0x0601);
  machine.node(4, "32", "0", 0x20000600);
  machine.uses_first(7, "4096");
  RigCopy::write(machine.process("7") / "vram_31", "10\n");
  RigCopy::write(machine.process("7") / "vram_32", "20\n");
  const auto found = machine.read();
  REQUIRE(found.processes.size() == 2);
  CHECK(found.processes[1].pci_address == kSecond);
  CHECK(found.processes[1].memory_bytes == 30.0);
  CHECK(found.counts == Counts{{kFirst, 1}, {kSecond, 1}});
}

TEST_CASE("A GPU that is a function of its own, or in another domain, has that address") {
  const Machine machine;
  machine.node(1, "51100", "65536", 0xc3fa);
  CHECK(machine.read().counts.contains("10000:c3:1f.0"));
  fs::create_directories(machine.kfd() / "../../../bus/pci/devices/10000:c3:1f.2/drm");
  CHECK(machine.read().counts.contains("10000:c3:1f.2"));
}

TEST_CASE("A GPU that comes or goes is noticed") {
  const Machine machine;
  auto source = machine.source();
  CHECK(source.read().counts.size() == 2);
  machine.node(3, "77", "0", 0x0900);
  CHECK(source.read().counts.contains("0000:09:00.0"));
  fs::remove_all(machine.nodes() / "1");
  CHECK(source.read().counts == Counts{{kSecond, 0}, {"0000:09:00.0", 0}});
}

TEST_CASE("A GPU that got another id is known as soon as somebody uses it") {
  const Machine machine;
  auto source = machine.source();
  source.read();
  machine.node(1, "77", "0", 0x0300);
  RigCopy::write(machine.process("7") / "vram_77", "4096\n");
  CHECK(source.read().processes.at(0).pci_address == kFirst);
}

TEST_CASE("The largest of a hundred are listed, and all are counted") {
  const Machine machine;
  for (int pid = 1; pid <= 100; ++pid) machine.uses_first(pid, std::to_string(pid * 4096));
  const auto found = machine.read();
  REQUIRE(found.processes.size() == 32);
  CHECK(found.processes.front().pid == 100);
  CHECK(found.processes.back().pid == 69);
  CHECK(found.counts == Counts{{kFirst, 100}, {kSecond, 0}});
  CHECK(pids(machine.source().read(2)) == std::vector<double>{100, 99});
  CHECK(machine.source().read(0).counts.at(kFirst) == 100);
}

TEST_CASE("Of equals the lower pid is listed, by number and not by digits") {
  const Machine machine;
  for (const int pid : {10, 9, 100}) machine.uses_first(pid, "4096");
  CHECK(pids(machine.read()) == std::vector<double>{9, 10, 100});
  CHECK(pids(machine.source().read(2)) == std::vector<double>{9, 10});
}

TEST_CASE("The list goes by PCI address, and the cut by memory alone") {
  const Machine machine;
  machine.uses_first(1, "10");
  RigCopy::write(machine.process("1") / "vram_6900", "500\n");
  machine.uses_first(2, "300");
  const auto found = machine.read();
  CHECK(pids(found) == std::vector<double>{2, 1, 1});
  CHECK(found.processes[2].pci_address == kSecond);
  CHECK(pids(machine.source().read(2)) == std::vector<double>{2, 1});
  CHECK(machine.source().read(1).processes.at(0).pci_address == kSecond);
}

TEST_CASE("Another process under the same number has names of its own") {
  const Machine machine;
  machine.uses_first(7, "4096");
  machine.is_called(7, "python3", 100);
  machine.is_owned_by(7, "first.service");
  auto source = machine.source();
  CHECK(source.read().processes.at(0).unit == "first.service");
  machine.is_owned_by(7, "second.service");
  machine.is_called(7, "ollama", 101);
  const auto process = source.read().processes.at(0);
  CHECK(process.unit == "second.service");
  CHECK(process.command == "ollama");
}

TEST_CASE("A process that gave itself another name has it") {
  const Machine machine;
  machine.uses_first(7, "4096");
  machine.is_called(7, "python3", 100);
  auto source = machine.source();
  CHECK(source.read().processes.at(0).command == "python3");
  machine.is_called(7, "VLLM::Worker", 100);
  CHECK(source.read().processes.at(0).command == "VLLM::Worker");
}

TEST_CASE("An owner that was refused is asked for again, and costs no name") {
  const Machine machine;
  machine.uses_first(7, "4096");
  machine.is_called(7, "python3", 100);
  auto source = machine.source();
  RigCopy::write(machine.proc(7) / "cgroup", "");
  RigCopy::refuse(machine.proc(7) / "cgroup");
  CHECK(source.read().processes.at(0).command == "python3");
  CHECK(source.read().processes.at(0).unit.empty());
  machine.is_owned_by(7, "late.service");
  CHECK(source.read().processes.at(0).unit == "late.service");
}

TEST_CASE("Names of a process that has gone are forgotten") {
  const Machine machine;
  machine.uses_first(7, "4096");
  machine.is_called(7, "python3", 100);
  machine.is_owned_by(7, "first.service");
  auto source = machine.source();
  source.read();
  fs::remove_all(machine.process("7"));
  CHECK(source.read().processes.empty());
  machine.uses_first(7, "4096");
  fs::remove_all(machine.proc(7));
  CHECK(source.read().processes.at(0).command.empty());
}

TEST_CASE("A process that was moved to another control group has its new owner") {
  const Machine machine;
  machine.uses_first(7, "4096");
  machine.is_called(7, "python3", 100);
  machine.is_owned_by(7, "sshd.service");
  auto source = machine.source();
  CHECK(source.read().processes.at(0).unit == "sshd.service");
  machine.is_owned_by(7, "training.service");
  CHECK(source.read().processes.at(0).unit == "training.service");
}

TEST_CASE("A node that could not be read is read again, though nobody uses its GPU") {
  const Machine machine;
  RigCopy::refuse(machine.nodes() / "2/properties");
  auto source = machine.source();
  CHECK_FALSE(source.read().counts.contains(kSecond));
  machine.node(2, "6900", "0", 0x0600);
  CHECK(source.read().counts.at(kSecond) == 0);
}

TEST_CASE("A command may have blanks and parentheses, and a cut line is none") {
  CHECK(parse_process_command("4 (a) b (c)) S 1 4 4 0") == "a) b (c)");
  CHECK(parse_process_command("4 () S 1 4 4 0") == "");
  for (const char* text : {"", "4", "4 (", "4 (python3", "4 ) ("})
    CHECK_FALSE(parse_process_command(text));
}
