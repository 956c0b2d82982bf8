#include "host/os_release.h"

#include "rig/kernel/text.h"

namespace rig {
namespace {

// Unquotes like a shell: "a \"b\"" becomes a "b".
std::string unquote(std::string_view text) {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                      text.back() == text.front();
  if (!quoted) return std::string(text);
  const bool escapes = text.front() == '"';
  text = text.substr(1, text.size() - 2);
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (escapes && text[i] == '\\' && i + 1 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

}  // namespace

std::string parse_pretty_name(std::string_view text) {
  for (const std::string_view line : lines(text)) {
    const Split split = split_at(line, '=');
    if (split.before == "PRETTY_NAME") return unquote(trim(split.after));
  }
  return {};
}

}  // namespace rig
