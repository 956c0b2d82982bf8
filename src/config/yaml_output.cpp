// Writes the configuration as YAML; yaml.cpp reads it.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/settings.h"
#include "rig/kernel/utf8.h"

namespace rig {
namespace {

bool is_plain(std::string_view text) {
  const auto is_plain_character = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '.' || c == '_' || c == '-';
  };
  return !text.empty() && text.front() != '-' && std::ranges::all_of(text, is_plain_character);
}

std::string scalar(const std::string& text) {
  if (is_plain(text)) return text;
  if (valid_utf8(text) != text)
    throw ConfigError(
        fmt::format("\"{}\" cannot be in a YAML file, because it is not UTF-8", text));
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string value_text(const Setting& setting, const std::vector<std::string>& values) {
  if (!setting.repeatable) return scalar(values.back());
  std::string list;
  for (const auto& value : values) list += (list.empty() ? "" : ", ") + scalar(value);
  return '[' + list + ']';
}

std::string line(const Setting& setting, std::string_view key, const Config& config) {
  const auto values = setting.values(config);
  if (values.empty()) return fmt::format("  # {}: not set\n", key);
  try {
    return fmt::format("  {}: {}\n", key, value_text(setting, values));
  } catch (const ConfigError& error) {
    throw ConfigError(fmt::format("--config.print: {}: {}", setting.name, error.what()));
  }
}

// The help text as comments of at most 100 columns.
std::string comment(std::string_view text) {
  constexpr std::size_t kColumns = 96;
  std::string lines;
  while (!text.empty()) {
    auto end = text.size();
    if (end > kColumns) end = text.rfind(' ', kColumns);
    if (end == text.npos) end = text.size();
    lines += fmt::format("  # {}\n", text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string example(const Setting& setting, std::string_view key) {
  const auto values = setting.values({});
  const auto list = setting.repeatable ? "[" + setting.value + "]" : setting.value;
  const auto value = values.empty() ? list : value_text(setting, values);
  return fmt::format("{}  #{}: {}\n", comment(setting.help), key, value);
}

// Calls text_of(setting, key) for each setting. Only the first part of a name is a level:
// "collector.cpu" is a setting and a group.
template <typename TextOf>
std::string grouped(std::span<const Setting> settings, TextOf text_of) {
  std::string text;
  std::set<std::string> written;
  for (const auto& first : settings) {
    const auto group = first.name.substr(0, first.name.find('.'));
    if (!written.insert(group).second) continue;
    text += group + ":\n";
    for (const auto& setting : settings) {
      if (setting.name.starts_with(group + '.'))
        text += text_of(setting, std::string_view(setting.name).substr(group.size() + 1));
    }
  }
  return text;
}

}  // namespace

std::string to_yaml(const Config& config, std::span<const Setting> settings) {
  return grouped(settings, [&config](const Setting& setting, std::string_view key) {
    return line(setting, key, config);
  });
}

std::string example_yaml(std::span<const Setting> settings) {
  return "# Configuration of rig_exporter. The settings below have their defaults: remove the # "
         "before\n"
         "# one to change it. Flags of the command line have the same names and take precedence.\n"
         "# rig_exporter --config.check --config.file=FILE checks this file.\n" +
         grouped(settings, example);
}

}  // namespace rig
