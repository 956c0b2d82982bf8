#include "host/required_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {

ReadResult<std::string> read_required(const std::string& file) {
  auto text = read_procfs(file);
  const bool absent = !text && text.problem() == nullptr;
  return absent ? Problem::missing(file, "missing; is --path.procfs correct?") : std::move(text);
}

std::optional<Problem> incomplete(const std::string& file, std::string_view text,
                                  std::span<const std::string_view> missing) {
  if (is_truncated(text)) return Problem::truncated(file);
  if (missing.empty()) return std::nullopt;
  return Problem::missing(
      file, fmt::format("incomplete: without the lines {}", fmt::join(missing, ", ")));
}

}  // namespace rig
