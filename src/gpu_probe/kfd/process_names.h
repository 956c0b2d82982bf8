// What a process is called and whose it is: /proc/PID/{stat,cgroup}.
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

// The command in /proc/PID/stat, as in /proc/PID/comm: it may hold blanks and parentheses. Absent
// when the text is cut off. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
std::optional<std::string> parse_process_command(std::string_view stat);

struct ProcessName {
  std::string command;
  ProcessOwner owner;  // of nobody when it is refused
};

class ProcessNames {
 public:
  using ByPid = std::map<std::uint32_t, ProcessName>;

  explicit ProcessNames(std::filesystem::path proc);

  // Of these processes, by the host's count of them; one that is not there is left out. None at all
  // when `proc` counts otherwise, as in a container with pids of its own: another process would
  // stand under the number.
  ByPid read(const std::set<std::uint32_t>& pids) const;

 private:
  std::optional<std::string> read_command(std::uint32_t pid) const;
  bool counts_as_the_host() const;

  std::filesystem::path proc_;
};

}  // namespace rig
