#include "rig/config/command_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "config/completion.h"
#include "config/flags.h"
#include "config/manual_page.h"
#include "config/settings.h"
#include "config/suggestion.h"
#include "rig/kernel/files.h"

namespace rig {
namespace {

constexpr std::size_t kMaxFileSize = 1U << 20U;

// The values of each setting on the command line; empty if it was not given.
using FlagValues = std::map<std::string, std::vector<std::string>>;

// --collector.NAME and --no-collector.NAME are one flag, so that the last one takes effect, and so
// are --web.page and --web.no-page. The value stays empty if neither is given.
void add_switch(CLI::App& app, const Setting& setting, std::vector<std::string>& values) {
  const auto negative = setting.negative();
  std::string names = "--" + setting.name;
  if (!negative.empty()) names += ",!--" + negative;
  values.resize(1);
  app.add_flag(names, values.front(), setting.help)->group(std::string(help_group(setting)));
}

void add_setting(CLI::App& app, const Setting& setting, FlagValues& given) {
  const std::string flag = "--" + setting.name;
  auto& values = given[setting.name];
  if (setting.is_switch()) return add_switch(app, setting, values);
  auto* option = app.add_option(flag, values, setting.help)->type_name(setting.value);
  option->group(std::string(help_group(setting)))->expected(1)->allow_extra_args(false);
  // As with other exporters, the last one takes effect, unless the flag is repeatable.
  option->multi_option_policy(setting.repeatable ? CLI::MultiOptionPolicy::TakeAll
                                                 : CLI::MultiOptionPolicy::TakeLast);
}

// All flags as CLI11 parses and describes them, with what it found.
struct Parser {
  explicit Parser(std::span<const Setting> settings)
      : app(std::string(kDescription), "rig_exporter") {
    app.set_help_flag();
    app.allow_extras();
    for (const auto& flag : kActionFlags) {
      const auto letter = flag.letter == 0 ? "" : fmt::format("-{},", flag.letter);
      const std::string help(flag.help);
      actions.push_back(app.add_flag(letter + std::string(flag.name), help));
    }
    const auto add_value = [&](std::string_view name, std::string& value, std::string_view help) {
      return app.add_option(std::string(name), value, std::string(help))
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    };
    add_value(kCompletion, shell, kCompletionHelp)->type_name("SHELL");
    add_value(kConfigFile, file, kConfigFileHelp)->type_name("FILE");
    for (const auto& setting : settings) add_setting(app, setting, given);
    app.footer(fmt::format("{}\nExit status: {}", kSignals, kExitStatus));
  }

  CLI::App app;
  std::vector<CLI::Option*> actions;  // of kActionFlags
  FlagValues given;
  std::string file;
  std::string shell;
};

// CLI11 does not know about the word doctor, and shows the value of a negated flag after its name:
// --no-collector.gpu{false}.
std::string corrected_help(std::string help) {
  constexpr std::string_view kOptions = "[OPTIONS]";
  constexpr std::string_view kDefault = "{false}";
  if (const auto at = help.find(kOptions); at != help.npos)
    help.replace(at, kOptions.size(), fmt::format("[{}] [FLAGS]", kDoctor));
  for (auto at = help.find(kDefault); at != help.npos; at = help.find(kDefault))
    help.erase(at, kDefault.size());
  return help;
}

// The action that the arguments select. Adds an error if there are several.
Action selected_action(const Parser& parser, std::vector<std::string>& errors) {
  std::vector<std::string_view> words;
  Action action = Action::serve;
  for (std::size_t i = 0; i < kActionFlags.size(); ++i) {
    if (parser.actions[i]->count() == 0) continue;
    action = kActionFlags[i].action;
    words.push_back(kActionFlags[i].name);
  }
  if (!parser.shell.empty()) {
    action = Action::print_completion;
    words.push_back(kCompletion);
  }
  if (!parser.app.remaining().empty()) {
    action = Action::doctor;
    words.push_back(kDoctor);
  }
  if (words.size() > 1)
    errors.push_back(
        fmt::format("{} exclude each other: write one of them", fmt::join(words, " and ")));
  return action;
}

using Errors = std::vector<std::string>;

void apply_file(Config& config, std::span<const Setting> settings, const std::string& file,
                Errors& errors) {
  const auto text = read_text(file, kMaxFileSize + 1);
  if (text && text->size() > kMaxFileSize) {
    errors.push_back(fmt::format("{}: {}: larger than {} bytes: write the path of a YAML file",
                                 kConfigFile, file, kMaxFileSize));
  } else if (text) {
    std::ranges::move(apply_yaml(config, settings, *text, file), std::back_inserter(errors));
  } else {
    const auto reason =
        text.problem() != nullptr ? to_string(*text.problem()) : file + ": no such file";
    errors.push_back(fmt::format("{}: {}: write the path of a YAML file", kConfigFile, reason));
  }
}

void apply_flags(Config& config, std::span<const Setting> settings, const FlagValues& given,
                 Errors& errors) {
  for (const auto& setting : settings) {
    const auto& values = given.at(setting.name);
    if (values.empty() || (setting.is_switch() && values.front().empty())) continue;
    for (const auto& error : apply_values(config, setting, values)) {
      if (!error.empty()) errors.push_back(fmt::format("--{}: {}", setting.name, error));
    }
  }
}

std::string printed(const Config& config, std::span<const Setting> settings) {
  try {
    return to_yaml(config, settings);
  } catch (const ConfigError& error) {
    throw ConfigErrors({error.what()});
  }
}

void check_shell(const std::string& shell, Errors& errors) {
  const auto shells = completion_shells();
  if (shell.empty() || std::ranges::find(shells, shell) != shells.end()) return;
  errors.push_back(
      fmt::format("{}: unknown value \"{}\"{}", kCompletion, shell, suggestion(shell, shells)));
}

}  // namespace

CommandLine parse_command_line(std::span<const char* const> arguments,
                               std::span<const CollectorSwitch> collectors) {
  const auto settings = all_settings(collectors);
  const auto flags = all_flags(settings);
  auto [valid, errors] = check_arguments(arguments, flags);
  Parser parser(settings);
  try {
    parser.app.parse(static_cast<int>(valid.size()), valid.data());
  } catch (const CLI::ParseError& error) {
    errors.emplace_back(error.what());
    throw ConfigErrors(std::move(errors));
  }
  CommandLine result;
  if (parser.actions.front()->count() > 0)  // --help, whatever else is wrong
    return {Action::show_help, {}, corrected_help(parser.app.help())};
  result.action = selected_action(parser, errors);
  check_shell(parser.shell, errors);
  result.config_file = parser.file;
  if (!parser.file.empty()) apply_file(result.config, settings, parser.file, errors);
  apply_flags(result.config, settings, parser.given, errors);
  if (!errors.empty()) throw ConfigErrors(std::move(errors));
  if (result.action == Action::print_completion)
    result.output = completion_script(parser.shell, flags);
  if (result.action == Action::print_example) result.output = example_yaml(settings);
  if (result.action == Action::print_manual) result.output = manual_page(settings);
  if (result.action == Action::print_config) result.output = printed(result.config, settings);
  return result;
}

}  // namespace rig
