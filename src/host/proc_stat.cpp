#include "rig/proc_stat.h"

#include <algorithm>

#include "rig/kernel_text.h"

namespace rig {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Absent when a column is no number, or there is none.
std::optional<CpuTicks> parse_cpu_line(std::string_view line) {
  const auto columns = words(line);
  CpuTicks cpu;
  cpu.cpu = columns[0].substr(3);
  if (columns.size() < 2 || !parse_number<unsigned>(cpu.cpu)) return std::nullopt;
  const std::size_t known = std::min(columns.size() - 1, kCpuModes.size());
  for (std::size_t i = 0; i < known; ++i) {
    cpu.ticks[i] = parse_number<std::uint64_t>(columns[i + 1]);
    if (!cpu.ticks[i]) return std::nullopt;
  }
  return cpu;
}

}  // namespace

ProcStat parse_proc_stat(std::string_view text) {
  constexpr std::string_view kBootTime = "btime ";
  ProcStat stat;
  for (const std::string_view line : lines(text)) {
    bool understood = true;
    if (line.starts_with("cpu") && line.size() > 3 && is_digit(line[3])) {
      const auto cpu = parse_cpu_line(line);
      understood = cpu.has_value();
      if (cpu) stat.cpus.push_back(*cpu);
    } else if (line.starts_with(kBootTime)) {
      stat.boot_time_seconds = parse_number<double>(line.substr(kBootTime.size()));
      understood = stat.boot_time_seconds.has_value();
    }
    if (!understood) stat.senseless.emplace_back(line);
  }
  return stat;
}

}  // namespace rig
