#include "host/proc_stat.h"

#include <algorithm>

#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::string_view kTotal = "all";

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// std::nullopt if malformed.
std::optional<CpuTicks> parse_cpu_line(std::string_view line) {
  const auto columns = words(line);
  CpuTicks cpu;
  cpu.cpu = columns[0].size() > 3 ? columns[0].substr(3) : kTotal;
  if (columns.size() < 2 || (cpu.cpu != kTotal && !parse_number<unsigned>(cpu.cpu)))
    return std::nullopt;
  const std::size_t known = std::min(columns.size() - 1, kCpuModes.size());
  for (std::size_t i = 0; i < known; ++i) {
    cpu.ticks[i] = parse_number<std::uint64_t>(columns[i + 1]);
    if (!cpu.ticks[i]) return std::nullopt;
  }
  return cpu;
}

// Lines with a single number, which every kernel prints.
struct StatLine {
  std::string_view key;
  std::optional<std::uint64_t> ProcStat::*field;
};
constexpr auto kStatLines = std::to_array<StatLine>({
    {"btime", &ProcStat::boot_time_seconds},
    {"ctxt", &ProcStat::context_switches},
    {"processes", &ProcStat::forks},
    {"procs_running", &ProcStat::processes_running},
    {"procs_blocked", &ProcStat::processes_blocked},
});

// Whether a line of the text is malformed rather than missing.
bool is_malformed(const ProcStat& stat, std::string_view key) {
  return std::ranges::any_of(stat.malformed,
                             [&](const std::string& line) { return line.starts_with(key); });
}

std::vector<std::string_view> missing_lines(const ProcStat& stat) {
  std::vector<std::string_view> missing;
  if (!stat.total && stat.cpus.empty() && !is_malformed(stat, "cpu")) missing.emplace_back("cpu");
  for (const StatLine& line : kStatLines) {
    if (!(stat.*line.field) && !is_malformed(stat, line.key)) missing.push_back(line.key);
  }
  return missing;
}

}  // namespace

ProcStat parse_proc_stat(std::string_view text) {
  ProcStat stat;
  for (const std::string_view line : complete_lines(text)) {
    bool valid = true;
    const Split split = split_at(line, ' ');
    const auto known = std::ranges::find(kStatLines, split.before, &StatLine::key);
    if (line.starts_with("cpu") && line.size() > 3 && is_digit(line[3])) {
      const auto cpu = parse_cpu_line(line);
      valid = cpu.has_value();
      if (cpu) stat.cpus.push_back(*cpu);
    } else if (split.before == "cpu") {
      stat.total = parse_cpu_line(line);
      valid = stat.total.has_value();
    } else if (known != kStatLines.end()) {
      stat.*known->field = parse_number<std::uint64_t>(split.after);
      valid = (stat.*known->field).has_value();
    }
    if (!valid) stat.malformed.emplace_back(line);
  }
  stat.missing = missing_lines(stat);
  return stat;
}

}  // namespace rig
