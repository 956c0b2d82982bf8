// A fake sysfs and procfs with KFD's files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gpu_probe/kfd/kfd_processes.h"
#include "support/rig_copy.h"
#include "support/temporary_directory.h"

namespace rig {

inline const std::string kFirst = "0000:03:00.0";
inline const std::string kSecond = "0000:06:00.0";

// A machine with the GPUs 51100 at 03:00.0 and 6900 at 06:00.0; node 0 is a CPU.
class KfdMachine {
 public:
  KfdMachine() {
    write_node(0, "0", "0", 0);
    write_node(1, "51100", "0", 0x0300);
    write_node(2, "6900", "0", 0x0600);
    std::filesystem::create_directories(kfd() / "proc");
    set_command(2, "kthreadd", 1);
  }

  std::filesystem::path kfd() const { return directory_.path() / "sys/class/kfd/kfd"; }
  std::filesystem::path nodes() const { return kfd() / "topology/nodes"; }
  // KFD's directory of a process.
  std::filesystem::path process(const std::string& pid) const { return kfd() / "proc" / pid; }
  // The directory in /proc.
  std::filesystem::path proc(int pid) const {
    return directory_.path() / "proc" / std::to_string(pid);
  }

  void write_node(int number, const std::string& id, const std::string& domain,
                  int location) const {
    const auto node = nodes() / std::to_string(number);
    RigCopy::write(node / "gpu_id", id + "\n");
    RigCopy::write(node / "properties", "simd_count 120\nlocation_id " + std::to_string(location) +
                                            "\ndomain " + domain + "\ndrm_render_minor 128\n");
  }

  // Creates a process that uses only the first GPU.
  void add_process(int pid, const std::string& bytes) const {
    const auto directory = process(std::to_string(pid));
    RigCopy::write(directory / "vram_51100", bytes + "\n");
    RigCopy::write(directory / "sdma_51100", "1500000\n");
    RigCopy::write(directory / "stats_51100/evicted_ms", "0\n");
    RigCopy::write(directory / "vram_6900", "0\n");
    RigCopy::write(directory / "sdma_6900", "0\n");
    RigCopy::write(directory / "queues/0/gpuid", "51100");
  }

  void set_command(int pid, const std::string& command, int start_time) const {
    std::string text = std::to_string(pid) + " (" + command + ") S 1";
    for (int field = 5; field < 22; ++field) text += " 0";
    text += " " + std::to_string(start_time) + " 1000 2 3\n";
    RigCopy::write(proc(pid) / "stat", text);
  }
  void set_unit(int pid, const std::string& unit) const {
    RigCopy::write(proc(pid) / "cgroup", "0::/system.slice/" + unit + "\n");
  }

  KfdProcesses source() const { return {directory_.path() / "sys", directory_.path() / "proc"}; }
  GpuProcesses read() const { return source().read(); }

 private:
  TemporaryDirectory directory_;
};

inline std::vector<double> pids(const GpuProcesses& result) {
  std::vector<double> numbers;
  for (const auto& process : result.processes) numbers.push_back(process.pid);
  return numbers;
}

}  // namespace rig
