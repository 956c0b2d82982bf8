#include "gpu/supervisor/probe_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <string_view>
#include <system_error>

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kProbeName = "rig_gpu_probe";

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_executable(const fs::path& path) { return access(path.c_str(), X_OK) == 0; }

// Distinguishes a program without its execute permission from a recording.
bool has_program_header(const fs::path& path) {
  std::array<char, 4> start{};
  std::ifstream(path, std::ios::binary).read(start.data(), start.size());
  const std::string_view text(start.data(), start.size());
  return text == "\177ELF" || text.starts_with("#!");
}

std::string program_error(const fs::path& program) {
  if (!is_file(program)) {
    return fmt::format(
        "{}: there is no such program; install it there, or set its path with --gpu.probe",
        program.string());
  }
  return fmt::format("{0}: not executable; run chmod a+x {0}", program.string());
}

}  // namespace

fs::path default_probe_path(const fs::path& own_program) {
  const fs::path directory = own_program.parent_path();
  const std::array candidates{directory / kProbeName,
                              directory / "../libexec/rig_exporter" / kProbeName,
                              directory / "../lib/rig_exporter" / kProbeName};
  for (const auto& candidate : candidates) {
    if (is_file(candidate)) return candidate.lexically_normal();
  }
  return candidates.front();
}

ProbeCommand probe_command(const ProbeOptions& options, const fs::path& own_program,
                           bool with_library) {
  fs::path program = options.probe;
  fs::path recording;
  if (is_file(program) && !is_executable(program) && !has_program_header(program)) {
    recording = program;
    program.clear();
  }
  if (program.empty()) program = default_probe_path(own_program);
  if (!is_file(program) || !is_executable(program)) return {{}, program_error(program)};

  ProbeCommand command{
      {program.string(), "--follow-stdin",
       fmt::format("--sample-interval={}ms", options.sample_interval.count()),
       fmt::format("--max-cpu={}", options.max_cpu_percent),
       "--path.sysfs=" + options.host.sys.string(), "--path.procfs=" + options.host.proc.string(),
       "--path.rootfs=" + options.host.root.string(),
       fmt::format("--processes={}", options.processes),
       fmt::format("--source={}", with_library ? kSourceAuto : kSourceSysfs)},
      {}};
  if (!recording.empty()) command.arguments.push_back("--replay=" + recording.string());
  return command;
}

}  // namespace rig
