// The command line that starts the probe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gpu/supervisor/probe_options.h"

namespace rig {

struct ProbeCommand {
  std::vector<std::string> arguments;  // the first is the path of the program
  std::string error;                   // why there is no command, and how to fix that
};

// The installed rig_gpu_probe: it is in the directory of `own_program`, else in
// ../libexec/rig_exporter or ../lib/rig_exporter relative to it. Returns the first of these paths
// if none exists.
std::filesystem::path default_probe_path(const std::filesystem::path& own_program);

// Checks the files on each call, since the probe may be installed while the exporter is running.
ProbeCommand probe_command(const ProbeOptions& options, const std::filesystem::path& own_program,
                           bool with_library);

}  // namespace rig
