// An array is told by its own lines: where they stand among the others' does not matter.
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

// The lines of each array in a whole file.
Blocks blocks_of(std::string_view text) {
  Blocks blocks;
  for (const std::string_view line : lines(text)) {
    if (line.starts_with("Personalities") || line.starts_with("unused") || line.empty()) continue;
    if (line.front() != ' ') blocks.emplace_back();
    if (!blocks.empty()) blocks.back() += std::string(line) + '\n';
  }
  return blocks;
}

// Every array of every fake machine, each name once.
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

std::string whole(const Blocks& blocks) {
  std::string text = "Personalities : [raid1] \n";
  for (const auto& block : blocks) text += block + '\n';
  return text + "unused devices: <none>\n";
}

std::multiset<std::string> told_alone(const Blocks& blocks) {
  std::multiset<std::string> result;
  for (const auto& block : blocks) result.insert(told(block));
  return result;
}

std::multiset<std::string> told_together(const Blocks& blocks) {
  const auto mdstat = parse_mdstat(whole(blocks));
  CHECK(mdstat.problems.empty());
  std::multiset<std::string> result;
  for (const auto& array : mdstat.arrays) result.insert(told(array));
  return result;
}

}  // namespace

TEST_CASE("Any order of the arrays in mdstat tells the same arrays") {
  Blocks blocks = all_blocks();
  REQUIRE(blocks.size() > 30);
  const auto alone = told_alone(blocks);
  std::mt19937 random(20240903);  // NOLINT(cert-msc51-cpp): the same orders at every run
  for (int i = 0; i < 200; ++i) {
    std::ranges::shuffle(blocks, random);
    REQUIRE(told_together(blocks) == alone);
  }
}

TEST_CASE("All orders of a few arrays, with and without lines below their status") {
  Blocks blocks;
  for (const auto& block : all_blocks()) {
    const bool has_more = block.find('=') != block.npos || block.find("bitmap:") != block.npos;
    const bool wanted = blocks.size() < 3 ? has_more : !has_more;
    if (wanted && blocks.size() < 6) blocks.push_back(block);
  }
  REQUIRE(blocks.size() == 6);
  std::ranges::sort(blocks);
  const auto alone = told_alone(blocks);
  int orders = 0;
  do {
    REQUIRE(told_together(blocks) == alone);
    ++orders;
  } while (std::ranges::next_permutation(blocks).found);
  CHECK(orders == 720);
}
