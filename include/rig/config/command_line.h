// The command line of rig_exporter.
#pragma once

#include <span>
#include <string>

#include "rig/config/config.h"

namespace rig {

enum class Action {
  serve,
  once,
  doctor,
  check_config,
  list_metrics,
  check_health,
  show_version,
  show_help
};

struct CommandLine {
  Action action = Action::serve;
  Config config;
  std::string help;  // for Action::show_help
};

// Parses the flags, the optional word "doctor" and the file given by --config.file; flags take
// precedence. Throws ConfigError, which describes the location, the error and what to write
// instead.
CommandLine parse_command_line(std::span<const char* const> arguments,
                               std::span<const CollectorSwitch> collectors);

}  // namespace rig
