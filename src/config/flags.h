// The flags of the command line: those that select an action, --config.file, and the settings.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "rig/config/command_line.h"

namespace rig {

// Makes the program do something else than serve.
struct ActionFlag {
  std::string_view name;  // "--version"
  char letter;            // 'v' for -v; 0: none
  Action action;
  std::string_view help;
};

inline constexpr auto kActionFlags = std::to_array<ActionFlag>({
    {"--help", 'h', Action::show_help, "Print this help and exit."},
    {"--version", 'v', Action::show_version, "Print the version and exit."},
    {"--once", 0, Action::once, "Print one scrape and exit."},
    {"--health", 0, Action::check_health,
     "Check whether the exporter on this host is running; exit status 0 if it is. Without other "
     "flags, its own flags tell its address."},
    {"--config.check", 0, Action::check_config,
     "Check the flags and the configuration file, and exit."},
    {"--config.print", 0, Action::print_config,
     "Print the settings that result from the flags and the configuration file, as such a file."},
    {"--config.example", 0, Action::print_example,
     "Print a configuration file that explains all settings, with their defaults as comments."},
    {"--help-man", 0, Action::print_manual, "Print the manual page, and exit."},
    {"--list-metrics", 0, Action::list_metrics, "Print all metrics as a Markdown table, and exit."},
});

// Flags with a value that are no settings.
inline constexpr std::string_view kConfigFile = "--config.file";
inline constexpr std::string_view kConfigFileHelp =
    "YAML file with the settings below; flags take precedence.";
inline constexpr std::string_view kCompletion = "--completion";
inline constexpr std::string_view kCompletionHelp =
    "Print a script that completes the flags in bash, zsh or fish, and exit.";

// The word that may precede the flags.
inline constexpr std::string_view kDoctor = "doctor";
inline constexpr std::string_view kDoctorHelp = "Report what is wrong or missing, and why.";

// What --help and the manual page say apart from the flags.
inline constexpr std::string_view kDescription =
    "Prometheus exporter for the AMD GPUs, md arrays, disks, CPU and RAM of this machine.\n"
    "All collectors are enabled by default; --no-collector.NAME disables one.\n"
    "If something is missing, rig_exporter doctor with the same flags reports what and why.";
inline constexpr std::string_view kSignals =
    "SIGHUP reloads the configuration file without a restart.";
inline constexpr std::string_view kExitStatus =
    "0 if everything was done, 1 if something failed (of doctor: if something is\n"
    "wrong), 2 if the flags or the configuration file are invalid; nothing was started then.";
inline constexpr std::string_view kSettingsGroup = "Settings";
inline constexpr std::string_view kCollectorsGroup = "Collectors";

// The group of flags that a setting is listed in.
inline std::string_view help_group(const Setting& setting) {
  return setting.negative().starts_with("no-collector.") ? kCollectorsGroup : kSettingsGroup;
}

struct Flag {
  std::string name;   // "--web.listen-address"
  char letter = 0;    // 'h' for -h
  std::string value;  // placeholder of its value, FILE and DIR for paths; empty: it has none
  std::string help;
  std::vector<std::string> choices;  // all valid values, if there are only a few
  bool repeatable = false;
  bool is_action = false;  // takes no value, not even true or false
};

// All of them, in the order of --help.
std::vector<Flag> all_flags(std::span<const Setting> settings);

// Arguments whose flags exist and have values where they need them, and what is wrong with others.
struct CheckedArguments {
  std::vector<const char*> valid;  // the first one is the program
  std::vector<std::string> errors;
};

CheckedArguments check_arguments(std::span<const char* const> arguments,
                                 std::span<const Flag> flags);

}  // namespace rig
