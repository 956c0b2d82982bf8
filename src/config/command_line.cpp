#include "rig/config/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "rig/kernel/files.h"

namespace rig {
namespace {

// The values of each setting on the command line; empty if it was not given.
using FlagValues = std::map<std::string, std::vector<std::string>>;

struct Actions {
  bool doctor = false;
  bool once = false;
  bool check_config = false;
  bool list_metrics = false;
  bool health = false;
  bool version = false;
};

struct ActionFlag {
  std::string_view name;
  bool Actions::*requested;
  std::string_view help;
};
constexpr auto kActions = std::to_array<ActionFlag>({
    {"--once", &Actions::once, "Print one scrape and exit."},
    {"--health", &Actions::health,
     "Check whether the exporter on this host is running; exit status 0 if it is."},
    {"--config.check", &Actions::check_config,
     "Check the flags and the configuration file, and exit."},
    {"--list-metrics", &Actions::list_metrics, "Print all metrics as a Markdown table, and exit."},
    {"--version", &Actions::version, "Print the version and exit."},
});

// --collector.NAME and --no-collector.NAME are one flag, so that the last one takes effect. Its
// value stays empty if neither is given.
void add_switch(CLI::App& app, const Setting& setting, std::vector<std::string>& values) {
  const bool is_collector = setting.name != "collector.disable-defaults";
  std::string names = "--" + setting.name;
  if (is_collector) names += ",!--no-" + setting.name;
  values.resize(1);
  app.add_flag(names, values.front(), setting.help)
      ->group(is_collector ? "Collectors" : "Settings");
}

void add_setting(CLI::App& app, const Setting& setting, FlagValues& given) {
  const std::string flag = "--" + setting.name;
  auto& values = given[setting.name];
  if (setting.is_switch()) return add_switch(app, setting, values);
  auto* option = app.add_option(flag, values, setting.help)->type_name(setting.value);
  option->group("Settings")->expected(1)->allow_extra_args(false);
  // As with other exporters, the last one takes effect, unless the flag is repeatable.
  option->multi_option_policy(setting.repeatable ? CLI::MultiOptionPolicy::TakeAll
                                                 : CLI::MultiOptionPolicy::TakeLast);
}

// CLI11 shows the value of a negated flag after its name: --no-collector.gpu{false}.
std::string without_defaults(std::string help) {
  constexpr std::string_view kDefault = "{false}";
  for (auto at = help.find(kDefault); at != help.npos; at = help.find(kDefault))
    help.erase(at, kDefault.size());
  return help;
}

std::vector<std::string> flag_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

ConfigError unknown_argument(const CLI::App& app, const std::string& word) {
  const std::string flag = word.substr(0, word.find('='));
  if (!word.starts_with('-')) {
    return ConfigError(fmt::format(
        "unexpected argument \"{}\": write doctor, or flags, which start with --", word));
  }
  const std::string nearest = nearest_word(flag, flag_names(app));
  return ConfigError(
      fmt::format("unknown flag {}; {}", flag,
                  nearest.empty() ? "--help lists them all" : "did you mean " + nearest + "?"));
}

// Handles arguments that CLI11 would misinterpret or report in its own terms: it takes the next
// flag as the value of "--path.procfs=", and accepts any number as the value of a switch.
void check_values(std::span<const char* const> arguments, std::span<const Setting> settings) {
  for (const std::string_view argument : arguments) {
    const auto equals = argument.find('=');
    if (!argument.starts_with("--") || equals == argument.npos) continue;
    const std::string_view flag = argument.substr(0, equals);
    const std::string_view value = argument.substr(equals + 1);
    if (flag == "--help" || std::ranges::find(kActions, flag, &ActionFlag::name) != kActions.end())
      throw ConfigError(fmt::format("{}: {} takes no value", argument, flag));
    const auto matches = [&](const Setting& setting) {
      return flag == "--" + setting.name || (setting.is_switch() && flag == "--no-" + setting.name);
    };
    const auto setting = std::ranges::find_if(settings, matches);
    const bool is_switch = setting != settings.end() && setting->is_switch();
    if (is_switch && value != "true" && value != "false")
      throw ConfigError(fmt::format("{0}: write {1}, {1}=true or {1}=false", argument, flag));
    const bool takes_value = setting != settings.end() || flag == "--config.file";
    if (takes_value && value.empty())
      throw ConfigError(fmt::format("{} has no value: add one after the =", argument));
  }
}

Action selected_action(const Actions& actions) {
  if (actions.version) return Action::show_version;
  if (actions.list_metrics) return Action::list_metrics;
  if (actions.check_config) return Action::check_config;
  if (actions.health) return Action::check_health;
  if (actions.doctor) return Action::doctor;
  return actions.once ? Action::once : Action::serve;
}

void apply_file(Config& config, std::span<const Setting> settings, const std::string& file) {
  const auto text = read_text(file);
  if (text.problem() != nullptr) throw ConfigError("--config.file: " + to_string(*text.problem()));
  if (!text) throw ConfigError(fmt::format("--config.file: {}: no such file", file));
  apply_yaml(config, settings, *text, file);
}

void apply_flags(Config& config, std::span<const Setting> settings, const FlagValues& given) {
  for (const auto& setting : settings) {
    const auto& values = given.at(setting.name);
    if (values.empty() || (setting.is_switch() && values.front().empty())) continue;
    try {
      setting.apply(config, values);
    } catch (const ConfigError& error) {
      throw ConfigError(fmt::format("--{}: {}", setting.name, error.what()));
    }
  }
}

}  // namespace

CommandLine parse_command_line(std::span<const char* const> arguments,
                               std::span<const CollectorSwitch> collectors) {
  const auto settings = all_settings(collectors);
  CLI::App app(
      "Prometheus exporter for the AMD GPUs, md arrays, disks, CPU and RAM of this machine.\n"
      "All collectors are enabled by default; --no-collector.NAME disables one.\n"
      "If something is missing, rig_exporter doctor with the same flags reports what and why.",
      "rig_exporter");
  app.set_help_flag("-h,--help", "Print this help and exit.");
  app.allow_extras();

  Actions actions;
  std::string file;
  FlagValues given;
  for (const ActionFlag& flag : kActions)
    app.add_flag(std::string(flag.name), actions.*flag.requested, std::string(flag.help));
  app.add_option("--config.file", file, "YAML file with the settings below; flags take precedence.")
      ->type_name("FILE");
  for (const auto& setting : settings) add_setting(app, setting, given);

  check_values(arguments, settings);
  CommandLine result;
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::CallForHelp&) {
    result.action = Action::show_help;
    result.help = without_defaults(app.help());
    return result;
  } catch (const CLI::ParseError& error) {
    throw ConfigError(error.what());
  }
  auto words = app.remaining();
  actions.doctor = !words.empty() && words.front() == "doctor";
  if (actions.doctor) words.erase(words.begin());
  if (!words.empty()) throw unknown_argument(app, words.front());
  result.action = selected_action(actions);
  if (!file.empty()) apply_file(result.config, settings, file);
  apply_flags(result.config, settings, given);
  return result;
}

}  // namespace rig
