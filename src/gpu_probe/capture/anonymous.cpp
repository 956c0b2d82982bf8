#include "gpu_probe/capture/anonymous.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::size_t kHexDigits = 16;
constexpr std::array kIdentityFiles{"unique_id", "serial_number"};
constexpr std::array kIdentityProperties{"unique_id", "hive_id"};

// The finaliser of splitmix64: every bit of the result depends on all bits of the value.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

// All that is kept of an identifier.
std::uint64_t remains_of(std::uint64_t value) { return mixed(value) & 0xffffffU; }

std::uint64_t remains_of(std::string_view text) {
  std::uint64_t hash = 0;
  for (const char c : text) hash = mixed(hash ^ static_cast<unsigned char>(c));
  return remains_of(hash);
}

// Letters that are hexadecimal digits stay such, so that a number stays a number.
std::string_view kind_of(char c) {
  constexpr std::array<std::string_view, 5> kKinds{"0123456789", "abcdef", "ghijklmnopqrstuvwxyz",
                                                   "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ"};
  for (const auto kind : kKinds) {
    if (kind.find(c) != std::string_view::npos) return kind;
  }
  return {};
}

std::string hexadecimal(std::uint64_t number) {
  std::array<char, kHexDigits> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  const std::string text(digits.data(), end);
  return std::string(kHexDigits - text.size(), '0') + text;
}

std::string anonymous_line(std::string_view line, std::vector<std::string>& replaced) {
  const auto [key, value] = split_at(line, ' ');
  const auto id = parse_number<std::uint64_t>(value);
  if (std::ranges::find(kIdentityProperties, key) == kIdentityProperties.end() || id == 0U)
    return std::string(line);
  replaced.emplace_back(key);
  return std::string(key) + ' ' + (id ? std::to_string(made_up_number(*id)) : made_up_text(value));
}

AnonymousText anonymous_properties(const std::string& text) {
  AnonymousText result;
  for (const auto line : lines(text)) result.text += anonymous_line(line, result.replaced) + '\n';
  if (!text.ends_with('\n') && !result.text.empty()) result.text.pop_back();
  return result;
}

}  // namespace

std::uint64_t made_up_number(std::uint64_t id) { return id == 0 ? 0 : mixed(remains_of(id)); }

std::string made_up_text(std::string_view id) {
  const auto number = parse_number<std::uint64_t>(id, 16);
  if (number == 0U) return std::string(id);
  if (number && id.size() == kHexDigits) return hexadecimal(made_up_number(*number));
  std::string text(id);
  std::uint64_t random = remains_of(id);
  for (char& c : text) {
    random = mixed(random);
    const auto kind = kind_of(c);
    if (!kind.empty()) c = kind[random % kind.size()];
  }
  return text;
}

AnonymousText anonymous(const std::filesystem::path& file, std::string text) {
  const std::string name = file.filename().string();
  if (name == "properties") return anonymous_properties(text);
  if (std::ranges::find(kIdentityFiles, name) == kIdentityFiles.end()) return {std::move(text), {}};
  const std::string_view id = trim(text);
  std::string made_up = made_up_text(id);
  if (made_up == id) return {std::move(text), {}};
  text.replace(static_cast<std::size_t>(id.data() - text.data()), id.size(), made_up);
  return {std::move(text), {name}};
}

}  // namespace rig
