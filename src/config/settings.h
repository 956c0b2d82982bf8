// The declarations of all settings. Flags and the YAML file use the same names:
//
//   --web.listen-address=:10068        web:
//                                        listen-address: ":10068"
#pragma once

#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "rig/config/config.h"

namespace rig {

// An invalid setting. what() contains the location, the error and what to write instead.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Setting {
  std::string name;   // "web.listen-address"
  std::string value;  // placeholder in --help: "ADDRESS"; empty for a switch (true or false)
  std::string help;
  bool repeatable = false;
  // Throws ConfigError that describes the error in the value, without the setting's name and
  // location. `values` is never empty.
  std::function<void(Config&, const std::vector<std::string>& values)> apply;

  bool is_switch() const { return value.empty(); }
};

// One for each member of Config and each collector.
std::vector<Setting> all_settings(std::span<const CollectorSwitch> collectors);

// The word of `valid` that is most similar to `word`; empty if none is similar.
std::string nearest_word(std::string_view word, std::span<const std::string> valid);

// "; did you mean X?", or a list of the valid words if none is similar.
std::string suggestion(std::string_view word, std::span<const std::string> valid);

// Applies the YAML text of a file named `file`. Throws ConfigError: "FILE:LINE:COLUMN: …".
void apply_yaml(Config& config, std::span<const Setting> settings, const std::string& text,
                const std::string& file);

}  // namespace rig
