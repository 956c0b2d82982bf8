// The commands and owners of processes: /proc/PID/{stat,cgroup}.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "gpu_probe/kfd/process_owner.h"

namespace rig {

// The command in /proc/PID/stat, which is that of /proc/PID/comm and may contain spaces and
// parentheses. std::nullopt if malformed.
// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
std::optional<std::string> parse_process_command(std::string_view stat);

struct ProcessName {
  std::string command;
  ProcessOwner owner;  // empty if it cannot be read
};

class ProcessNames {
 public:
  using ByPid = std::map<std::uint32_t, ProcessName>;

  explicit ProcessNames(std::filesystem::path proc);

  // The names of the processes with these PIDs in the host's PID namespace, without those that do
  // not exist. Empty if `proc` belongs to another PID namespace, as in a container, because a PID
  // would be that of another process there.
  ByPid read(const std::set<std::uint32_t>& pids) const;

 private:
  std::optional<std::string> read_command(std::uint32_t pid) const;
  bool is_host_namespace() const;

  std::filesystem::path proc_;
};

}  // namespace rig
