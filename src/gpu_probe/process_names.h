// What a process is called and whose it is: /proc/PID/{stat,cgroup}.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "process_owner.h"

namespace rig {

// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
struct ProcessStat {
  std::string command;           // as in /proc/PID/comm: it may hold blanks and parentheses
  std::uint64_t start_time = 0;  // field 22, ticks since boot

  bool operator==(const ProcessStat&) const = default;
};

// Absent when the text is cut off or senseless.
std::optional<ProcessStat> parse_process_stat(std::string_view text);

struct ProcessName {
  ProcessStat stat;
  std::optional<ProcessOwner> owner;  // absent when it is refused
};

// One thread at a time.
class ProcessNames {
 public:
  using ByPid = std::map<std::uint32_t, ProcessName>;

  explicit ProcessNames(std::filesystem::path proc);

  // Of these processes, by the host's count of them; one that is not there is left out. None at all
  // when `proc` counts otherwise, as in a container with pids of its own: another process would
  // stand under the number. The owner is read once in the life of a
  // process that is asked for every time: another start time is another process under its number.
  const ByPid& read(const std::set<std::uint32_t>& pids);

 private:
  std::optional<ProcessStat> read_stat(std::uint32_t pid) const;
  bool counts_as_the_host() const;
  ProcessName read_one(std::uint32_t pid, ProcessStat stat) const;

  std::filesystem::path proc_;
  ByPid known_;
};

}  // namespace rig
