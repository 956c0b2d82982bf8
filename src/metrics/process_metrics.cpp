#include "rig/metrics/process_metrics.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>

#include "rig/kernel/files.h"
#include "rig/kernel/root_paths.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr auto kCpu = counter("process_cpu_seconds_total", Unit::seconds,
                              "User and system CPU time of the exporter since it started.");
constexpr auto kResident =
    gauge("process_resident_memory_bytes", Unit::bytes, "Resident memory of the exporter.");
constexpr auto kVirtual =
    gauge("process_virtual_memory_bytes", Unit::bytes, "Virtual memory of the exporter.");
constexpr auto kOpenFds =
    gauge("process_open_fds", Unit::none, "Number of open file descriptors of the exporter.");
constexpr auto kMaxFds = gauge("process_max_fds", Unit::none,
                               "Maximum number of open file descriptors of the exporter.");
constexpr auto kStart = gauge("process_start_time_seconds", Unit::seconds,
                              "Start time of the exporter, in seconds since the Unix epoch.");
constexpr std::array<const MetricInfo*, 6> kProcessMetrics{&kCpu,     &kResident, &kVirtual,
                                                           &kOpenFds, &kMaxFds,   &kStart};

struct SelfStat {
  std::optional<double> start_ticks;  // since boot
  std::optional<double> virtual_bytes;
  std::optional<double> resident_pages;
};

// /proc/self/stat, proc_pid_stat(5): the fields after the command, which is in parentheses and may
// contain any characters.
SelfStat parse_self_stat(std::string_view text) {
  const auto end_of_command = text.rfind(')');
  if (end_of_command == text.npos) return {};
  const auto fields = words(trim(text.substr(end_of_command + 1)));  // the first is field 3
  constexpr std::size_t kStartTime = 22 - 3;
  constexpr std::size_t kVsize = 23 - 3;
  constexpr std::size_t kRss = 24 - 3;
  if (fields.size() <= kRss) return {};
  return {parse_number<std::uint64_t>(fields[kStartTime]),
          parse_number<std::uint64_t>(fields[kVsize]), parse_number<std::uint64_t>(fields[kRss])};
}

std::optional<double> parse_boot_time(std::string_view proc_stat) {
  for (const auto line : complete_lines(proc_stat)) {
    if (line.starts_with("btime ")) return parse_number<std::uint64_t>(line.substr(6));
  }
  return std::nullopt;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::optional<double> cpu_seconds() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return std::nullopt;
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Linux 6.2 and later say how many there are; before that the size is 0.
ReadResult<double> open_fds(const std::filesystem::path& directory) {
  struct stat status {};
  if (stat(directory.c_str(), &status) == 0 && status.st_size > 0)
    return static_cast<double>(status.st_size);
  // One of the descriptors is that of the directory itself, open while it is listed.
  const auto names = list_names(directory);
  if (names.problem() != nullptr) return *names.problem();
  if (!names) return std::nullopt;
  return static_cast<double>(names->size()) - 1;
}

std::optional<double> max_fds() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return static_cast<double>(limit.rlim_cur);
}

std::optional<double> start_time(const std::filesystem::path& proc, const SelfStat& stat) {
  if (!stat.start_ticks) return std::nullopt;
  const auto boot_time = parse_boot_time(read_text(proc / "stat").value_or(""));
  if (!boot_time) return std::nullopt;
  return *boot_time + *stat.start_ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// It does not change: kept once it has been read.
std::optional<double> start_time_once(const std::filesystem::path& proc, const SelfStat& stat) {
  static std::mutex mutex;
  static std::optional<double> started;
  const std::lock_guard lock(mutex);
  if (!started) started = start_time(proc, stat);
  return started;
}

}  // namespace

std::span<const MetricInfo* const> process_metrics() { return kProcessMetrics; }

void add_process_metrics(Samples& samples) {
  const auto proc = RootPaths{}.proc;
  const auto text = read_text(proc / "self/stat");
  const auto* const readable = samples.value_or_problem(text);
  const SelfStat now = parse_self_stat(readable != nullptr ? *readable : "");

  samples.add(kCpu, cpu_seconds());
  samples.add(kVirtual, now.virtual_bytes);
  if (now.resident_pages) {
    samples.add(kResident, *now.resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
  }
  const auto descriptors = open_fds(proc / "self/fd");
  if (const auto* count = samples.value_or_problem(descriptors)) samples.add(kOpenFds, *count);
  samples.add(kMaxFds, max_fds());
  samples.add(kStart, start_time_once(proc, now));
}

}  // namespace rig
