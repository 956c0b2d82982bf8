// The result for an array depends on its own lines only, not on their position in the file.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "raid/mdstat_summary.h"
#include "rig/kernel/text.h"
#include "support/catch.h"

using namespace rig;

namespace {

using Blocks = std::vector<std::string>;

// The lines of each array in a complete file.
Blocks blocks_of(std::string_view text) {
  Blocks blocks;
  for (const std::string_view line : lines(text)) {
    if (line.starts_with("Personalities") || line.starts_with("unused") || line.empty()) continue;
    if (line.front() != ' ') blocks.emplace_back();
    if (!blocks.empty()) blocks.back() += std::string(line) + '\n';
  }
  return blocks;
}

// All arrays of the hosts in tests/rigs, each name once.
Blocks all_blocks() {
  Blocks blocks;
  std::set<std::string> names;
  for (const auto& rig : std::filesystem::directory_iterator(RIG_TEST_RIGS)) {
    std::ifstream file(rig.path() / "proc/mdstat");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    for (auto& block : blocks_of(text)) {
      if (names.insert(block.substr(0, block.find(' '))).second) blocks.push_back(std::move(block));
    }
  }
  std::ranges::sort(blocks);
  return blocks;
}

std::string file_of(const Blocks& blocks) {
  std::string text = "Personalities : [raid1] \n";
  for (const auto& block : blocks) text += block + '\n';
  return text + "unused devices: <none>\n";
}

std::multiset<std::string> summaries_of_each(const Blocks& blocks) {
  std::multiset<std::string> result;
  for (const auto& block : blocks) result.insert(summary(block));
  return result;
}

std::multiset<std::string> summaries_of_all(const Blocks& blocks) {
  const auto mdstat = parse_mdstat(file_of(blocks));
  CHECK(mdstat.problems.empty());
  std::multiset<std::string> result;
  for (const auto& array : mdstat.arrays) result.insert(summary(array));
  return result;
}

}  // namespace

TEST_CASE("The order of the arrays in mdstat does not matter") {
  Blocks blocks = all_blocks();
  REQUIRE(blocks.size() > 30);
  const auto expected = summaries_of_each(blocks);
  std::mt19937 random(20240903);  // NOLINT(cert-msc51-cpp): same orders in every run
  for (int i = 0; i < 200; ++i) {
    std::ranges::shuffle(blocks, random);
    REQUIRE(summaries_of_all(blocks) == expected);
  }
}

TEST_CASE("No order of a few arrays matters, with and without lines after their status") {
  Blocks blocks;
  for (const auto& block : all_blocks()) {
    const bool has_more = block.find('=') != block.npos || block.find("bitmap:") != block.npos;
    const bool wanted = blocks.size() < 3 ? has_more : !has_more;
    if (wanted && blocks.size() < 6) blocks.push_back(block);
  }
  REQUIRE(blocks.size() == 6);
  std::ranges::sort(blocks);
  const auto expected = summaries_of_each(blocks);
  int orders = 0;
  do {
    REQUIRE(summaries_of_all(blocks) == expected);
    ++orders;
  } while (std::ranges::next_permutation(blocks).found);
  CHECK(orders == 720);
}
