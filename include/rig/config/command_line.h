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
  print_config,
  print_example,
  print_manual,
  print_completion,
  list_metrics,
  check_health,
  show_version,
  show_help
};

struct CommandLine {
  Action action = Action::serve;
  Config config;
  std::string output;            // for the actions show_help and print_...
  std::string config_file = {};  // the value of --config.file; may be empty
};

// Parses the flags, the optional word "doctor" and the file given by --config.file; flags take
// precedence. Throws ConfigErrors with all errors, each of which has the location, the error and
// what to write instead.
CommandLine parse_command_line(std::span<const char* const> arguments,
                               std::span<const CollectorSwitch> collectors);

}  // namespace rig
