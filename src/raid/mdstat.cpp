#include "raid/mdstat.h"

#include <algorithm>
#include <utility>

#include "raid/mdstat_line.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

Problem malformed(std::string_view line) { return Problem::malformed({}, trim(line)); }

constexpr std::string_view kFirstLine = "Personalities";
constexpr std::string_view kLastLine = "unused devices:";

// Lines before and after the arrays. The last two are from 2.4 kernels.
bool is_frame(std::string_view line) {
  return line.starts_with(kFirstLine) || line.starts_with(kLastLine) ||
         line.starts_with("read_ahead ") || line.starts_with("Event: ");
}

// Parses line by line: a line belongs to the last array above it.
class Parser {
 public:
  void add_line(std::string_view text) {
    const auto text_words = words(text);
    if (text_words.empty()) return;
    if (is_frame(text)) {
      begun_ = begun_ || text.starts_with(kFirstLine);
      ended_ = text.starts_with(kLastLine);
      end_array();
    } else if (text_words.size() >= 2 && text_words[1] == ":") {
      begin_array(text, text_words);
    } else if (text.front() == ' ' || text.front() == '\t') {
      continue_array(text, text_words);
    } else {
      add_unknown_line(text);
    }
  }

  // It may have been truncated within a number or a name, and further arrays may be missing.
  void add_truncated_line(std::string_view text) {
    const bool continues = !text.empty() && (text.front() == ' ' || text.front() == '\t');
    if (continues && current_ != kNone) mdstat_.arrays[current_].well_formed = false;
    mdstat_.problems.push_back({"", Problem::truncated({})});
  }

  // A text that begins with md's first line and lacks its last one may lack arrays as well.
  void add_end() {
    if (!begun_ || ended_) return;
    mdstat_.problems.push_back(
        {"", {Reason::malformed, "", "incomplete: without the line unused devices"}});
  }

  Mdstat finish() {
    if (unknown_lines_ > 0) {
      Problem problem = malformed(first_unknown_line_);
      if (unknown_lines_ > 1)
        problem.detail += " and " + std::to_string(unknown_lines_ - 1) + " other lines";
      mdstat_.problems.push_back({"", std::move(problem)});
    }
    return std::move(mdstat_);
  }

 private:
  void end_array() {
    current_ = kNone;
    skipping_ = false;
  }

  // Until the next array or frame, lines continue one that has been reported as malformed.
  void skip_continuation() {
    current_ = kNone;
    skipping_ = true;
  }

  void begin_array(std::string_view text, const std::vector<std::string_view>& text_words) {
    skip_continuation();
    const std::string name(text_words[0]);
    if (mdstat_.find(name)) {
      mdstat_.problems.push_back({name, {Reason::duplicate, "", "duplicate"}});
      return;
    }
    auto array = mdstat_line::parse_array(text_words);
    if (array) {
      end_array();
      current_ = mdstat_.arrays.size();
      mdstat_.arrays.push_back(std::move(*array));
    } else {
      MdstatArray unknown;
      unknown.name = name;
      unknown.well_formed = false;
      mdstat_.arrays.push_back(std::move(unknown));
      mdstat_.problems.push_back({name, malformed(text)});
    }
  }

  void continue_array(std::string_view text, const std::vector<std::string_view>& text_words) {
    if (current_ == kNone) {
      if (!skipping_) add_unknown_line(text);
      return;
    }
    MdstatArray& array = mdstat_.arrays[current_];
    if (mdstat_line::add_to_array(array, text, text_words)) return;
    array.well_formed = false;
    // The following lines may belong to another array.
    skip_continuation();
    mdstat_.problems.push_back({array.name, malformed(text)});
  }

  void add_unknown_line(std::string_view text) {
    skip_continuation();
    if (unknown_lines_++ == 0) first_unknown_line_ = text;
  }

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  Mdstat mdstat_;
  std::size_t current_ = kNone;
  bool skipping_ = false;
  bool begun_ = false;  // with md's first line
  bool ended_ = false;  // with md's last line
  std::size_t unknown_lines_ = 0;
  std::string_view first_unknown_line_;
};

}  // namespace

const MdstatArray* Mdstat::find(std::string_view name) const {
  const auto found = std::ranges::find(arrays, name, &MdstatArray::name);
  return found == arrays.end() ? nullptr : &*found;
}

bool Mdstat::lists_all_arrays() const {
  return std::ranges::none_of(problems, [](const auto& problem) { return problem.array.empty(); });
}

Mdstat parse_mdstat(std::string_view text) {
  // The kernel always writes a first line.
  if (trim(text).empty()) return {{}, {{"", {Reason::malformed, "", "empty"}}}};
  Parser parser;
  for (const std::string_view line : complete_lines(text)) parser.add_line(line);
  if (is_truncated(text)) {
    parser.add_truncated_line(lines(text).back());
  } else {
    parser.add_end();
  }
  return parser.finish();
}

}  // namespace rig
