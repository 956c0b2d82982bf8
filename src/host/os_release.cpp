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

// Empty if missing. The last assignment counts, as in a shell.
std::string value_of(std::string_view text, std::string_view key) {
  std::string value;
  for (const std::string_view line : lines(text)) {
    const Split split = split_at(line, '=');
    if (trim(split.before) == key) value = unquote(trim(split.after));
  }
  return value;
}

}  // namespace

std::string parse_os_name(std::string_view text) {
  std::string pretty = value_of(text, "PRETTY_NAME");
  if (!pretty.empty()) return pretty;
  const std::string name = value_of(text, "NAME");
  const std::string version = value_of(text, "VERSION");
  const std::string number = version.empty() ? value_of(text, "VERSION_ID") : version;
  return name.empty() || number.empty() ? name : name + " " + number;
}

}  // namespace rig
