// The parsers of the host's and the disks' texts accept any text, and report no number that it does
// not contain.
//
// The input is a sequence of files: see split_files.h. NAME is the name of the parser below.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "disk/diskstats.h"
#include "host/cpu_list.h"
#include "host/cpuinfo.h"
#include "host/loadavg.h"
#include "host/meminfo.h"
#include "host/mount_selection.h"
#include "host/mountinfo.h"
#include "host/os_release.h"
#include "host/pressure.h"
#include "host/proc_stat.h"
#include "host/vmstat.h"
#include "invariant.h"
#include "split_files.h"

namespace rig {
namespace {

void check_stat(std::string_view text) {
  const ProcStat stat = parse_proc_stat(text);
  for (const CpuTicks& cpu : stat.cpus) {
    require(parse_number<unsigned>(cpu.cpu).has_value(), "a CPU has a number");
    require(cpu.ticks[0].has_value(), "a CPU has a time");
  }
  const auto count = std::ranges::count(text, '\n');
  require(static_cast<std::ptrdiff_t>(stat.cpus.size() + stat.malformed.size()) <= count,
          "every line is used once");
}

void check_meminfo(std::string_view text) {
  const Meminfo memory = parse_meminfo(text);
  for (const auto& bytes : {memory.total_bytes, memory.free_bytes, memory.swap_free_bytes,
                            memory.hugepages_total_bytes, memory.committed_bytes})
    require(bytes.value_or(0) >= 0, "an amount of memory is not negative");
}

void check_vmstat(std::string_view text) {
  require(parse_vmstat(text).major_faults.value_or(0) >= 0, "a count is not negative");
}

void check_pressure(std::string_view text) {
  const Pressure pressure = parse_pressure(text);
  require(pressure.some_seconds.value_or(0) >= 0 && pressure.full_seconds.value_or(0) >= 0,
          "a time is not negative");
}

void check_mountinfo(std::string_view text) {
  MountSelection selection("/", 16);
  for (const std::string_view line : complete_lines(text)) {
    const auto mount = parse_mount_line(line);
    if (!mount) continue;
    require(!mount->fstype.empty() && !mount->mountpoint.empty(), "a mount has a type and a place");
    mount->decoded().is_whole_tree();
    selection.add(*mount);
  }
  require(selection.devices().size() <= 16, "no more filesystems than the limit");
}

void check_diskstats(std::string_view text) {
  for (const DiskIo& io : parse_diskstats(text).devices)
    require(!io.name.empty(), "a device has a name");
}

void check_cpu_list(std::string_view text) {
  const auto cpus = parse_cpu_list(text);
  if (cpus) require(std::ranges::all_of(*cpus, [](auto cpu) { return cpu < kMaxCpus; }), "limit");
}

void check_cpuinfo(std::string_view text) {
  parse_cpuinfo(text);
  measures_frequency(text);
  for (const auto& [cpu, hertz] : parse_cpu_hertz(text))
    require(hertz > 0, "a frequency is positive");
}

void check_loadavg(std::string_view text) { parse_loadavg(text); }
void check_os_release(std::string_view text) { parse_os_name(text); }

struct Parser {
  std::string_view name;
  void (*check)(std::string_view text);
};
constexpr auto kParsers = std::to_array<Parser>({{"cpu_list", check_cpu_list},
                                                 {"cpuinfo", check_cpuinfo},
                                                 {"diskstats", check_diskstats},
                                                 {"loadavg", check_loadavg},
                                                 {"meminfo", check_meminfo},
                                                 {"mountinfo", check_mountinfo},
                                                 {"os-release", check_os_release},
                                                 {"pressure", check_pressure},
                                                 {"stat", check_stat},
                                                 {"vmstat", check_vmstat}});

}  // namespace
}  // namespace rig

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  rig::for_each_file(input, [](std::string_view name, std::string_view text) {
    const auto parser = std::ranges::find(rig::kParsers, name, &rig::Parser::name);
    if (parser != rig::kParsers.end()) parser->check(text);
  });
  return 0;
}
