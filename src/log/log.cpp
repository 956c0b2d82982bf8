#include "rig/log/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cstdio>
#include <memory>

#include "rig/kernel/utf8.h"

namespace rig {
namespace {

// The message in double quotes with JSON's escapes, which logfmt parsers understand too.
class QuotedMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    out.push_back('"');
    for (const char c : valid_utf8({message.payload.data(), message.payload.size()})) put(c, out);
    out.push_back('"');
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<QuotedMessage>();
  }

 private:
  static void put(char c, spdlog::memory_buf_t& out) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out.push_back('\\');
      out.push_back('n');
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 7> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      out.append(escape.data(), escape.data() + 6);
    } else {
      out.push_back(c);
    }
  }
};

// spdlog writes "warning" where Prometheus' own programs write "warn".
class ShortLevel : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    const std::string_view word = message.level == spdlog::level::warn    ? "warn"
                                  : message.level == spdlog::level::err   ? "error"
                                  : message.level == spdlog::level::debug ? "debug"
                                                                          : "info";
    out.append(word.data(), word.data() + word.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<ShortLevel>();
  }
};

std::unique_ptr<spdlog::pattern_formatter> formatter(LogFormat format) {
  auto made = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  made->add_flag<QuotedMessage>('Q').add_flag<ShortLevel>('L');
  made->set_pattern(format == LogFormat::json
                        ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%L","msg":%Q})"
                        : "time=%Y-%m-%dT%H:%M:%S.%eZ level=%L msg=%Q");
  return made;
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

spdlog::logger& logger() {
  // Never destroyed: a thread that was left behind may still log while the program exits.
  static spdlog::logger* const made = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto* log = new spdlog::logger("rig", std::move(sink));
    log->set_formatter(formatter(LogFormat::logfmt));
    log->flush_on(spdlog::level::debug);
    return log;
  }();
  return *made;
}

}  // namespace

void set_up_log(LogLevel level, LogFormat format) {
  logger().set_level(spdlog_level(level));
  logger().set_formatter(formatter(format));
}

void log_debug(std::string_view message) { logger().debug(message); }
void log_info(std::string_view message) { logger().info(message); }
void log_warn(std::string_view message) { logger().warn(message); }
void log_error(std::string_view message) { logger().error(message); }

}  // namespace rig
