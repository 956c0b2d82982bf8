#include "raid/mdstat_line.h"

#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include "rig/kernel/text.h"
#include "rig/kernel/units.h"

namespace rig::mdstat_line {
namespace {

using Words = std::span<const std::string_view>;

std::optional<std::uint64_t> bytes_of_kib(std::string_view text) {
  const auto kib = parse_number<std::uint64_t>(text);
  if (!kib || *kib > std::numeric_limits<std::uint64_t>::max() / kBytesPerKiB) return std::nullopt;
  return *kib * kBytesPerKiB;
}

bool is_enclosed(std::string_view word, char open, char close) {
  return word.size() >= 2 && word.front() == open && word.back() == close;
}

std::string_view without_brackets(std::string_view word) { return word.substr(1, word.size() - 2); }

bool set_flag(MdstatMember& member, char flag) {
  switch (flag) {
    case 'W':
      return member.write_mostly = true;
    case 'J':
      return member.journal = true;
    case 'F':
      return member.faulty = true;
    case 'S':
      return member.spare = true;
    case 'R':
      return member.replacement = true;
    default:
      return flag >= 'A' && flag <= 'Z';  // from a later kernel
  }
}

// "sdb1[1](W)(F)"
std::optional<MdstatMember> parse_member(std::string_view word) {
  const auto open = word.find('[');
  const auto close = word.find(']', open);
  if (open == 0 || close == word.npos) return std::nullopt;
  const auto number = parse_number<int>(word.substr(open + 1, close - open - 1));
  if (!number) return std::nullopt;
  MdstatMember member;
  member.name = word.substr(0, open);
  member.number = *number;
  std::string_view flags = word.substr(close + 1);
  for (; !flags.empty(); flags.remove_prefix(3)) {
    if (flags.size() < 3 || flags[0] != '(' || flags[2] != ')') return std::nullopt;
    if (!set_flag(member, flags[1])) return std::nullopt;
  }
  return member;
}

bool looks_like_member(std::string_view word) { return word.find('[', 1) != word.npos; }

bool begins_status(std::string_view word) {
  return word == "super" || word.front() == '[' || (word.front() >= '0' && word.front() <= '9');
}

// "UU_"; Synology's kernel writes E for a disk that had an error but is still in use.
bool is_pattern(std::string_view text) {
  constexpr std::string_view kLetters = "_ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return !text.empty() && text.find_first_not_of(kLetters) == text.npos;
}

// "[3/2]" or "[UU_]"
bool set_bracketed(MdstatArray& array, std::string_view word) {
  if (!is_enclosed(word, '[', ']')) return false;
  const std::string_view text = without_brackets(word);
  if (is_pattern(text)) {
    array.slots = text;
    return true;
  }
  const auto [required, working] = split_at(text, '/');
  array.disks_required = parse_number<unsigned>(required);
  array.disks_working = parse_number<unsigned>(working);
  return array.disks_required && array.disks_working;
}

// A word and the number before it: "64k chunks", "2 near-copies". std::nullopt for other words.
std::optional<bool> set_counted(MdstatArray& array, std::string_view number,
                                std::string_view word) {
  if (word == "blocks") return (array.size_bytes = bytes_of_kib(number)).has_value();
  if (word == "chunk" || word == "chunks") {
    if (!number.ends_with('k') && !number.ends_with('K')) return false;
    number.remove_suffix(1);
    return (array.chunk_bytes = bytes_of_kib(number)).has_value();
  }
  const bool is_raid10_word =
      word == "near-copies" || word == "far-copies" || word == "offset-copies" || word == "devices";
  if (!is_raid10_word) return std::nullopt;
  const auto count = parse_number<unsigned>(number);
  if (!count) return false;
  if (!array.raid10) array.raid10.emplace();
  if (word == "near-copies") array.raid10->near_copies = *count;
  if (word == "far-copies" || word == "offset-copies") array.raid10->far_copies = *count;
  if (word == "offset-copies") array.raid10->offset = true;
  if (word == "devices") array.raid10->devices_per_set = *count;
  return true;
}

// "63488 blocks super 1.2 level 5, 64k chunk, algorithm 2 [3/3] [UUU]". Unknown words are skipped:
// each personality prints its own, and later kernels print more.
std::optional<MdstatArray> with_status(MdstatArray array, Words words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (word.ends_with(',')) word.remove_suffix(1);
    const std::string_view before = i > 0 ? words[i - 1] : std::string_view();
    const std::string_view after = i + 1 < words.size() ? words[i + 1] : std::string_view();
    bool valid = true;
    bool known = true;
    if (word.starts_with('[')) {
      valid = set_bracketed(array, word);
    } else if (word == "super") {
      array.metadata = after;
      valid = !after.empty();
    } else if (word == "algorithm") {
      array.algorithm = parse_number<unsigned>(after);
      valid = array.algorithm.has_value();
    } else if (const auto counted = set_counted(array, before, word)) {
      valid = *counted;
    } else {
      known = false;
    }
    if (!valid) return std::nullopt;
    array.has_status = array.has_status || known;
  }
  if (!array.has_status) return std::nullopt;
  return array;
}

bool is_progress_bar(std::string_view word) {
  return is_enclosed(word, '[', ']') && word.size() > 2 &&
         without_brackets(word).find_first_not_of("=>.") == word.npos;
}

// "(2304/16384)"
bool set_position(MdstatProgress& progress, std::string_view word) {
  if (!is_enclosed(word, '(', ')')) return false;
  const auto [done, total] = split_at(without_brackets(word), '/');
  progress.done_kib = parse_number<std::uint64_t>(done);
  progress.total_kib = parse_number<std::uint64_t>(total);
  return progress.done_kib && progress.total_kib;
}

bool set_progress_field(MdstatProgress& progress, std::string_view word) {
  if (word.starts_with('(')) return set_position(progress, word);
  const auto [name, value] = split_at(word, '=');
  if (name == "finish") {
    if (!value.ends_with("min")) return false;
    progress.finish_minutes = parse_number<double>(value.substr(0, value.size() - 3));
    constexpr double kMaxMinutes = 1e18;  // a 64-bit number of seconds is less
    return progress.finish_minutes && std::abs(*progress.finish_minutes) < kMaxMinutes;
  }
  if (name == "speed") {
    if (!value.ends_with("K/sec")) return false;
    // The kernel prints it as a signed number.
    const auto speed = parse_number<std::int64_t>(value.substr(0, value.size() - 5));
    if (speed && *speed >= 0) progress.speed_kib_per_second = static_cast<std::uint64_t>(*speed);
    return speed.has_value();
  }
  return true;
}

std::optional<double> ratio_of(const MdstatProgress& progress, double percent) {
  const double ratio = progress.total_kib ? static_cast<double>(*progress.done_kib) /
                                                static_cast<double>(*progress.total_kib)
                                          : percent / 100;
  if (ratio >= 0 && ratio <= 1) return ratio;  // false for NaN (0/0), too
  return std::nullopt;
}

// The text after the bar: " recovery = 12.1% (2304/16384) finish=0.3min speed=768K/sec"
std::optional<MdstatProgress> parse_progress(std::string_view text) {
  const auto [action, rest] = split_at(text, '=');
  const auto [percent_text, fields] = split_at(rest, '%');
  const auto percent = parse_number<double>(percent_text);
  const auto action_words = words(action);
  if (!percent || action_words.size() != 1) return std::nullopt;
  MdstatProgress progress;
  progress.action = action_words[0];
  for (const std::string_view word : words(fields)) {
    if (!set_progress_field(progress, word)) return std::nullopt;
  }
  progress.ratio = ratio_of(progress, *percent);
  return progress;
}

// "resync=DELAYED"
std::optional<MdstatWaiting> parse_waiting(std::string_view word) {
  const auto [action, reason] = split_at(word, '=');
  if (action.empty()) return std::nullopt;
  if (reason == "DELAYED") return MdstatWaiting{std::string(action), "delayed"};
  if (reason == "PENDING") return MdstatWaiting{std::string(action), "pending"};
  if (reason == "REMOTE") return MdstatWaiting{std::string(action), "remote"};
  return std::nullopt;
}

// "64KB", "512B"
std::optional<std::uint64_t> parse_bitmap_chunk(std::string_view text) {
  if (text.ends_with("KB")) return bytes_of_kib(text.substr(0, text.size() - 2));
  if (text.ends_with('B')) return parse_number<std::uint64_t>(text.substr(0, text.size() - 1));
  return std::nullopt;
}

// "0/1 pages [0KB], 65536KB chunk, file: /var/bitmap"
std::optional<MdstatBitmap> parse_bitmap(std::string_view text) {
  const auto [memory, rest] = split_at(text, ',');
  const auto [chunk, file_text] = split_at(rest, ',');
  const auto memory_words = words(memory);
  const auto chunk_words = words(chunk);
  if (memory_words.size() != 3 || memory_words[1] != "pages") return std::nullopt;
  if (chunk_words.size() != 2 || chunk_words[1] != "chunk") return std::nullopt;
  const auto [dirty_text, pages_text] = split_at(memory_words[0], '/');
  const auto dirty_pages = parse_number<std::uint64_t>(dirty_text);
  const auto pages = parse_number<std::uint64_t>(pages_text);
  const auto chunk_bytes = parse_bitmap_chunk(chunk_words[0]);
  if (!dirty_pages || !pages || *dirty_pages > *pages) return std::nullopt;
  if (chunk_bytes.value_or(0) == 0) return std::nullopt;
  constexpr std::string_view kFile = "file:";
  std::string_view file = trim(file_text);
  file = file.starts_with(kFile) ? trim(file.substr(kFile.size())) : std::string_view();
  return MdstatBitmap{*dirty_pages, *pages, *chunk_bytes, std::string(file)};
}

// The words after "NAME : STATE"; false if one is malformed.
bool set_level_and_members(MdstatArray& array, Words words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word.front() == '(') {
      if (!is_enclosed(word, '(', ')')) return false;
      array.read_only = array.read_only || word == "(read-only)";
      array.auto_read_only = array.auto_read_only || word == "(auto-read-only)";
    } else if (looks_like_member(word)) {
      auto member = parse_member(word);
      if (!member) return false;
      array.members.push_back(std::move(*member));
    } else if (begins_status(word) || (array.level && word == "level")) {
      auto updated = with_status(std::move(array), words.subspan(i));
      if (updated) array = std::move(*updated);
      return updated.has_value();
    } else if (!array.members.empty()) {
      return false;
    } else if (!array.level) {
      array.level = word;
    }
  }
  return true;
}

}  // namespace

std::optional<MdstatArray> parse_array(const std::vector<std::string_view>& words) {
  if (words.size() < 3) return std::nullopt;
  if (words[2].find_first_of("[]()") != words[2].npos) return std::nullopt;
  MdstatArray array;
  array.name = words[0];
  array.state = words[2];
  if (!set_level_and_members(array, Words(words).subspan(3))) return std::nullopt;
  return array;
}

bool add_to_array(MdstatArray& array, std::string_view line,
                  const std::vector<std::string_view>& words) {
  const std::string_view first = words[0];
  if (is_progress_bar(first)) {
    if (array.progress || array.waiting) return false;
    array.progress = parse_progress(line.substr(line.find(']') + 1));
    return array.progress.has_value();
  }
  if (auto waiting = words.size() == 1 ? parse_waiting(first) : std::nullopt) {
    if (array.progress || array.waiting) return false;
    array.waiting = std::move(waiting);
    return true;
  }
  if (first == "bitmap:") {
    if (array.bitmap) return false;
    array.bitmap = parse_bitmap(line.substr(line.find(':') + 1));
    return array.bitmap.has_value();
  }
  if (first.ends_with(':')) return true;  // later kernels may add such lines
  if (array.has_status) return false;
  auto updated = with_status(array, words);
  if (updated) array = std::move(*updated);
  return updated.has_value();
}

}  // namespace rig::mdstat_line
