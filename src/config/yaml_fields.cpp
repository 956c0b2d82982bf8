#include "config/yaml_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/suggestion.h"
#include "rig/config/config_error.h"

namespace rig {
namespace {

std::vector<std::string> names_of(const std::vector<YamlField>& fields) {
  std::vector<std::string> names;
  names.reserve(fields.size());
  for (const auto& field : fields) names.emplace_back(field.name);
  return names;
}

}  // namespace

void read_yaml_fields(const YAML::Node& node, std::string_view name,
                      const std::vector<YamlField>& fields, YamlErrors& errors) {
  if (!node.IsDefined() || node.IsNull()) return;
  if (!node.IsMap()) {
    errors.add(node, fmt::format("{} must be a map: write its fields below it, indented", name));
    return;
  }
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
    const auto field = std::ranges::find(fields, key, &YamlField::name);
    if (field == fields.end()) {
      errors.add(entry.first, fmt::format("unknown field \"{}\" of {}{}", key, name,
                                          suggestion(key, names_of(fields))));
    } else if (!seen.insert(key).second) {
      errors.add(entry.first, fmt::format("duplicate field \"{}\": write it once", key));
    } else if (!entry.second.IsNull()) {
      try {
        field->read(entry.second);
      } catch (const ConfigError& error) {
        errors.add(entry.second, fmt::format("{}: {}", key, error.what()));
      }
    }
  }
}

std::string yaml_text(const YAML::Node& node) {
  if (!node.IsScalar()) throw ConfigError("not a string: write one in quotes");
  return node.Scalar();
}

// The words of YAML 1.1, which other exporters accept.
bool yaml_bool(const YAML::Node& node) {
  bool value = false;
  if (!node.IsScalar() || !YAML::convert<bool>::decode(node, value))
    throw ConfigError("not a boolean: write true or false");
  return value;
}

std::vector<std::string> yaml_texts(const YAML::Node& node) {
  if (!node.IsSequence()) throw ConfigError("not a list: write [A, B]");
  std::vector<std::string> texts;
  for (const auto& item : node) texts.push_back(yaml_text(item));
  return texts;
}

}  // namespace rig
