#include "raid/md_sysfs.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <concepts>
#include <filesystem>

#include "rig/kernel/text.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

using Files = decltype(MdSysfsText::files);

// std::nullopt if the file is absent or empty.
std::optional<std::string_view> text_of(const Files& files, std::string_view name) {
  const auto file = files.find(name);
  if (file == files.end() || file->second.empty()) return std::nullopt;
  return file->second;
}

std::optional<std::string> string_of(const Files& files, std::string_view name) {
  const auto text = text_of(files, name);
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

// Parses the files of an array, and adds a problem for each malformed one.
class FieldParser {
 public:
  FieldParser(const MdSysfsText& text, std::vector<Problem>& problems)
      : files_(text.files), block_(text.block), problems_(problems) {}

  template <std::unsigned_integral T>
  std::optional<T> number(std::string_view name) {
    const auto text = text_of(files_, name);
    if (!text || *text == "none" || *text == "delayed") return std::nullopt;
    const auto value = parse_number<T>(*text);
    if (!value) add_malformed(name, *text);
    return value;
  }

  // "4 (3)"
  std::optional<MdReshaped> reshaped(std::string_view name) {
    const auto text = text_of(files_, name);
    if (!text) return std::nullopt;
    const auto parts = words(*text);
    const auto now = parts.empty() ? std::nullopt : parse_number<std::int64_t>(parts[0]);
    if (now && parts.size() == 1) return MdReshaped{*now, std::nullopt};
    if (now && parts.size() == 2 && parts[1].starts_with('(') && parts[1].ends_with(')')) {
      const auto before = parse_number<std::int64_t>(parts[1].substr(1, parts[1].size() - 2));
      if (before) return MdReshaped{*now, before};
    }
    add_malformed(name, *text);
    return std::nullopt;
  }

  // "5120 / 79872"
  std::optional<MdPosition> position(std::string_view name) {
    const auto text = text_of(files_, name);
    if (!text || *text == "none" || *text == "delayed") return std::nullopt;
    const auto [done_text, total_text] = split_at(*text, '/');
    const auto done = parse_number<std::uint64_t>(done_text);
    const auto total = parse_number<std::uint64_t>(total_text);
    if (done && total) return MdPosition{*done, *total};
    add_malformed(name, *text);
    return std::nullopt;
  }

  // "none bitmap [llbitmap]": the current one is in brackets.
  std::optional<std::string> bitmap_type() {
    constexpr std::string_view kName = "bitmap_type";
    const auto text = text_of(files_, kName);
    if (!text)
      return could_not_be_read(kName) ? std::nullopt : std::optional<std::string>("bitmap");
    for (const auto word : words(*text)) {
      if (word.size() > 2 && word.starts_with('[') && word.ends_with(']'))
        return std::string(word.substr(1, word.size() - 2));
    }
    add_malformed(kName, *text);
    return std::nullopt;
  }

  // Lines with a state and a number: "need sync 510".
  std::map<std::string, std::uint64_t> bitmap_chunks() {
    constexpr std::string_view kName = "llbitmap/bits";
    std::map<std::string, std::uint64_t> chunks;
    const std::string_view text = text_of(files_, kName).value_or("");
    if (text == "no bitmap") return {};  // while one is being created or removed
    for (const auto line : lines(text)) {
      const auto end_of_state = line.rfind(' ');
      const auto count = end_of_state == line.npos
                             ? std::nullopt
                             : parse_number<std::uint64_t>(line.substr(end_of_state + 1));
      if (!count) {  // also "bitmap io error"
        add_malformed(kName, line);
        return {};
      }
      std::string state(trim(line.substr(0, end_of_state)));
      std::ranges::replace(state, ' ', '_');
      chunks[state] = *count;
    }
    return chunks;
  }

  void add_malformed(std::string_view name, std::string_view text) {
    const bool is_in_block = name == "size" || name == "ro";
    problems_.push_back(
        Problem::malformed(is_in_block ? fs::path(block_) / name : path_in_md(name), text));
  }

 private:
  bool could_not_be_read(std::string_view name) const {
    return std::ranges::any_of(
        problems_, [&](const Problem& problem) { return problem.path == path_in_md(name); });
  }

  fs::path path_in_md(std::string_view name) const { return fs::path(block_) / "md" / name; }

  const Files& files_;
  const std::string& block_;
  std::vector<Problem>& problems_;
};

std::vector<std::string> split_flags(std::string_view text) {
  std::vector<std::string> flags;
  while (!text.empty()) {
    const auto [flag, rest] = split_at(text, ',');
    if (const auto name = trim(flag); !name.empty()) flags.emplace_back(name);
    text = rest;
  }
  return flags;
}

// Metadata 0.90 stores the UUID as four integers in the byte order of the machine that wrote it.
// sysfs prints their bytes as they are in memory; mdadm prints the integers.
void swap_bytes_of_word(std::string& uuid, std::size_t word_start) {
  std::swap_ranges(uuid.begin() + static_cast<std::ptrdiff_t>(word_start),
                   uuid.begin() + static_cast<std::ptrdiff_t>(word_start + 2),
                   uuid.begin() + static_cast<std::ptrdiff_t>(word_start + 6));
  std::swap_ranges(uuid.begin() + static_cast<std::ptrdiff_t>(word_start + 2),
                   uuid.begin() + static_cast<std::ptrdiff_t>(word_start + 4),
                   uuid.begin() + static_cast<std::ptrdiff_t>(word_start + 4));
}

// "33345e67-0316-d21e-dcdb-083b1aa82eb3" as mdadm writes it; std::nullopt if it is all zeros
// (external metadata, inactive arrays).
std::optional<std::string> mdadm_uuid(std::string_view text, bool metadata_0_90) {
  constexpr std::size_t kDigits = 32;
  constexpr std::size_t kDigitsOfWord = 8;
  std::string digits;
  for (const char c : text) {
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) digits += c;
  }
  if (digits.size() != kDigits || digits.find_first_not_of('0') == digits.npos) return std::nullopt;
  std::string uuid;
  for (std::size_t word = 0; word < kDigits; word += kDigitsOfWord) {
    if (metadata_0_90) swap_bytes_of_word(digits, word);
    if (word > 0) uuid += ':';
    uuid += digits.substr(word, kDigitsOfWord);
  }
  return uuid;
}

// One area per line, first sector and length: "20480 16". A last line without a newline was
// truncated at the end of the page, perhaps within a number.
std::optional<std::uint64_t> bad_sectors(std::string_view text) {
  text = text.substr(0, text.rfind('\n') + 1);  // npos + 1 is 0
  std::uint64_t sum = 0;
  for (const auto line : lines(text)) {
    const auto parts = words(line);
    const auto start = parts.empty() ? std::nullopt : parse_number<std::uint64_t>(parts[0]);
    const auto length = parts.size() == 2 ? parse_number<std::uint32_t>(parts[1]) : std::nullopt;
    if (!start || !length) return std::nullopt;
    sum += *length;
  }
  return sum;
}

MdSysfsMember parse_member(const MdSysfsText::Member& text, const std::string& block,
                           std::vector<Problem>& problems) {
  const auto add_malformed = [&](const char* file, const std::string& content) {
    problems.push_back(Problem::malformed(fs::path(block) / "md" / text.directory / file, content));
  };
  MdSysfsMember member;
  member.name = text.directory.substr(std::string_view("dev-").size());
  std::replace(member.name.begin(), member.name.end(), '!', '/');
  member.device_present = text.device_present;
  if (text.slot == "none") {
    member.role = MdSysfsMember::Role::none;
  } else if (text.slot == "journal") {
    member.role = MdSysfsMember::Role::journal;
  } else if (text.slot) {
    if (const auto slot = parse_number<std::uint32_t>(*text.slot)) {
      member.role = MdSysfsMember::Role::slot;
      member.slot = *slot;
    } else {
      add_malformed("slot", *text.slot);
    }
  }
  if (text.state) member.flags = split_flags(*text.state);
  // md sets at least one of these for every member.
  constexpr auto kRoles =
      std::to_array<std::string_view>({"faulty", "in_sync", "journal", "spare"});
  member.state_known =
      std::ranges::any_of(kRoles, [&](std::string_view flag) { return member.has(flag); });
  if (text.state && !member.state_known) add_malformed("state", *text.state);
  if (text.errors) {
    member.corrected_read_errors = parse_number<std::uint64_t>(*text.errors);
    if (!member.corrected_read_errors) add_malformed("errors", *text.errors);
  }
  if (text.bad_blocks) {
    member.bad_blocks_sectors = bad_sectors(*text.bad_blocks);
    // Not quoted: it has many lines.
    if (!member.bad_blocks_sectors)
      problems.push_back({Reason::malformed,
                          (fs::path(block) / "md" / text.directory / "bad_blocks").string(),
                          "malformed"});
  }
  return member;
}

}  // namespace

bool MdSysfsMember::has(std::string_view flag) const {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

MdSysfs parse_md_sysfs(const MdSysfsText& text) {
  MdSysfs md;
  md.problems = text.problems;
  FieldParser fields(text, md.problems);
  md.array_state = string_of(text.files, "array_state");
  md.level = string_of(text.files, "level");
  md.raid_disks = fields.reshaped("raid_disks");
  md.layout = fields.reshaped("layout");
  md.chunk_size_bytes = fields.reshaped("chunk_size");
  md.degraded = fields.number<std::uint32_t>("degraded");
  md.sync_action = string_of(text.files, "sync_action");
  md.last_sync_action = string_of(text.files, "last_sync_action");
  md.mismatch_sectors = fields.number<std::uint64_t>("mismatch_cnt");
  md.sync_completed = fields.position("sync_completed");
  md.sync_delayed = text_of(text.files, "sync_completed") == "delayed";
  md.sync_speed_kib_per_second = fields.number<std::uint64_t>("sync_speed");
  md.resync_start_sectors = fields.number<std::uint64_t>("resync_start");
  md.stripe_cache_size = fields.number<std::uint64_t>("stripe_cache_size");
  md.stripe_cache_active = fields.number<std::uint64_t>("stripe_cache_active");
  md.metadata_version = string_of(text.files, "metadata_version");
  md.consistency_policy = string_of(text.files, "consistency_policy");
  // Without metadata there is no UUID: the file's content is left over from another array.
  if (const auto uuid = text_of(text.files, "uuid"); uuid && md.metadata_version != "none")
    md.uuid = mdadm_uuid(*uuid, md.metadata_version == "0.90");
  md.component_size_kib = fields.number<std::uint64_t>("component_size");
  md.bitmap_type = fields.bitmap_type();
  md.bitmap_chunks = fields.bitmap_chunks();
  md.size_sectors = fields.number<std::uint64_t>("size");
  if (const auto read_only = fields.number<std::uint32_t>("ro")) md.read_only = *read_only != 0;
  for (const auto& member : text.members)
    md.members.push_back(parse_member(member, text.block, md.problems));
  return md;
}

}  // namespace rig
