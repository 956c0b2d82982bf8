#include "gpu_probe/capture/anonymize.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::size_t kMaxHexDigits = 16;
constexpr std::array kIdentityFiles{"unique_id", "serial_number"};
constexpr std::array kIdentityProperties{"unique_id", "hive_id"};

// The finalizer of splitmix64: every bit of the result depends on all bits of the value.
std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

// The 24 bits of an identifier that its pseudonym depends on.
std::uint64_t short_hash(std::uint64_t value) { return mix(value) & 0xffffffU; }

std::uint64_t short_hash(std::string_view text) {
  std::uint64_t hash = 0;
  for (const char c : text) hash = mix(hash ^ static_cast<unsigned char>(c));
  return short_hash(hash);
}

// Hexadecimal letters are a separate class, so that a hexadecimal number remains one.
std::string_view character_class(char c) {
  constexpr std::array<std::string_view, 5> kClasses{"0123456789", "abcdef", "ghijklmnopqrstuvwxyz",
                                                     "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ"};
  for (const auto characters : kClasses) {
    if (characters.find(c) != std::string_view::npos) return characters;
  }
  return {};
}

std::string to_hexadecimal(std::uint64_t number) {
  std::array<char, kMaxHexDigits> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  const std::string text(digits.data(), end);
  return std::string(kMaxHexDigits - text.size(), '0') + text;
}

std::string anonymize_line(std::string_view line, std::vector<std::string>& replaced) {
  const auto [key, value] = split_at(line, ' ');
  const auto id = parse_number<std::uint64_t>(value);
  if (std::ranges::find(kIdentityProperties, key) == kIdentityProperties.end() || id == 0U)
    return std::string(line);
  replaced.emplace_back(key);
  return std::string(key) + ' ' +
         (id ? std::to_string(pseudonym_number(*id)) : pseudonym_text(value));
}

AnonymizedText anonymize_properties(const std::string& text) {
  AnonymizedText result;
  for (const auto line : lines(text)) result.text += anonymize_line(line, result.replaced) + '\n';
  if (!text.ends_with('\n') && !result.text.empty()) result.text.pop_back();
  return result;
}

}  // namespace

std::uint64_t pseudonym_number(std::uint64_t id) { return id == 0 ? 0 : mix(short_hash(id)); }

std::string pseudonym_text(std::string_view id) {
  const auto number = parse_number<std::uint64_t>(id, 16);
  if (number == 0U) return std::string(id);
  if (number && id.size() == kMaxHexDigits) return to_hexadecimal(pseudonym_number(*number));
  std::string text(id);
  std::uint64_t random = short_hash(id);
  for (char& c : text) {
    random = mix(random);
    const auto characters = character_class(c);
    if (!characters.empty()) c = characters[random % characters.size()];
  }
  return text;
}

AnonymizedText anonymize(const std::filesystem::path& file, std::string text) {
  const std::string name = file.filename().string();
  if (name == "properties") return anonymize_properties(text);
  if (std::ranges::find(kIdentityFiles, name) == kIdentityFiles.end()) return {std::move(text), {}};
  const std::string_view id = trim(text);
  std::string pseudonym = pseudonym_text(id);
  if (pseudonym == id) return {std::move(text), {}};
  text.replace(static_cast<std::size_t>(id.data() - text.data()), id.size(), pseudonym);
  return {std::move(text), {name}};
}

}  // namespace rig
