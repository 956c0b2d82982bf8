// Parses command lines and files for the tests of this directory.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "config/settings.h"
#include "rig/config/command_line.h"
#include "rig/config/config_error.h"

inline constexpr std::array<rig::CollectorSwitch, 3> kCollectors{{
    {"cpu", "CPUs"},
    {"gpu", "GPUs"},
    {"raid", "arrays"},
}};

inline rig::CommandLine parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "rig_exporter");
  return rig::parse_command_line(arguments, kCollectors);
}

// The errors, one per line.
inline std::string flag_error(const std::vector<const char*>& arguments) {
  try {
    parse(arguments);
  } catch (const rig::ConfigErrors& errors) {
    return errors.what();
  }
  return "no error";
}

struct ParsedYaml {
  rig::Config config;
  std::string errors;  // one per line
};

inline ParsedYaml parse_yaml(const std::string& text) {
  ParsedYaml parsed;
  for (const auto& error :
       apply_yaml(parsed.config, rig::all_settings(kCollectors), text, "rig.yml"))
    parsed.errors += (parsed.errors.empty() ? "" : "\n") + error;
  return parsed;
}

inline rig::Config from_yaml(const std::string& text) { return parse_yaml(text).config; }

inline std::string yaml_error(const std::string& text) {
  const auto errors = parse_yaml(text).errors;
  return errors.empty() ? "no error" : errors;
}
