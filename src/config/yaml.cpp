#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>
#include <utility>

#include "config/settings.h"
#include "config/suggestion.h"
#include "config/yaml_document.h"

namespace rig {
namespace {

// Walks the map and applies each setting; "web: {max-requests: 3}" is the setting web.max-requests.
// A key that names both a setting and a group takes a value or a map: "cpu: true", "cpu: {per-core:
// false}".
class YamlReader {
 public:
  YamlReader(Config& config, std::span<const Setting> settings, YamlErrors& errors)
      : config_(config), settings_(settings), errors_(errors) {}

  void read_map(const YAML::Node& map, const std::string& prefix) {
    for (const auto& entry : map) {
      if (!entry.first.IsScalar()) {
        errors_.add(entry.first, "a key must be a word: write for example \"web:\"");
        continue;
      }
      const std::string key = entry.first.Scalar();
      if (seen_.insert(prefix + key).second) {
        read_entry(entry.first, key, entry.second, prefix);
      } else {
        errors_.add(entry.first, fmt::format("duplicate key \"{}\": write it once", prefix + key));
      }
    }
  }

 private:
  void read_entry(const YAML::Node& key, const std::string& word, const YAML::Node& value,
                  const std::string& prefix) {
    const std::string name = prefix + word;
    const auto is_named = [&](const Setting& setting) { return setting.name == name; };
    const auto setting = std::find_if(settings_.begin(), settings_.end(), is_named);
    const bool opens_group = value.IsMap() && is_group(name);
    if (setting != settings_.end() && !opens_group) {
      apply(*setting, values_of(*setting, key, value));
    } else if (is_group(name)) {
      if (value.IsNull()) return;
      if (!value.IsMap()) {
        errors_.add(value,
                    fmt::format("\"{}\" is a group of settings; indent its settings below it: {}",
                                name, fmt::join(valid_keys(name + "."), ", ")));
      } else {
        read_map(value, name + ".");
      }
    } else {
      errors_.add(
          key, fmt::format("unknown {} \"{}\"{}", prefix == "collector." ? "collector" : "setting",
                           word, suggestion(word, valid_keys(prefix))));
    }
  }

  // None after an error.
  std::vector<YAML::Node> values_of(const Setting& setting, const YAML::Node& key,
                                    const YAML::Node& value) {
    if (value.IsScalar()) return {value};
    const bool is_list = value.IsSequence() && setting.repeatable && value.size() > 0;
    if (!is_list) {
      errors_.add(
          value.IsNull() ? key : value,
          fmt::format(fmt::runtime(setting.is_switch()  ? "{} needs true or false"
                                   : setting.repeatable ? "{} needs values: write {}: [{}]"
                                                        : "{} needs a value: write {}: {}"),
                      setting.name, key.Scalar(), placeholder(setting.value, setting.choices)));
      return {};
    }
    std::vector<YAML::Node> values(value.begin(), value.end());
    const auto wrong =
        std::ranges::find_if(values, [](const auto& item) { return !item.IsScalar(); });
    if (wrong == values.end()) return values;
    errors_.add(*wrong, fmt::format("{} must be a list of scalars: write [{}, {}]", setting.name,
                                    setting.value, setting.value));
    return {};
  }

  void apply(const Setting& setting, const std::vector<YAML::Node>& values) {
    std::vector<std::string> texts;
    texts.reserve(values.size());
    for (const auto& value : values) texts.push_back(value.Scalar());
    if (texts.empty()) return;
    const auto errors = apply_values(config_, setting, texts);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!errors[i].empty())
        errors_.add(values[i], fmt::format("{}: {}", setting.name, errors[i]));
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
  YamlErrors& errors_;
  std::set<std::string> seen_;  // full names of keys, regardless of nesting
};

}  // namespace

std::vector<std::string> apply_yaml(Config& config, std::span<const Setting> settings,
                                    const std::string& text, const std::string& file) {
  YamlErrors errors(file);
  const YAML::Node root = load_yaml_document(text, errors);
  if (root.IsMap()) {
    YamlReader(config, settings, errors).read_map(root, "");
  } else if (root.IsDefined() && !root.IsNull()) {
    errors.add(root,
               "the file is not a map of settings; write for example \"log: {level: debug}\"");
  }
  return std::move(errors).take();
}

}  // namespace rig
