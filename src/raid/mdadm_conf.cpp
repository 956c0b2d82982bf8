#include "raid/mdadm_conf.h"

#include <algorithm>
#include <iterator>

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), [](char letter) { return lower(letter); });
  return lowered;
}

bool is_blank(char letter) { return letter == ' ' || letter == '\t' || letter == '\r'; }

// Splits a line: quotes keep spaces, and a word that starts with # starts a comment.
std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (true) {
    while (at < line.size() && is_blank(line[at])) ++at;
    if (at == line.size() || line[at] == '#') return words;
    std::string word;
    char quote = 0;
    for (; at < line.size() && (quote != 0 || !is_blank(line[at])); ++at) {
      const char letter = line[at];
      if (quote != 0 ? letter == quote : letter == '"' || letter == '\'') {
        quote = quote != 0 ? '\0' : letter;
      } else {
        word += letter;
      }
    }
    words.push_back(word);
  }
}

// mdadm accepts three or more letters of a keyword.
bool is_array_keyword(std::string_view word) {
  return word.size() >= 3 && std::string_view("array").starts_with(lower(word));
}

// mdadm accepts 32 digits with any of ":.- " between them. Empty if malformed.
std::string parse_uuid(std::string_view text) {
  constexpr std::size_t kDigits = 32;
  std::string uuid;
  std::size_t digits = 0;
  for (const char letter : lower(text)) {
    if (std::string_view(":.- ").find(letter) != std::string_view::npos) continue;
    if (std::string_view("0123456789abcdef").find(letter) == std::string_view::npos) return "";
    if (digits > 0 && digits % 8 == 0) uuid += ':';
    uuid += letter;
    ++digits;
  }
  return digits == kDigits ? uuid : "";
}

void add_word(MdadmConfArray& array, const std::string& word) {
  if (word.starts_with('/') || word.find('=') == word.npos) {
    if (array.device.empty()) array.device = word;
    return;
  }
  const auto [key, value] = split_at(word, '=');
  if (lower(key) == "uuid" && array.uuid.empty()) array.uuid = parse_uuid(value);
  if (lower(key) == "name" && array.name.empty()) array.name = value;
}

// Without the files of a directory that cannot be read.
std::vector<std::filesystem::path> conf_files(const std::filesystem::path& main_file,
                                              std::vector<Problem>& problems) {
  std::vector<std::filesystem::path> files{main_file};
  const std::filesystem::path directory = main_file.string() + ".d";
  const auto names = list_names(directory);
  if (names.problem()) problems.push_back(*names.problem());
  for (const auto& name : names.value_or({})) {
    if (name.ends_with(".conf") && !name.starts_with('.')) files.push_back(directory / name);
  }
  return files;
}

// False if there is no such file.
bool read_into(MdadmConf& conf, const std::filesystem::path& file) {
  const auto text = read_text(file);
  if (text.problem()) conf.problems.push_back(*text.problem());
  if (text) std::ranges::copy(parse_mdadm_conf(*text), std::back_inserter(conf.arrays));
  return text || text.problem();
}

}  // namespace

std::vector<MdadmConfArray> parse_mdadm_conf(std::string_view text) {
  std::vector<MdadmConfArray> arrays;
  bool in_array = false;
  for (const std::string_view line : lines(text)) {
    auto line_words = split_words(line);
    if (line_words.empty()) continue;
    if (!is_blank(line.front())) {
      in_array = is_array_keyword(line_words.front());
      if (in_array) arrays.emplace_back();
      line_words.erase(line_words.begin());
    }
    if (!in_array) continue;
    for (const auto& word : line_words) add_word(arrays.back(), word);
  }
  std::erase_if(arrays, [](const auto& array) {
    return lower(array.device) == "<ignore>" || array == MdadmConfArray();
  });
  return arrays;
}

MdadmConf read_mdadm_conf(const std::filesystem::path& root) {
  MdadmConf conf;
  for (const char* const path : {"etc/mdadm/mdadm.conf", "etc/mdadm.conf"}) {
    bool found = false;
    for (const auto& file : conf_files(root / path, conf.problems))
      found = read_into(conf, file) || found;
    if (found) break;
  }
  return conf;
}

}  // namespace rig
