// The declarations of all settings. Flags and the YAML file use the same names:
//
//   --web.listen-address=:10068        web:
//                                        listen-address: ":10068"
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rig/config/config.h"
#include "rig/config/config_error.h"

namespace rig {

// What a reload of the configuration does if the value of a setting has changed.
struct Reload {
  bool possible = false;  // otherwise it takes a restart
  // The collector that uses the value, which is created again; empty: the value is applied to what
  // is running.
  std::string_view collector = {};
};

struct Setting {
  std::string name;   // "web.listen-address"
  std::string value;  // placeholder in --help: "ADDRESS"; empty for a switch (true or false)
  std::string help;
  bool repeatable = false;
  Reload reload = {};
  // Throws ConfigError that describes the error in the value, without the setting's name and
  // location. `values` is never empty.
  std::function<void(Config&, const std::vector<std::string>& values)> apply;
  // The inverse: values for which apply() gives this Config; none if nothing is set.
  std::function<std::vector<std::string>(const Config&)> values;
  std::vector<std::string> choices = {};  // all valid values; empty: others than these few words

  bool is_switch() const { return value.empty(); }
  // The name of the flag that turns a switch off: "no-collector.gpu", "web.no-page". Empty if there
  // is none.
  std::string negative() const {
    if (name == "web.page") return "web.no-page";
    const bool has_one = is_switch() && name.starts_with("collector.") && name != kDisableDefaults;
    return has_one ? "no-" + name : "";
  }

  static constexpr std::string_view kDisableDefaults = "collector.disable-defaults";
};

// One for each member of Config and each collector.
std::vector<Setting> all_settings(std::span<const CollectorSwitch> collectors);

// What to write as a value: "N", "logfmt|json".
std::string placeholder(const std::string& value, const std::vector<std::string>& choices);

// Applies the values if all of them are valid. Returns for each value what is wrong with it; empty
// if nothing is.
std::vector<std::string> apply_values(Config& config, const Setting& setting,
                                      const std::vector<std::string>& values);

// Applies the YAML text of a file named `file`. Returns all errors: "FILE:LINE:COLUMN: ...".
std::vector<std::string> apply_yaml(Config& config, std::span<const Setting> settings,
                                    const std::string& text, const std::string& file);

// The inverse: the text of a file with every setting. Throws ConfigError for a value that a YAML
// file cannot contain.
std::string to_yaml(const Config& config, std::span<const Setting> settings);

// The text of a file that explains every setting, each with its default in a comment.
std::string example_yaml(std::span<const Setting> settings);

}  // namespace rig
