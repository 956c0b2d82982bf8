#include "gpu_probe/kfd/process_names.h"

#include <cstddef>
#include <utility>

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {

std::optional<std::string> parse_process_command(std::string_view stat) {
  const auto open = stat.find('(');
  const auto close = stat.rfind(')');
  if (open == stat.npos || close == stat.npos || close < open) return std::nullopt;
  return std::string(stat.substr(open + 1, close - open - 1));
}

ProcessNames::ProcessNames(std::filesystem::path proc) : proc_(std::move(proc)) {}

ProcessNames::ByPid ProcessNames::read(const std::set<std::uint32_t>& pids) const {
  ByPid names;
  if (pids.empty() || !is_host_namespace()) return names;
  for (const auto pid : pids) {
    auto command = read_command(pid);
    if (!command) continue;
    const auto cgroup = read_text(proc_ / std::to_string(pid) / "cgroup");
    names[pid] = {*std::move(command), parse_process_owner(cgroup.value_or(""))};
  }
  return names;
}

std::optional<std::string> ProcessNames::read_command(std::uint32_t pid) const {
  return parse_process_command(read_text(proc_ / std::to_string(pid) / "stat").value_or(""));
}

// PID 2 of the host is the kernel thread kthreadd, which is in no other PID namespace.
bool ProcessNames::is_host_namespace() const { return read_command(2) == "kthreadd"; }

}  // namespace rig
