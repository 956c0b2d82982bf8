#include "config/yaml_document.h"

#include <fmt/format.h>
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>

#include <sstream>

namespace rig {
namespace {

// Where the first documents of a stream start.
class DocumentStarts : public YAML::EventHandler {
 public:
  // At most two: at a comma outside of a list, yaml-cpp finds empty documents without end, so that
  // YAML::LoadAll() never returns.
  static std::vector<YAML::Mark> in(const std::string& text) {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    DocumentStarts handler;
    while (handler.starts_.size() < 2 && parser.HandleNextDocument(handler)) {
    }
    return handler.starts_;
  }

  void OnDocumentStart(const YAML::Mark& mark) override { starts_.push_back(mark); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& /*unused*/, YAML::anchor_t /*unused*/) override {}
  void OnAlias(const YAML::Mark& /*unused*/, YAML::anchor_t /*unused*/) override {}
  void OnScalar(const YAML::Mark& /*unused*/, const std::string& /*unused*/,
                YAML::anchor_t /*unused*/, const std::string& /*unused*/) override {}
  void OnSequenceStart(const YAML::Mark& /*unused*/, const std::string& /*unused*/,
                       YAML::anchor_t /*unused*/, YAML::EmitterStyle::value /*unused*/) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& /*unused*/, const std::string& /*unused*/,
                  YAML::anchor_t /*unused*/, YAML::EmitterStyle::value /*unused*/) override {}
  void OnMapEnd() override {}

 private:
  std::vector<YAML::Mark> starts_;
};

}  // namespace

void YamlErrors::add(const YAML::Mark& mark, std::string_view what) {
  errors_.push_back(fmt::format("{}:{}:{}: {}", file_, mark.line + 1, mark.column + 1, what));
}

YAML::Node load_yaml_document(const std::string& text, YamlErrors& errors) {
  try {
    if (const auto starts = DocumentStarts::in(text); starts.size() > 1)
      errors.add(starts[1],
                 "a second YAML document starts here: put all settings into one document");
    return YAML::Load(text);
  } catch (const YAML::Exception& error) {
    errors.add(
        error.mark,
        fmt::format("invalid YAML: {}; check the indentation, quotes and brackets", error.msg));
    return {};
  }
}

}  // namespace rig
