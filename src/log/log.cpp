#include "rig/log/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <new>
#include <string>

#include "log/log_line.h"
#include "log/log_rate.h"
#include "log/log_writer.h"

namespace rig {
namespace {

class Log {
 public:
  // Never destroyed: a thread that was left behind may still log while the program exits.
  static Log& instance() {
    static Log* const log = new Log;
    return *log;
  }

  void set_up(LogLevel level, LogFormat format) {
    level_ = level;
    format_ = format;
  }

  void log(LogLevel level, std::string_view message) {
    if (level < level_) return;
    if (!allow(level)) return writer_.drop();
    try {
      writer_.write(line(level, message));
    } catch (const std::bad_alloc&) {
      writer_.drop();
    }
  }

  LogWriter& writer() { return writer_; }

 private:
  bool allow(LogLevel level) {
    const std::lock_guard lock(rate_mutex_);
    return rate_.allow(level, std::chrono::steady_clock::now());
  }

  std::string line(LogLevel level, std::string_view message) const {
    return log_line(format_, level, std::chrono::system_clock::now(), message);
  }

  std::string report(std::uint64_t dropped) const {
    return line(LogLevel::warn,
                fmt::format("{} log lines were dropped: standard error was blocked or could not be "
                            "written, or there were too many of them",
                            dropped));
  }

  std::atomic<LogLevel> level_ = LogLevel::info;
  std::atomic<LogFormat> format_ = LogFormat::logfmt;
  std::mutex rate_mutex_;
  LogRate rate_;
  LogWriter writer_{STDERR_FILENO, [this](std::uint64_t dropped) { return report(dropped); }};
};

}  // namespace

void set_up_log(LogLevel level, LogFormat format) { Log::instance().set_up(level, format); }

void log_debug(std::string_view message) { Log::instance().log(LogLevel::debug, message); }
void log_info(std::string_view message) { Log::instance().log(LogLevel::info, message); }
void log_warn(std::string_view message) { Log::instance().log(LogLevel::warn, message); }
void log_error(std::string_view message) { Log::instance().log(LogLevel::error, message); }

void flush_log(std::chrono::milliseconds timeout) { Log::instance().writer().flush(timeout); }

std::uint64_t dropped_log_lines() { return Log::instance().writer().dropped(); }

}  // namespace rig
