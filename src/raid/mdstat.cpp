#include "raid/mdstat.h"

#include <algorithm>
#include <utility>

#include "raid/mdstat_line.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::size_t kLongestQuote = 80;

std::string quoted(std::string_view line) {
  std::string quote = "makes no sense: '" + std::string(trim(line).substr(0, kLongestQuote));
  return quote += "'";
}

bool is_frame(std::string_view line) {
  // The last two are of 2.4 kernels.
  return line.starts_with("Personalities") || line.starts_with("unused devices:") ||
         line.starts_with("read_ahead ") || line.starts_with("Event: ");
}

// Reads a file line by line: which array a line belongs to is known from the lines before it.
class Reader {
 public:
  void line(std::string_view text) {
    const auto found = words(text);
    if (found.empty()) return;
    if (is_frame(text)) {
      forget_array();
    } else if (found.size() >= 2 && found[1] == ":") {
      begin_array(text, found);
    } else if (text.front() == ' ' || text.front() == '\t') {
      continue_array(text, found);
    } else {
      not_of_md(text);
    }
  }

  Mdstat finish() {
    if (foreign_lines_ > 0) {
      std::string what = quoted(first_foreign_);
      if (foreign_lines_ > 1) what += " and " + std::to_string(foreign_lines_ - 1) + " other lines";
      mdstat_.problems.push_back({"", std::move(what)});
    }
    return std::move(mdstat_);
  }

 private:
  void forget_array() {
    current_ = kNone;
    skipping_ = false;
  }

  // What comes before the next array or frame continues a line that has been reported.
  void skip_continuation() {
    current_ = kNone;
    skipping_ = true;
  }

  void begin_array(std::string_view text, const std::vector<std::string_view>& found) {
    skip_continuation();
    const std::string name(found[0]);
    const auto& arrays = mdstat_.arrays;
    if (std::any_of(arrays.begin(), arrays.end(), [&](const auto& a) { return a.name == name; })) {
      mdstat_.problems.push_back({name, "stands twice"});
      return;
    }
    auto array = mdstat_line::parse_array(found);
    if (array) {
      forget_array();
      current_ = arrays.size();
      mdstat_.arrays.push_back(std::move(*array));
    } else {
      MdstatArray unknown;
      unknown.name = name;
      unknown.understood = false;
      mdstat_.arrays.push_back(std::move(unknown));
      mdstat_.problems.push_back({name, quoted(text)});
    }
  }

  void continue_array(std::string_view text, const std::vector<std::string_view>& found) {
    if (current_ == kNone) {
      if (!skipping_) not_of_md(text);
      return;
    }
    MdstatArray& array = mdstat_.arrays[current_];
    if (mdstat_line::add_to_array(array, text, found)) return;
    array.understood = false;
    // From here on nobody knows whose lines these are.
    skip_continuation();
    mdstat_.problems.push_back({array.name, quoted(text)});
  }

  void not_of_md(std::string_view text) {
    skip_continuation();
    if (foreign_lines_++ == 0) first_foreign_ = text;
  }

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  Mdstat mdstat_;
  std::size_t current_ = kNone;
  bool skipping_ = false;
  std::size_t foreign_lines_ = 0;
  std::string_view first_foreign_;
};

}  // namespace

Mdstat parse_mdstat(std::string_view text) {
  // The kernel's file has a first line always.
  if (trim(text).empty()) return {{}, {{"", "is empty"}}};
  Reader reader;
  for (const std::string_view line : lines(text)) reader.line(line);
  return reader.finish();
}

}  // namespace rig
