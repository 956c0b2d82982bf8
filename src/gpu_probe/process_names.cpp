#include "process_names.h"

#include <cstddef>
#include <utility>

#include "rig/kernel_file.h"
#include "rig/kernel_text.h"

namespace rig {

std::optional<ProcessStat> parse_process_stat(std::string_view text) {
  constexpr std::size_t kStartTime = 22 - 3;  // counted from the field behind the command
  const auto open = text.find('(');
  const auto close = text.rfind(')');
  if (open == text.npos || close == text.npos || close < open) return std::nullopt;
  const auto fields = words(text.substr(close + 1));
  if (fields.size() <= kStartTime) return std::nullopt;
  const auto start_time = parse_number<std::uint64_t>(fields[kStartTime]);
  if (!start_time) return std::nullopt;
  return ProcessStat{std::string(text.substr(open + 1, close - open - 1)), *start_time};
}

ProcessNames::ProcessNames(std::filesystem::path proc) : proc_(std::move(proc)) {}

const ProcessNames::ByPid& ProcessNames::read(const std::set<std::uint32_t>& pids) {
  ByPid now;
  if (!pids.empty() && counts_as_the_host()) {
    for (const auto pid : pids) {
      if (auto stat = read_stat(pid)) now.emplace(pid, read_one(pid, std::move(*stat)));
    }
  }
  known_ = std::move(now);
  return known_;
}

std::optional<ProcessStat> ProcessNames::read_stat(std::uint32_t pid) const {
  return parse_process_stat(try_read_file(proc_ / std::to_string(pid) / "stat").text.value_or(""));
}

// The kernel's own first thread is process 2 of the host, and is in no other namespace of pids.
bool ProcessNames::counts_as_the_host() const {
  const auto second = read_stat(2);
  return second && second->command == "kthreadd";
}

ProcessName ProcessNames::read_one(std::uint32_t pid, ProcessStat stat) const {
  const auto before = known_.find(pid);
  if (before != known_.end() && before->second.stat.start_time == stat.start_time &&
      before->second.owner) {
    return {std::move(stat), before->second.owner};
  }
  const auto cgroup = try_read_file(proc_ / std::to_string(pid) / "cgroup").text;
  if (!cgroup) return {std::move(stat), std::nullopt};
  return {std::move(stat), parse_process_owner(*cgroup)};
}

}  // namespace rig
