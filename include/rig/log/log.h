// The exporter's log on standard error: one line per event, as logfmt (default) or JSON.
//
// All functions may be called from any thread, also before set_up_log(). Logging never waits for
// the reader of standard error: a thread writes the lines, and lines that it cannot write in time
// are dropped and counted.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace rig {

enum class LogLevel { debug, info, warn, error };
enum class LogFormat { logfmt, json };

void set_up_log(LogLevel level, LogFormat format);

void log_debug(std::string_view message);
void log_info(std::string_view message);
void log_warn(std::string_view message);
void log_error(std::string_view message);

// Waits until everything is written, at most for the timeout. Call it before the program ends.
void flush_log(std::chrono::milliseconds timeout);

// The number of lines that were dropped since the start: standard error was blocked or could not be
// written, or there were too many lines.
std::uint64_t dropped_log_lines();

}  // namespace rig
