#include "rig/kernel/problem.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace rig {
namespace {

constexpr std::size_t kLongestQuote = 80;
constexpr std::size_t kLongestText = 300;
constexpr std::string_view kCutMark = "...";
// ENOTSUPP of the kernel, which is not meant for programs, but which some drivers return.
constexpr int kErrnoNotSupported = 524;

struct ReasonWord {
  Reason reason;
  std::string_view word;
};
constexpr auto kWords = std::to_array<ReasonWord>({
    {Reason::timed_out, "timed_out"},
    {Reason::permission_denied, "permission_denied"},
    {Reason::not_permitted, "not_permitted"},
    {Reason::missing, "missing"},
    {Reason::malformed, "malformed"},
    {Reason::implausible, "implausible"},
    {Reason::io_error, "io_error"},
    {Reason::busy, "busy"},
    {Reason::unsupported, "unsupported"},
    {Reason::resetting, "resetting"},
    {Reason::duplicate, "duplicate"},
    {Reason::unavailable, "unavailable"},
    {Reason::failed, "failed"},
});

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// The beginning of `text` without control characters, and a mark if it was longer.
std::string shortened(std::string_view text, std::size_t max_size) {
  std::size_t size = std::min(text.size(), max_size);
  if (size < text.size()) {
    // Not within a character of UTF-8, of which the longest has 4 bytes.
    for (int i = 0; i < 3 && size > 0 && continues_character(text[size]); ++i) --size;
  }
  std::string result(text.substr(0, size));
  std::ranges::replace_if(result, is_control, ' ');
  if (size < text.size()) result += kCutMark;
  return result;
}

}  // namespace

std::string_view to_string(Reason reason) {
  return std::ranges::find(kWords, reason, &ReasonWord::reason)->word;
}

Reason parse_reason(std::string_view word) {
  const auto found = std::ranges::find(kWords, word, &ReasonWord::word);
  return found == kWords.end() ? Reason::failed : found->reason;
}

Reason reason_for_errno(int error_number) {
  switch (error_number) {
    case EACCES:
      return Reason::permission_denied;
    case EPERM:
      return Reason::not_permitted;
    case ENOENT:
    case ENOTDIR:
    case ENODEV:
    case ENXIO:
      return Reason::missing;
    case EBUSY:
    case EAGAIN:
      return Reason::busy;
    case EINVAL:  // of drivers, mostly of Linux 5.7 and earlier, whose device lacks the value
    case EOPNOTSUPP:
    case kErrnoNotSupported:
    case ENOSYS:
    case ENODATA:
      return Reason::unsupported;
    case ETIME:
    case ETIMEDOUT:
      return Reason::timed_out;
    case ENOMEM:
    case EMFILE:
    case ENFILE:
      return Reason::failed;
    default:
      return Reason::io_error;
  }
}

Problem Problem::timed_out(const std::string& path) {
  return {Reason::timed_out, path, "read timed out"};
}

Problem Problem::from_errno(const std::string& path, int error_number) {
  return {reason_for_errno(error_number), path, std::generic_category().message(error_number)};
}

Problem Problem::missing(const std::string& path, std::string_view detail) {
  return {Reason::missing, path, std::string(detail)};
}

Problem Problem::malformed(const std::string& path, std::string_view text) {
  return {Reason::malformed, path, "malformed: " + quoted_text(text)};
}

std::string quoted_text(std::string_view text) {
  return '"' + shortened(text, kLongestQuote) + '"';
}

Problem bounded(Problem problem) {
  problem.path = shortened(problem.path, kLongestText);
  problem.detail = shortened(problem.detail, kLongestText);
  return problem;
}

Problem Problem::truncated(const std::string& path) {
  return {Reason::malformed, path, "truncated: the last line has no newline"};
}

std::string to_string(const Problem& problem) {
  return problem.path.empty() ? problem.detail : problem.path + ": " + problem.detail;
}

}  // namespace rig
