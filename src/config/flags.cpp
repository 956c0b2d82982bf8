#include "config/flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/completion.h"
#include "config/suggestion.h"

namespace rig {
namespace {

bool is_flag(std::string_view argument) { return argument.size() > 1 && argument.front() == '-'; }

bool has_name(const Flag& flag, std::string_view name) {
  const bool is_letter = name.size() == 2 && flag.letter != 0 && name[1] == flag.letter;
  return flag.name == name || is_letter;
}

// Reports errors that CLI11 would report one at a time and in its own terms, or not at all: it
// takes the next flag as the value of "--path.procfs=", and any number as the value of a switch.
class ArgumentChecker {
 public:
  ArgumentChecker(std::span<const char* const> arguments, std::span<const Flag> flags)
      : arguments_(arguments), flags_(flags) {}

  CheckedArguments check() && {
    if (arguments_.empty()) return {};
    checked_.valid.push_back(arguments_.front());
    bool doctor = false;
    for (next_ = 1; next_ < arguments_.size(); ++next_) {
      const std::string_view argument = arguments_[next_];
      if (is_flag(argument)) {
        check_flag(argument);
      } else if (argument == kDoctor && !doctor) {
        doctor = true;
        checked_.valid.push_back(arguments_[next_]);
      } else {
        refuse("unexpected argument \"{}\": write doctor, or flags, which start with --", argument);
      }
    }
    return std::move(checked_);
  }

 private:
  template <typename... Arguments>
  void refuse(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    checked_.errors.push_back(fmt::format(format, std::forward<Arguments>(arguments)...));
  }

  void check_flag(std::string_view argument) {
    const auto equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    const auto known =
        std::ranges::find_if(flags_, [&](const Flag& flag) { return has_name(flag, name); });
    if (known == flags_.end()) {
      refuse_unknown(name);
      if (equals == argument.npos && next_is_value()) ++next_;
    } else if (known->value.empty()) {
      check_switch(*known, argument, equals);
    } else if (equals != argument.npos) {
      if (equals + 1 < argument.size()) return accept(1);
      refuse("{} has no value: write {}={}", argument, name,
             placeholder(known->value, known->choices));
    } else if (next_is_value()) {
      accept(2);
      ++next_;
    } else {
      refuse("{0} has no value: write {0}={1}", name, placeholder(known->value, known->choices));
    }
  }

  void check_switch(const Flag& flag, std::string_view argument, std::size_t equals) {
    if (equals == argument.npos) return accept(1);
    const auto value = argument.substr(equals + 1);
    if (flag.is_action) {
      refuse("{0}: {1} takes no value: write {1}", argument, flag.name);
    } else if (value == "true" || value == "false") {
      accept(1);
    } else {
      refuse("{0}: write {1}, {1}=true or {1}=false", argument, flag.name);
    }
  }

  void refuse_unknown(std::string_view name) {
    std::vector<std::string> names;
    for (const auto& flag : flags_) names.push_back(flag.name);
    const std::string nearest = nearest_word(name, names);
    refuse("unknown flag {}; {}", name,
           nearest.empty() ? "--help lists them all" : "did you mean " + nearest + "?");
  }

  bool next_is_value() const {
    return next_ + 1 < arguments_.size() && !is_flag(arguments_[next_ + 1]) &&
           arguments_[next_ + 1] != kDoctor;
  }

  void accept(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) checked_.valid.push_back(arguments_[next_ + i]);
  }

  const std::span<const char* const> arguments_;
  const std::span<const Flag> flags_;
  std::size_t next_ = 0;
  CheckedArguments checked_;
};

}  // namespace

std::vector<Flag> all_flags(std::span<const Setting> settings) {
  std::vector<Flag> flags;
  flags.reserve(kActionFlags.size() + 2 * settings.size());
  for (const auto& action : kActionFlags)
    flags.push_back(
        {std::string(action.name), action.letter, "", std::string(action.help), {}, false, true});
  flags.push_back({std::string(kCompletion), 0, "SHELL", std::string(kCompletionHelp),
                   completion_shells(), false, false});
  flags.push_back(
      {std::string(kConfigFile), 0, "FILE", std::string(kConfigFileHelp), {}, false, false});
  for (const auto& setting : settings) {
    flags.push_back({"--" + setting.name, 0, setting.value, setting.help, setting.choices,
                     setting.repeatable, false});
    if (const auto negative = setting.negative(); !negative.empty())
      flags.push_back({"--" + negative, 0, "", "Disable: " + setting.help, {}, false, false});
  }
  return flags;
}

CheckedArguments check_arguments(std::span<const char* const> arguments,
                                 std::span<const Flag> flags) {
  return ArgumentChecker(arguments, flags).check();
}

}  // namespace rig
