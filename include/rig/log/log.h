// The exporter's log on standard error: one line per event, as logfmt (default) or JSON.
//
// All functions may be called from any thread, also before set_up_log().
#pragma once

#include <string_view>

namespace rig {

enum class LogLevel { debug, info, warn, error };
enum class LogFormat { logfmt, json };

void set_up_log(LogLevel level, LogFormat format);

void log_debug(std::string_view message);
void log_info(std::string_view message);
void log_warn(std::string_view message);
void log_error(std::string_view message);

}  // namespace rig
