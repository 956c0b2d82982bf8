#include "rig/kernel/text.h"

namespace rig {
namespace {

// Loops over these are several times faster than find_first_of(), which calls memchr() for each
// character.
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_blank_or_newline(char c) { return is_blank(c) || c == '\n' || c == '\r'; }

// Most lines of the kernel have fewer.
constexpr std::size_t kUsualWords = 16;

}  // namespace

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank_or_newline(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank_or_newline(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  found.reserve(kUsualWords);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    while (at < text.size() && !is_blank(text[at])) ++at;
    if (at > start) found.push_back(text.substr(start, at - start));
    while (at < text.size() && is_blank(text[at])) ++at;
  }
  return found;
}

std::vector<std::string_view> lines(std::string_view text) {
  std::vector<std::string_view> found;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    found.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

bool is_truncated(std::string_view text) { return !text.empty() && text.back() != '\n'; }

std::vector<std::string_view> complete_lines(std::string_view text) {
  auto found = lines(text);
  if (is_truncated(text)) found.pop_back();
  return found;
}

Split split_at(std::string_view text, char separator) {
  const auto at = text.find(separator);
  if (at == text.npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

}  // namespace rig
