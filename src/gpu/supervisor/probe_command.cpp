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

bool may_run(const fs::path& path) { return access(path.c_str(), X_OK) == 0; }

// A program that lacks its execute permission is not taken for a recording.
bool begins_like_program(const fs::path& path) {
  std::array<char, 4> start{};
  std::ifstream(path, std::ios::binary).read(start.data(), start.size());
  const std::string_view text(start.data(), start.size());
  return text == "\177ELF" || text.starts_with("#!");
}

std::string program_error(const fs::path& program) {
  if (!is_file(program)) {
    return fmt::format(
        "{}: there is no such program: install it there, or say with --gpu.probe where it is",
        program.string());
  }
  return fmt::format("{0} must not be executed: chmod a+x {0}", program.string());
}

}  // namespace

fs::path default_probe_path(const fs::path& own_program) {
  const fs::path folder = own_program.parent_path();
  const std::array places{folder / kProbeName, folder / "../libexec/rig_exporter" / kProbeName,
                          folder / "../lib/rig_exporter" / kProbeName};
  for (const auto& place : places) {
    if (is_file(place)) return place.lexically_normal();
  }
  return places.front();
}

ProbeCommand probe_command(const ProbeOptions& options, const fs::path& own_program,
                           bool with_library) {
  fs::path program = options.probe;
  fs::path recording;
  if (is_file(program) && !may_run(program) && !begins_like_program(program)) {
    recording = program;
    program.clear();
  }
  if (program.empty()) program = default_probe_path(own_program);
  if (!is_file(program) || !may_run(program)) return {{}, program_error(program)};

  ProbeCommand command{
      {program.string(), "--follow-stdin",
       fmt::format("--sample-interval={}ms", options.sample_interval.count()),
       "--path.sysfs=" + options.host.sys.string(), "--path.procfs=" + options.host.proc.string(),
       "--path.rootfs=" + options.host.root.string(),
       fmt::format("--processes={}", options.processes),
       with_library ? "--source=auto" : "--source=sysfs"},
      {}};
  if (!recording.empty()) command.arguments.push_back("--replay=" + recording.string());
  return command;
}

}  // namespace rig
