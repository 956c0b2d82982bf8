// Replaces identifiers of individual GPUs by pseudonyms.
//
// A pseudonym has the same format as the identifier and depends only on it: different GPUs stay
// different, and two captures of the same GPU can be recognized. It is derived from 24 bits of a
// hash, so that the identifier cannot be recovered: very many identifiers share each pseudonym.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

// 0, which means none, stays 0.
std::uint64_t pseudonym_number(std::uint64_t id);

// 16 hexadecimal digits (unique_id, and the serial number of a GPU that has no other) become those
// of the number's pseudonym. In any other text, digits become digits and letters letters.
std::string pseudonym_text(std::string_view id);

struct AnonymizedText {
  std::string text;
  std::vector<std::string> replaced;  // the kernel's names of the replaced identifiers
};
// Replaces the identifiers in the text of a sysfs file. Only files named unique_id or
// serial_number, and KFD's node properties, contain any.
AnonymizedText anonymize(const std::filesystem::path& file, std::string text);

}  // namespace rig
