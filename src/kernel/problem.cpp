#include "rig/kernel/problem.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace rig {
namespace {

constexpr std::size_t kLongestQuote = 80;

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
    case EOPNOTSUPP:
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

Problem Problem::timed_out(const std::filesystem::path& path) {
  return {Reason::timed_out, path.string(), "read timed out"};
}

Problem Problem::from_errno(const std::filesystem::path& path, int error_number) {
  return {reason_for_errno(error_number), path.string(),
          std::generic_category().message(error_number)};
}

Problem Problem::missing(const std::filesystem::path& path, std::string_view detail) {
  return {Reason::missing, path.string(), std::string(detail)};
}

Problem Problem::malformed(const std::filesystem::path& path, std::string_view text) {
  std::string quoted(text.substr(0, kLongestQuote));
  return {Reason::malformed, path.string(), "malformed: \"" + quoted + "\""};
}

Problem Problem::cut(const std::filesystem::path& path) {
  return {Reason::malformed, path.string(), "incomplete: the last line is cut off"};
}

std::string to_string(const Problem& problem) {
  return problem.path.empty() ? problem.detail : problem.path + ": " + problem.detail;
}

}  // namespace rig
