#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kBlanksAndNewlines = " \t\r\n";

}  // namespace

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanksAndNewlines);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanksAndNewlines) - first + 1);
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  found.reserve(16);
  for (auto start = text.find_first_not_of(kBlanks); start != text.npos;
       start = text.find_first_not_of(kBlanks, start)) {
    const auto end = std::min(text.find_first_of(kBlanks, start), text.size());
    found.push_back(text.substr(start, end - start));
    start = end;
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
