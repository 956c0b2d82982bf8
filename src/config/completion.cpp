#include "config/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "config/flags.h"

namespace rig {
namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// The part of a help text that fits into a menu.
std::string summary(const Flag& flag) {
  const auto& help = flag.help;
  const auto end = help.size() - (help.ends_with('.') ? 1 : 0);
  return help.substr(0, std::min({help.find(';'), help.find(" (default"), end}));
}

// A pattern of bash's `case` for all flags with this placeholder.
std::string bash_pattern(std::span<const Flag> flags, std::string_view value) {
  std::vector<std::string_view> names;
  for (const auto& flag : flags) {
    if (flag.value == value) names.push_back(flag.name);
  }
  return fmt::format("{}", fmt::join(names, " | "));
}

constexpr std::string_view kBashStart = R"(# Completion of rig_exporter for bash:
#   source <(rig_exporter --completion=bash)
_rig_exporter() {
  local word=${COMP_WORDS[COMP_CWORD]} flag=
  COMPREPLY=()
  # Bash usually splits --flag=value into three words.
  if [[ $word == '=' ]]; then
    flag=${COMP_WORDS[COMP_CWORD - 1]} word=
  elif ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[COMP_CWORD - 1]} == '=' ]]; then
    flag=${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == -* ]]; then
    flag=${COMP_WORDS[COMP_CWORD - 1]}
  fi
  case $flag in
)";

constexpr std::string_view kBashEnd = R"(  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *= ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
complete -F _rig_exporter rig_exporter
)";

std::string bash_script(std::span<const Flag> flags) {
  std::string script(kBashStart);
  std::string words(kDoctor);
  std::vector<std::string_view> others;
  for (const auto& flag : flags) {
    words += fmt::format(" {}{}", flag.name, flag.value.empty() ? "" : "=");
    if (flag.letter != 0) words += fmt::format(" -{}", flag.letter);
    if (!flag.choices.empty()) {
      script +=
          fmt::format("    {}) mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$word\"); return ;;\n",
                      flag.name, fmt::join(flag.choices, " "));
    } else if (!flag.value.empty() && flag.value != "FILE" && flag.value != "DIR") {
      others.push_back(flag.name);
    }
  }
  constexpr std::string_view kPaths =
      "    {}) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen {} -- "
      "\"$word\"); "
      "return ;;\n";
  script += fmt::format(fmt::runtime(kPaths), bash_pattern(flags, "FILE"), "-f");
  script += fmt::format(fmt::runtime(kPaths), bash_pattern(flags, "DIR"), "-d");
  script += fmt::format("    {}) return ;;\n", fmt::join(others, " | "));
  const auto before_words = script.find("  case $flag in");
  script.insert(before_words, fmt::format("  local words='{}'\n", words));
  return script + std::string(kBashEnd);
}

// In single quotes, in a specification of _arguments.
std::string zsh_text(std::string text) {
  for (const auto* special : {"\\", ":", "[", "]"})
    text = replaced(text, special, std::string("\\") + special);
  return replaced(text, "'", "'\\''");
}

std::string zsh_value(const Flag& flag) {
  if (flag.value.empty()) return "";
  std::string action;
  if (!flag.choices.empty()) {
    action = fmt::format("({})", fmt::join(flag.choices, " "));
  } else if (flag.value == "FILE") {
    action = "_files";
  } else if (flag.value == "DIR") {
    action = "_files -/";
  }
  return fmt::format(":{}:{}", flag.value, action);
}

std::string zsh_script(std::span<const Flag> flags) {
  std::string script =
      "#compdef rig_exporter\n"
      "# Completion of rig_exporter for zsh, as a file _rig_exporter in $fpath, or:\n"
      "#   source <(rig_exporter --completion=zsh)\n"
      "_rig_exporter() {\n  _arguments \\\n";
  for (const auto& flag : flags) {
    const auto spec = fmt::format("{}[{}]{}", flag.value.empty() ? "" : "=",
                                  zsh_text(summary(flag)), zsh_value(flag));
    script += fmt::format("    '{}{}{}' \\\n", flag.repeatable ? "*" : "", flag.name, spec);
    if (flag.letter != 0) script += fmt::format("    '-{}{}' \\\n", flag.letter, spec);
  }
  script += fmt::format("    '1:command:(({}\\:\"{}\"))'\n}}\n", kDoctor, kDoctorHelp);
  return script +
         "if [[ ${funcstack[1]} == _rig_exporter ]]; then\n  _rig_exporter \"$@\"\n"
         "else\n  compdef _rig_exporter rig_exporter\nfi\n";
}

std::string fish_text(const std::string& text) {
  return '\'' + replaced(replaced(text, "\\", "\\\\"), "'", "\\'") + '\'';
}

std::string fish_script(std::span<const Flag> flags) {
  std::string script =
      "# Completion of rig_exporter for fish, as a file rig_exporter.fish in\n"
      "# ~/.config/fish/completions, or:\n"
      "#   rig_exporter --completion=fish | source\n"
      "complete -c rig_exporter -f\n";
  script += fmt::format("complete -c rig_exporter -n __fish_use_subcommand -a {} -d {}\n", kDoctor,
                        fish_text(std::string(kDoctorHelp)));
  for (const auto& flag : flags) {
    script += fmt::format("complete -c rig_exporter -l {}", flag.name.substr(2));
    if (flag.letter != 0) script += fmt::format(" -s {}", flag.letter);
    if (!flag.choices.empty()) {
      script += fmt::format(" -x -a '{}'", fmt::join(flag.choices, " "));
    } else if (flag.value == "FILE") {
      script += " -r -F";
    } else if (flag.value == "DIR") {
      script += " -x -a '(__fish_complete_directories)'";
    } else if (!flag.value.empty()) {
      script += " -x";
    }
    script += fmt::format(" -d {}\n", fish_text(summary(flag)));
  }
  return script;
}

}  // namespace

std::vector<std::string> completion_shells() { return {"bash", "zsh", "fish"}; }

std::string completion_script(std::string_view shell, std::span<const Flag> flags) {
  if (shell == "zsh") return zsh_script(flags);
  return shell == "fish" ? fish_script(flags) : bash_script(flags);
}

}  // namespace rig
