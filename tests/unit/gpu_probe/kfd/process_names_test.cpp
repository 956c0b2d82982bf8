#include "gpu_probe/kfd/process_names.h"

#include <filesystem>
#include <string>

#include "gpu_probe/kfd/kfd_machine.h"
#include "support/catch.h"

using namespace rig;
namespace fs = std::filesystem;

TEST_CASE("Processes have no names if /proc belongs to another PID namespace") {
  const KfdMachine machine;
  machine.add_process(17, "1000");
  machine.set_command(17, "trainer", 5);
  machine.set_unit(17, "trainer.service");
  REQUIRE(machine.read().processes.at(0).command == "trainer");
  machine.set_command(2, "sh", 1);  // a container's own PID namespace
  const auto result = machine.read();
  REQUIRE(result.processes.size() == 1);
  CHECK(result.processes[0].pid == 17);
  CHECK(result.processes[0].command.empty());
  CHECK(result.processes[0].unit.empty());
}

TEST_CASE("A process that is missing in /proc has a PID and no names") {
  const KfdMachine machine;
  machine.add_process(4711, "4096");
  const auto process = machine.read().processes.at(0);
  CHECK(process.pid == 4711);
  CHECK(process.memory_bytes == 4096.0);
  CHECK(process.command.empty());
  CHECK(process.unit.empty());
}

TEST_CASE("A reused PID gets the names of the new process") {
  const KfdMachine machine;
  machine.add_process(7, "4096");
  machine.set_command(7, "python3", 100);
  machine.set_unit(7, "first.service");
  auto source = machine.source();
  CHECK(source.read().processes.at(0).unit == "first.service");
  machine.set_unit(7, "second.service");
  machine.set_command(7, "ollama", 101);
  const auto process = source.read().processes.at(0);
  CHECK(process.unit == "second.service");
  CHECK(process.command == "ollama");
}

TEST_CASE("A process that changes its name is listed with the new one") {
  const KfdMachine machine;
  machine.add_process(7, "4096");
  machine.set_command(7, "python3", 100);
  auto source = machine.source();
  CHECK(source.read().processes.at(0).command == "python3");
  machine.set_command(7, "VLLM::Worker", 100);
  CHECK(source.read().processes.at(0).command == "VLLM::Worker");
}

TEST_CASE("An unreadable owner is read again and does not affect the command") {
  const KfdMachine machine;
  machine.add_process(7, "4096");
  machine.set_command(7, "python3", 100);
  auto source = machine.source();
  RigCopy::write(machine.proc(7) / "cgroup", "");
  RigCopy::make_unreadable(machine.proc(7) / "cgroup");
  CHECK(source.read().processes.at(0).command == "python3");
  CHECK(source.read().processes.at(0).unit.empty());
  machine.set_unit(7, "late.service");
  CHECK(source.read().processes.at(0).unit == "late.service");
}

TEST_CASE("The names of an exited process are discarded") {
  const KfdMachine machine;
  machine.add_process(7, "4096");
  machine.set_command(7, "python3", 100);
  machine.set_unit(7, "first.service");
  auto source = machine.source();
  source.read();
  fs::remove_all(machine.process("7"));
  CHECK(source.read().processes.empty());
  machine.add_process(7, "4096");
  fs::remove_all(machine.proc(7));
  CHECK(source.read().processes.at(0).command.empty());
}

TEST_CASE("A process that is moved to another cgroup gets the new owner") {
  const KfdMachine machine;
  machine.add_process(7, "4096");
  machine.set_command(7, "python3", 100);
  machine.set_unit(7, "sshd.service");
  auto source = machine.source();
  CHECK(source.read().processes.at(0).unit == "sshd.service");
  machine.set_unit(7, "training.service");
  CHECK(source.read().processes.at(0).unit == "training.service");
}

TEST_CASE("A command may contain spaces and parentheses, and a truncated line is malformed") {
  CHECK(parse_process_command("4 (a) b (c)) S 1 4 4 0") == "a) b (c)");
  CHECK(parse_process_command("4 () S 1 4 4 0") == "");
  for (const char* text : {"", "4", "4 (", "4 (python3", "4 ) ("})
    CHECK_FALSE(parse_process_command(text));
}
