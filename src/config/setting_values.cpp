#include "config/setting_values.h"

#include <fmt/format.h>

#include <string_view>
#include <system_error>

#include "rig/config/config_error.h"
#include "rig/config/listen_address.h"
#include "rig/gpu_protocol/probe_defaults.h"
#include "rig/kernel/duration.h"
#include "rig/kernel/raid_array_label.h"
#include "rig/kernel/text.h"

namespace rig {

using std::chrono::milliseconds;

bool to_bool(const std::string& text) {
  if (text == "true") return true;
  if (text == "false") return false;
  throw ConfigError(fmt::format("\"{}\" is neither true nor false: write one of them", text));
}

milliseconds to_duration(const std::string& text, milliseconds least, milliseconds most) {
  try {
    return parse_duration(text, least, most);
  } catch (const DurationError& error) {
    throw ConfigError(error.what());
  }
}

milliseconds to_sample_interval(const std::string& text) {
  try {
    return parse_sample_interval(text);
  } catch (const DurationError& error) {
    throw ConfigError(error.what());
  }
}

unsigned to_count(const std::string& text, unsigned least, unsigned most) {
  const auto number = parse_number<unsigned>(text);
  if (number && *number >= least && *number <= most) return *number;
  throw ConfigError(
      fmt::format("\"{}\" is not valid: write a number from {} to {}", text, least, most));
}

unsigned to_file_mode(const std::string& text) {
  const auto digits = std::string_view(text).substr(text.starts_with('0') ? 1 : 0);
  if (digits.size() == 3 && digits.find_first_not_of("01234567") == digits.npos)
    return static_cast<unsigned>(std::stoul(text, nullptr, 8));
  throw ConfigError(
      fmt::format("\"{}\" is not valid: write permissions as octal digits, such as 0660", text));
}

std::string from_file_mode(unsigned mode) { return fmt::format("{:04o}", mode); }

std::filesystem::path to_directory(const std::string& text) {
  const std::filesystem::path path(text);
  if (std::error_code error; !std::filesystem::is_directory(path, error))
    throw ConfigError(
        fmt::format("\"{}\" is not a directory: write the path of one that exists", text));
  // Without a trailing slash, so that /sys/ is recognized as /sys.
  return path.has_filename() ? path : path.parent_path();
}

std::string to_probe(const std::string& text) {
  if (std::error_code error; !std::filesystem::is_regular_file(text, error))
    throw ConfigError(fmt::format("\"{}\" is not a file: write the path of a rig_gpu_probe", text));
  return text;
}

std::string to_telemetry_path(const std::string& text) {
  const bool usable = text.size() > 1 && text.front() == '/' && !text.starts_with("/-/") &&
                      !text.starts_with("/api/v1/") && text.find_first_of(" ?#%\"<>&") == text.npos;
  if (usable) return text;
  throw ConfigError(fmt::format(
      "\"{}\" is not a valid path for the metrics: write something like /metrics", text));
}

std::vector<std::string> to_addresses(const std::vector<std::string>& values) {
  for (const auto& value : values) parse_listen_address(value);
  return values;
}

// Normalized to "md0", "md/data".
std::vector<std::string> to_arrays(const std::vector<std::string>& values, bool patterns) {
  std::vector<std::string> labels;
  for (const auto& value : values) {
    const auto label = patterns ? raid_array_pattern(value) : raid_array_label(value);
    const bool star = patterns && label.ends_with('*');
    auto name = std::string_view(label).substr(label.starts_with("md/") ? 3 : 0);
    if (star) name.remove_suffix(1);
    if ((name.empty() && !star) || name.find_first_of("/*?[ \t\n") != name.npos) {
      throw ConfigError(
          fmt::format("\"{}\" is not the name of an array: write md0{} or /dev/md/data", value,
                      patterns ? ", md12*" : ""));
    }
    labels.push_back(label);
  }
  return labels;
}

}  // namespace rig
