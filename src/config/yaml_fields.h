// Reads YAML maps whose keys are known.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/yaml_document.h"

namespace rig {

struct YamlField {
  std::string_view name;
  // Reads the value, which is never null. Throws ConfigError that describes the error without the
  // field's name and location.
  std::function<void(const YAML::Node&)> read;
};

// Reads each field that the map contains. Adds an error for a key that is unknown or a duplicate,
// and if the node is not a map; null is an empty map. `name` is the map's, for messages.
void read_yaml_fields(const YAML::Node& node, std::string_view name,
                      const std::vector<YamlField>& fields, YamlErrors& errors);

// They throw ConfigError.
std::string yaml_text(const YAML::Node& node);
bool yaml_bool(const YAML::Node& node);
std::vector<std::string> yaml_texts(const YAML::Node& node);

}  // namespace rig
