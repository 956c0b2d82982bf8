// Identifiers that tell one card of a kind from all others, replaced by made-up ones.
//
// A made-up identifier has the form of the real one, and is the same wherever and whenever the real
// one is met: two cards stay two cards, and two captures of a card can be told to be of one. It is
// made of 24 bits of a hash, so that it does not lead back: each is that of very many real ones.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

// 0, which is "none", stays 0.
std::uint64_t made_up_number(std::uint64_t id);

// 16 hexadecimal digits (unique_id, and the serial number of a card that has none of its own) give
// those of the made-up number; in any other text, digits become digits and letters letters.
std::string made_up_text(std::string_view id);

struct AnonymousText {
  std::string text;
  std::vector<std::string> replaced;  // which identifiers, by their names in the kernel
};
// What a file of sysfs holds, without identifiers. Which files have any is told by their names:
// unique_id, serial_number, and KFD's properties of a node.
AnonymousText anonymous(const std::filesystem::path& file, std::string text);

}  // namespace rig
