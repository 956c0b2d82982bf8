#include "gpu_probe/kfd/kfd_topology.h"

#include <filesystem>
#include <string>

#include "gpu_probe/kfd/kfd_machine.h"
#include "support/catch.h"

using namespace rig;
namespace fs = std::filesystem;

namespace {

using Counts = std::map<std::string, double>;

}  // namespace

TEST_CASE("The GPU IDs of a rig are mapped to PCI addresses") {
  const fs::path rigs = RIG_TEST_RIGS;
  const TemporaryDirectory directory;
  fs::create_directories(directory.path() / "class/kfd");
  fs::copy(rigs / "rx6800x2-raid0/sys/devices/virtual/kfd/kfd", directory.path() / "class/kfd/kfd",
           fs::copy_options::recursive);
  fs::create_directories(directory.path() / "class/kfd/kfd/proc");
  CHECK(KfdProcesses(directory.path(), "/nonexistent").read().counts ==
        Counts{{kFirst, 0}, {kSecond, 0}});
}

TEST_CASE("A GPU whose node cannot be read has no count") {
  const KfdMachine machine;
  machine.add_process(7, "4096");
  RigCopy::make_unreadable(machine.nodes() / "2/gpu_id");
  CHECK(machine.read().counts == Counts{{kFirst, 1}});
  RigCopy::make_unreadable(machine.nodes() / "1/properties");
  CHECK(machine.read() == GpuProcesses{});
}

TEST_CASE("Partitions are summed for their GPU") {
  const KfdMachine machine;
  machine.write_node(3, "31", "0", 0x0601);
  machine.write_node(4, "32", "0", 0x20000600);
  machine.add_process(7, "4096");
  RigCopy::write(machine.process("7") / "vram_31", "10\n");
  RigCopy::write(machine.process("7") / "vram_32", "20\n");
  const auto result = machine.read();
  REQUIRE(result.processes.size() == 2);
  CHECK(result.processes[1].pci_address == kSecond);
  CHECK(result.processes[1].memory_bytes == 30.0);
  CHECK(result.counts == Counts{{kFirst, 1}, {kSecond, 1}});
}

TEST_CASE("The PCI function and domain of a GPU are part of its address") {
  const KfdMachine machine;
  machine.write_node(1, "51100", "65536", 0xc3fa);
  CHECK(machine.read().counts.contains("10000:c3:1f.0"));
  fs::create_directories(machine.kfd() / "../../../bus/pci/devices/10000:c3:1f.2/drm");
  CHECK(machine.read().counts.contains("10000:c3:1f.2"));
}

TEST_CASE("Added and removed GPUs are noticed") {
  const KfdMachine machine;
  auto source = machine.source();
  CHECK(source.read().counts.size() == 2);
  machine.write_node(3, "77", "0", 0x0900);
  CHECK(source.read().counts.contains("0000:09:00.0"));
  fs::remove_all(machine.nodes() / "1");
  CHECK(source.read().counts == Counts{{kSecond, 0}, {"0000:09:00.0", 0}});
}

TEST_CASE("A GPU with a new ID is found as soon as it is used") {
  const KfdMachine machine;
  auto source = machine.source();
  source.read();
  machine.write_node(1, "77", "0", 0x0300);
  RigCopy::write(machine.process("7") / "vram_77", "4096\n");
  CHECK(source.read().processes.at(0).pci_address == kFirst);
}

TEST_CASE("An unreadable node is read again even if its GPU is unused") {
  const KfdMachine machine;
  RigCopy::make_unreadable(machine.nodes() / "2/properties");
  auto source = machine.source();
  CHECK_FALSE(source.read().counts.contains(kSecond));
  machine.write_node(2, "6900", "0", 0x0600);
  CHECK(source.read().counts.at(kSecond) == 0);
}

TEST_CASE("A node whose ID or properties were truncated is not used") {
  const KfdMachine machine;
  RigCopy::write(machine.nodes() / "1/gpu_id", "511");
  RigCopy::write(machine.nodes() / "2/properties", "simd_count 120\nlocation_id 1536\ndomain 0");
  CHECK(machine.read().counts.empty());
}
