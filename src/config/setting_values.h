// Conversions of the values of settings. They throw ConfigError, which describes the error in the
// value and what to write instead.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "config/suggestion.h"
#include "rig/config/config_error.h"

namespace rig {

bool to_bool(const std::string& text);
std::chrono::milliseconds to_sample_interval(const std::string& text);
std::chrono::milliseconds to_duration(const std::string& text, std::chrono::milliseconds least,
                                      std::chrono::milliseconds most);
unsigned to_count(const std::string& text, unsigned least, unsigned most);
// Permissions of a file, in octal: "0660".
unsigned to_file_mode(const std::string& text);
std::string from_file_mode(unsigned mode);
std::filesystem::path to_directory(const std::string& text);
std::string to_probe(const std::string& text);
std::string to_telemetry_path(const std::string& text);
std::vector<std::string> to_addresses(const std::vector<std::string>& values);
// Normalized to "md0", "md/data". `patterns`: whether they may end with *.
std::vector<std::string> to_arrays(const std::vector<std::string>& values, bool patterns);

// A word and what it means.
template <typename T>
struct Choice {
  const char* word;
  T value;
};

template <typename T>
std::vector<std::string> words_of(std::span<const Choice<T>> choices) {
  std::vector<std::string> words;
  for (const auto& choice : choices) words.emplace_back(choice.word);
  return words;
}

template <typename T>
T to_choice(const std::string& text, std::span<const Choice<T>> choices) {
  for (const auto& choice : choices) {
    if (choice.word == text) return choice.value;
  }
  throw ConfigError(
      fmt::format("unknown value \"{}\"{}", text, suggestion(text, words_of(choices))));
}

template <typename T>
std::string to_word(T value, std::span<const Choice<T>> choices) {
  for (const auto& choice : choices) {
    if (choice.value == value) return choice.word;
  }
  return {};
}

}  // namespace rig
