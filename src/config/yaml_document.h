// A file with one YAML document, and the errors in it.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>
#include <vector>

namespace rig {

// Collects the errors of a file: "FILE:LINE:COLUMN: what".
class YamlErrors {
 public:
  explicit YamlErrors(std::string file) : file_(std::move(file)) {}

  void add(const YAML::Mark& mark, std::string_view what);
  void add(const YAML::Node& node, std::string_view what) { add(node.Mark(), what); }

  std::vector<std::string> take() && { return std::move(errors_); }

 private:
  const std::string file_;
  std::vector<std::string> errors_;
};

// The document of a text. Null if the text is empty, or after an error.
YAML::Node load_yaml_document(const std::string& text, YamlErrors& errors);

}  // namespace rig
