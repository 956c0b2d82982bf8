// The text of a line of the log.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "rig/log/log.h"

namespace rig {

// PIPE_BUF: the kernel writes a line of this size to a pipe as a whole or not at all.
inline constexpr std::size_t kMaxLogLineSize = 4096;
// Of a message, before control characters are escaped.
inline constexpr std::size_t kMaxLogMessageSize = 1024;

// "time=2026-01-31T12:00:00.000Z level=info msg="..."\n", or the same as a JSON object. The message
// is quoted with JSON's escapes, which parsers of logfmt understand, too; whatever could affect a
// terminal is escaped, and bytes that are not UTF-8 become U+FFFD. A message that is too long ends
// with "...".
std::string log_line(LogFormat format, LogLevel level, std::chrono::system_clock::time_point time,
                     std::string_view message);

}  // namespace rig
