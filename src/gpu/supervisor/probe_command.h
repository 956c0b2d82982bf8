// What to start as the probe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gpu/supervisor/probe_supervisor.h"

namespace rig {

struct ProbeCommand {
  std::vector<std::string> arguments;  // the first is the program's path
  std::string error;                   // why there is nothing to start, and what to do
};

// Looks at the files anew: a probe may be installed while we run. `with_library` false: without
// rocm-smi.
ProbeCommand probe_command(const ProbeOptions& options, const std::filesystem::path& own_program,
                           bool with_library);

}  // namespace rig
