#include "host/cpu_time_bounds.h"

#include <time.h>

#include <algorithm>
#include <array>

#include "host/cpu_list.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr double kUnknownUptimeSeconds = 1e9;
// Ticks are counted by another clock than the uptime.
constexpr double kClockRatio = 1.1;
constexpr double kMarginSeconds = 60;
// The kernel does not read both at the same moment.
constexpr double kGuestMarginSeconds = 2;

using Modes = std::array<bool, kCpuModes.size()>;

struct Inclusion {
  std::size_t part;
  std::size_t whole;
};
constexpr auto kGuests = std::to_array<Inclusion>({{8, 0}, {9, 1}});  // guest, guest_nice
static_assert(kCpuModes[8] == "guest" && kCpuModes[9] == "guest_nice");

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec);
}

// Removes the implausible times of one CPU and marks their modes.
void remove_from(CpuTicks& cpu, double longest_ticks, double guest_margin_ticks, Modes& removed,
                 std::vector<std::string>& descriptions) {
  const auto remove = [&](std::size_t mode, const std::string& why) {
    descriptions.push_back("implausible: time of " +
                           (cpu.cpu == "all" ? "all CPUs" : "CPU " + cpu.cpu) + " in mode " +
                           std::string(kCpuModes[mode]) + " is longer than " + why);
    cpu.ticks[mode].reset();
    removed[mode] = true;
  };
  for (std::size_t mode = 0; mode < kCpuModes.size(); ++mode) {
    if (cpu.ticks[mode] && static_cast<double>(*cpu.ticks[mode]) > longest_ticks)
      remove(mode, "the time since boot");
  }
  for (const auto& [part, whole] : kGuests) {
    if (cpu.ticks[part] && cpu.ticks[whole] &&
        static_cast<double>(*cpu.ticks[part]) >
            static_cast<double>(*cpu.ticks[whole]) + guest_margin_ticks)
      remove(part, "in mode " + std::string(kCpuModes[whole]));
  }
}

}  // namespace

ReadResult<Uptime> read_uptime(const std::string& file) {
  const auto text = read_procfs(file);
  if (text.problem() != nullptr) return *text.problem();
  if (!text) return std::nullopt;
  if (is_truncated(*text)) return Problem::truncated(file);
  const auto seconds = parse_number<double>(split_at(*text, ' ').before);
  if (!seconds) return Problem::malformed(file, trim(*text));
  return Uptime{*seconds};
}

std::optional<double> longest_uptime_seconds(const std::filesystem::path& proc,
                                             std::optional<double> uptime_seconds,
                                             std::optional<std::uint64_t> btime) {
  if (!is_procfs(proc)) return uptime_seconds;
  const double since_boot = btime ? seconds_of(CLOCK_REALTIME) - static_cast<double>(*btime) : 0.0;
  return std::max({uptime_seconds.value_or(0), seconds_of(CLOCK_BOOTTIME), since_boot});
}

std::vector<std::string> remove_implausible(ProcStat& stat, std::optional<double> uptime_seconds,
                                            double ticks_per_second) {
  const double longest_seconds =
      uptime_seconds.value_or(kUnknownUptimeSeconds) * kClockRatio + kMarginSeconds;
  const double longest_ticks = longest_seconds * ticks_per_second;
  const double guest_margin = kGuestMarginSeconds * ticks_per_second;
  std::vector<std::string> descriptions;
  Modes removed{};
  for (CpuTicks& cpu : stat.cpus)
    remove_from(cpu, longest_ticks, guest_margin, removed, descriptions);
  if (!stat.total) return descriptions;
  // It includes CPUs that are offline now, whose number is unknown.
  remove_from(*stat.total, longest_ticks * kMaxCpus, guest_margin * kMaxCpus, removed,
              descriptions);
  for (std::size_t mode = 0; mode < kCpuModes.size(); ++mode) {
    if (removed[mode]) stat.total->ticks[mode].reset();
  }
  return descriptions;
}

}  // namespace rig
