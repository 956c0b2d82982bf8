#include "host/meminfo.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "host/part_of_whole.h"
#include "rig/kernel/text.h"
#include "rig/kernel/units.h"

namespace rig {
namespace {

struct MeminfoLine {
  std::string_view key;
  std::optional<double> Meminfo::*field;
};

constexpr auto kMeminfoLines = std::to_array<MeminfoLine>({
    {"MemTotal", &Meminfo::total_bytes},
    {"MemFree", &Meminfo::free_bytes},
    {"MemUsed", &Meminfo::used_bytes},
    {"MemAvailable", &Meminfo::available_bytes},
    {"Buffers", &Meminfo::buffers_bytes},
    {"Cached", &Meminfo::cached_bytes},
    {"Shmem", &Meminfo::shmem_bytes},
    {"SReclaimable", &Meminfo::slab_reclaimable_bytes},
    {"SUnreclaim", &Meminfo::slab_unreclaimable_bytes},
    {"Dirty", &Meminfo::dirty_bytes},
    {"Writeback", &Meminfo::writeback_bytes},
    {"AnonPages", &Meminfo::anonymous_bytes},
    {"Mapped", &Meminfo::mapped_bytes},
    {"Committed_AS", &Meminfo::committed_bytes},
    {"CommitLimit", &Meminfo::commit_limit_bytes},
    {"HugePages_Total", &Meminfo::hugepages_total_bytes},
    {"HugePages_Free", &Meminfo::hugepages_free_bytes},
    {"SwapTotal", &Meminfo::swap_total_bytes},
    {"SwapFree", &Meminfo::swap_free_bytes},
});

// A line that every text with an earlier one has, unless it was cut in between.
struct LaterLine {
  std::string_view earlier;
  std::string_view key;
};
constexpr auto kLaterLines = std::to_array<LaterLine>({
    {"Cached", "SwapTotal"},
    {"Cached", "SwapFree"},
    {"Active", "Dirty"},
    {"Active", "Writeback"},
    {"Active", "AnonPages"},
    {"Active", "SReclaimable"},
    {"Active", "SUnreclaim"},
    {"KernelStack", "CommitLimit"},
    {"KernelStack", "Committed_AS"},
});
constexpr auto kNotOfNodes = std::to_array<std::string_view>({"CommitLimit", "Committed_AS"});

struct Part {
  std::optional<double> Meminfo::*part;
  std::optional<double> Meminfo::*whole;
};
constexpr auto kParts = std::to_array<Part>({
    {&Meminfo::free_bytes, &Meminfo::total_bytes},
    {&Meminfo::used_bytes, &Meminfo::total_bytes},
    {&Meminfo::available_bytes, &Meminfo::total_bytes},
    // Not AnonPages and Mapped, which include pages in the memory of devices.
    {&Meminfo::buffers_bytes, &Meminfo::total_bytes},
    {&Meminfo::cached_bytes, &Meminfo::total_bytes},
    {&Meminfo::shmem_bytes, &Meminfo::total_bytes},
    {&Meminfo::slab_reclaimable_bytes, &Meminfo::total_bytes},
    {&Meminfo::slab_unreclaimable_bytes, &Meminfo::total_bytes},
    {&Meminfo::dirty_bytes, &Meminfo::total_bytes},
    {&Meminfo::writeback_bytes, &Meminfo::total_bytes},
    {&Meminfo::hugepages_free_bytes, &Meminfo::hugepages_total_bytes},
    {&Meminfo::swap_free_bytes, &Meminfo::swap_total_bytes},
});

std::string_view name_of(std::optional<double> Meminfo::*field) {
  return std::ranges::find(kMeminfoLines, field, &MeminfoLine::field)->key;
}

const MeminfoLine* find_line(std::string_view key) {
  for (const MeminfoLine& line : kMeminfoLines) {
    if (line.key == key) return &line;
  }
  return nullptr;
}

bool contains(std::span<const std::string_view> keys, std::string_view key) {
  return std::ranges::find(keys, key) != keys.end();
}

std::vector<std::string_view> missing_lines(std::span<const std::string_view> found, bool node) {
  std::vector<std::string_view> missing;
  for (const std::string_view key : {"MemTotal", "MemFree"}) {
    if (!contains(found, key)) missing.push_back(key);
  }
  for (const auto& [earlier, key] : kLaterLines) {
    const bool expected = contains(found, earlier) && !(node && contains(kNotOfNodes, key));
    if (expected && !contains(found, key)) missing.push_back(key);
  }
  return missing;
}

// "65757340 kB" is converted to bytes (the kernel's kB are 1024 bytes), "16" is returned as is.
std::optional<double> parse_amount(std::string_view text) {
  text = trim(text);
  const bool kilobytes = text.ends_with("kB");
  if (kilobytes) text.remove_suffix(2);
  const auto number = parse_number<double>(text);
  const double amount = number.value_or(-1) * (kilobytes ? double{kBytesPerKiB} : 1);
  return std::isfinite(amount) && amount >= 0 ? std::optional(amount) : std::nullopt;
}

}  // namespace

Meminfo parse_meminfo(std::string_view text) {
  Meminfo memory;
  std::optional<double> hugepage_bytes;
  std::vector<std::string_view> found;
  for (const std::string_view line : complete_lines(text)) {
    const Split split = split_at(line, ':');
    // Without the prefix "Node N ".
    const std::string_view key = split.before.substr(split.before.rfind(' ') + 1);
    found.push_back(key);
    const bool is_page_size = key == "Hugepagesize";
    const MeminfoLine* const known = find_line(key);
    if (!known && !is_page_size) continue;
    const auto amount = parse_amount(split.after);
    if (!amount) memory.malformed.emplace_back(line);
    (is_page_size ? hugepage_bytes : memory.*known->field) = amount;
  }
  memory.missing = missing_lines(found, text.starts_with("Node "));
  // HugePages_* count pages.
  for (auto* const pages : {&memory.hugepages_total_bytes, &memory.hugepages_free_bytes}) {
    if (*pages && hugepage_bytes) {
      **pages *= *hugepage_bytes;
    } else {
      pages->reset();
    }
  }
  return memory;
}

std::vector<Problem> remove_implausible(Meminfo& memory, const std::string& file) {
  std::vector<Problem> problems;
  for (const auto& [part, whole] : kParts) {
    const auto problem =
        remove_larger_part(memory.*part, memory.*whole, file, name_of(part), name_of(whole));
    if (problem) problems.push_back(*problem);
  }
  return problems;
}

}  // namespace rig
