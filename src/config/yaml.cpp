#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "config/settings.h"

namespace rig {
namespace {

// Walks the map and applies each setting; "web: {max-requests: 3}" is the setting web.max-requests.
// A key that names both a setting and a group takes a value or a map: "cpu: true", "cpu: {per-core:
// false}".
class YamlReader {
 public:
  YamlReader(Config& config, std::span<const Setting> settings, const std::string& file)
      : config_(config), settings_(settings), file_(file) {}

  void read_map(const YAML::Node& map, const std::string& prefix) {
    for (const auto& entry : map) {
      const std::string key = key_text(entry.first);
      if (!seen_.insert(prefix + key).second)
        refuse(entry.first, fmt::format("duplicate key \"{}\"", prefix + key));
      read_entry(entry.first, key, entry.second, prefix);
    }
  }

  [[noreturn]] void refuse(const YAML::Mark& mark, std::string_view what) const {
    throw ConfigError(fmt::format("{}:{}:{}: {}", file_, mark.line + 1, mark.column + 1, what));
  }
  [[noreturn]] void refuse(const YAML::Node& node, std::string_view what) const {
    refuse(node.Mark(), what);
  }

 private:
  std::string key_text(const YAML::Node& key) const {
    if (!key.IsScalar()) refuse(key, "a key must be a scalar");
    return key.Scalar();
  }

  void read_entry(const YAML::Node& key, const std::string& word, const YAML::Node& value,
                  const std::string& prefix) {
    const std::string name = prefix + word;
    const auto is_named = [&](const Setting& setting) { return setting.name == name; };
    const auto setting = std::find_if(settings_.begin(), settings_.end(), is_named);
    const bool opens_group = value.IsMap() && is_group(name);
    if (setting != settings_.end() && !opens_group) {
      apply(*setting, value.IsNull() ? key : value, values_of(*setting, key, value));
    } else if (is_group(name)) {
      if (value.IsNull()) return;
      if (!value.IsMap()) {
        refuse(value, fmt::format("\"{}\" is a group of settings; indent its settings below it: {}",
                                  name, fmt::join(valid_keys(name + "."), ", ")));
      }
      read_map(value, name + ".");
    } else {
      refuse(key,
             fmt::format("unknown {} \"{}\"{}", prefix == "collector." ? "collector" : "setting",
                         word, suggestion(word, valid_keys(prefix))));
    }
  }

  std::vector<std::string> values_of(const Setting& setting, const YAML::Node& key,
                                     const YAML::Node& value) const {
    if (value.IsScalar()) return {value.Scalar()};
    if (value.IsSequence() && setting.repeatable && value.size() > 0) {
      std::vector<std::string> values;
      for (const auto& item : value) {
        if (!item.IsScalar())
          refuse(item, fmt::format("{} must be a list of scalars", setting.name));
        values.push_back(item.Scalar());
      }
      return values;
    }
    refuse(value.IsNull() ? key : value,
           fmt::format("{} needs {}{}", setting.name, setting.repeatable ? "one or more " : "",
                       setting.is_switch() ? "true or false" : "a " + setting.value));
  }

  void apply(const Setting& setting, const YAML::Node& where,
             const std::vector<std::string>& values) {
    try {
      setting.apply(config_, values);
    } catch (const ConfigError& error) {
      refuse(where, fmt::format("{}: {}", setting.name, error.what()));
    }
  }

  bool is_group(const std::string& name) const { return !valid_keys(name + ".").empty(); }

  std::vector<std::string> valid_keys(const std::string& prefix) const {
    std::vector<std::string> keys;
    for (const auto& setting : settings_) {
      if (!setting.name.starts_with(prefix)) continue;
      const auto rest = setting.name.substr(prefix.size());
      const auto key = rest.substr(0, rest.find('.'));
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
    return keys;
  }

  Config& config_;
  std::span<const Setting> settings_;
  const std::string& file_;
  std::set<std::string> seen_;  // full names of keys, regardless of nesting
};

}  // namespace

void apply_yaml(Config& config, std::span<const Setting> settings, const std::string& text,
                const std::string& file) {
  YamlReader reader(config, settings, file);
  std::vector<YAML::Node> documents;
  try {
    documents = YAML::LoadAll(text);
  } catch (const YAML::ParserException& error) {
    reader.refuse(error.mark, fmt::format("invalid YAML: {}", error.msg));
  }
  if (documents.size() > 1)
    reader.refuse(documents[1],
                  "a second YAML document starts here: put all settings into one document");
  const YAML::Node root = documents.empty() ? YAML::Node() : documents.front();
  if (!root.IsDefined() || root.IsNull()) return;
  if (!root.IsMap())
    reader.refuse(root,
                  "the file is not a map of settings; write for example \"log: {level: debug}\"");
  reader.read_map(root, "");
}

}  // namespace rig
