#include "config/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <numeric>
#include <optional>

#include "rig/config/listen_address.h"
#include "rig/gpu_protocol/probe_defaults.h"
#include "rig/kernel/duration.h"
#include "rig/kernel/raid_array_label.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

bool to_bool(const std::string& text) {
  if (text == "true") return true;
  if (text == "false") return false;
  throw ConfigError(fmt::format("\"{}\" is neither true nor false", text));
}

milliseconds to_duration(const std::string& text, milliseconds least, milliseconds most) {
  try {
    return parse_duration(text, least, most);
  } catch (const DurationError& error) {
    throw ConfigError(error.what());
  }
}

unsigned to_count(const std::string& text, unsigned least, unsigned most) {
  const auto number = parse_number<unsigned>(text);
  if (number && *number >= least && *number <= most) return *number;
  throw ConfigError(fmt::format("\"{}\" is not a number from {} to {}", text, least, most));
}

std::filesystem::path to_directory(const std::string& text) {
  const std::filesystem::path path(text);
  if (std::error_code error; !std::filesystem::is_directory(path, error))
    throw ConfigError(fmt::format("\"{}\" is not a directory", text));
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
                      text.find_first_of(" ?#%\"<>&") == text.npos;
  if (usable) return text;
  throw ConfigError(fmt::format(
      "\"{}\" is not a valid path for the metrics: write something like /metrics", text));
}

template <typename T>
struct Choice {
  std::string word;
  T value;
};

template <typename T>
T to_choice(const std::string& text, const std::vector<Choice<T>>& valid) {
  std::vector<std::string> names;
  for (const auto& [word, value] : valid) {
    if (word == text) return value;
    names.push_back(word);
  }
  throw ConfigError(fmt::format("unknown value \"{}\"{}", text, suggestion(text, names)));
}

std::vector<std::string> to_addresses(const std::vector<std::string>& values) {
  for (const auto& value : values) parse_listen_address(value);
  return values;
}

// Normalized to "md0", "md/data".
std::vector<std::string> to_arrays(const std::vector<std::string>& values, bool patterns) {
  std::vector<std::string> labels;
  for (const auto& value : values) {
    const auto label = raid_array_label(value);
    const auto name = std::string_view(label).substr(label.starts_with("md/") ? 3 : 0);
    const bool star = patterns && name.ends_with('*');
    const auto plain = name.substr(0, name.size() - (star ? 1 : 0));
    if (name.empty() || plain.find_first_of("/*?[ \t\n") != plain.npos) {
      throw ConfigError(
          fmt::format("\"{}\" is not the name of an array: write md0{} or /dev/md/data", value,
                      patterns ? ", md12*" : ""));
    }
    labels.push_back(label);
  }
  return labels;
}

std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::vector<Setting> web_settings() {
  return {
      {"web.listen-address", "ADDRESS",
       "Address to listen on, such as 127.0.0.1:9000 or [::1]:10068; port 0 chooses a free one; "
       "may "
       "be repeated (default :10068, which is every address).",
       true, [](Config& c, const auto& v) { c.web.listen_addresses = to_addresses(v); }},
      {"web.telemetry-path", "PATH", "Path of the metrics (default /metrics).", false,
       [](Config& c, const auto& v) { c.web.telemetry_path = to_telemetry_path(v.back()); }},
      {"web.max-requests", "N",
       "Maximum number of simultaneous scrapes of different collectors; others get status 503 "
       "(default 40).",
       false, [](Config& c, const auto& v) { c.web.max_requests = to_count(v.back(), 1, 1000); }},
      {"scrape.timeout", "DURATION",
       "Timeout of a scrape; shorter if the scraper sends a shorter one (default 5s).", false,
       [](Config& c, const auto& v) {
         c.scrape_timeout = to_duration(v.back(), milliseconds(100), milliseconds(300'000));
       }},
  };
}

std::vector<Setting> path_settings() {
  return {
      {"path.procfs", "DIR", "Mountpoint of the host's procfs (default /proc).", false,
       [](Config& c, const auto& v) { c.paths.proc = to_directory(v.back()); }},
      {"path.sysfs", "DIR",
       "Mountpoint of the host's sysfs (default /sys); with any other, GPUs are read without "
       "rocm-smi.",
       false, [](Config& c, const auto& v) { c.paths.sys = to_directory(v.back()); }},
      {"path.rootfs", "DIR", "Mountpoint of the host's root filesystem (default /).", false,
       [](Config& c, const auto& v) { c.paths.root = to_directory(v.back()); }},
  };
}

std::vector<Setting> gpu_settings() {
  return {
      {"gpu.probe", "PATH",
       "The rig_gpu_probe to start (default: the one installed with this program), or a recording "
       "of its output.",
       false, [](Config& c, const auto& v) { c.gpu.probe = to_probe(v.back()); }},
      {"gpu.sample-interval", "DURATION", "How often each GPU is read (default 1s).", false,
       [](Config& c, const auto& v) {
         c.gpu.sample_interval = to_duration(v.back(), kMinSampleInterval, kMaxSampleInterval);
       }},
      {"gpu.peak-window", "DURATION",
       "Time span of the peak values of power, utilization and temperature (default 1m).", false,
       [](Config& c, const auto& v) {
         c.gpu.peak_window = to_duration(v.back(), kMinPeakWindow, kMaxPeakWindow);
       }},
      {"gpu.processes", "N",
       "Maximum number of GPU processes to export, those with most memory first; 0 exports none "
       "(default 32).",
       false,
       [](Config& c, const auto& v) { c.gpu.processes = to_count(v.back(), 0, kMaxProcessLimit); }},
  };
}

std::vector<Setting> collector_settings() {
  return {
      {"raid.expect", "ARRAY",
       "An array that should exist, such as md0 or /dev/md/data, in addition to those in "
       "mdadm.conf; may be repeated.",
       true, [](Config& c, const auto& v) { c.raid.expected = to_arrays(v, false); }},
      {"raid.ignore", "ARRAY",
       "An array that is not exported, such as md0, or md12* for all that start so; may be "
       "repeated.",
       true, [](Config& c, const auto& v) { c.raid.ignored = to_arrays(v, true); }},
      {"collector.cpu.per-core", "",
       "Series for every CPU (default); otherwise their times are summed under cpu=\"all\", and "
       "frequencies and core throttles are not read.",
       false, [](Config& c, const auto& v) { c.cpu.per_core = to_bool(v.back()); }},
      {"collector.filesystem.max", "N",
       "Maximum number of filesystems to export, those mounted first (default 256).", false,
       [](Config& c, const auto& v) { c.filesystem.max = to_count(v.back(), 1, 100'000); }},
      {"collector.disable-defaults", "", "Run only the collectors that are enabled by name.", false,
       [](Config& c, const auto& v) { c.collectors_by_default = !to_bool(v.back()); }},
  };
}

std::vector<Setting> log_settings() {
  return {
      {"log.level", "LEVEL", "debug, info, warn or error (default info).", false,
       [](Config& c, const auto& v) {
         c.log.level = to_choice<LogLevel>(v.back(), {{"debug", LogLevel::debug},
                                                      {"info", LogLevel::info},
                                                      {"warn", LogLevel::warn},
                                                      {"error", LogLevel::error}});
       }},
      {"log.format", "FORMAT", "logfmt or json (default logfmt).", false,
       [](Config& c, const auto& v) {
         c.log.format = to_choice<LogFormat>(
             v.back(), {{"logfmt", LogFormat::logfmt}, {"json", LogFormat::json}});
       }},
  };
}

}  // namespace

std::vector<Setting> all_settings(std::span<const CollectorSwitch> collectors) {
  std::vector<Setting> settings;
  for (auto group :
       {web_settings(), path_settings(), gpu_settings(), collector_settings(), log_settings()})
    std::ranges::move(group, std::back_inserter(settings));
  for (const auto& info : collectors) {
    settings.push_back({"collector." + std::string(info.name), "", std::string(info.help), false,
                        [name = std::string(info.name)](Config& config, const auto& values) {
                          config.collectors[name] = to_bool(values.back());
                        }});
  }
  return settings;
}

std::string nearest_word(std::string_view word, std::span<const std::string> valid) {
  std::string nearest;
  std::size_t least = std::max<std::size_t>(word.size() / 3, 2) + 1;
  for (const auto& candidate : valid) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string suggestion(std::string_view word, std::span<const std::string> valid) {
  const std::string nearest = nearest_word(word, valid);
  if (!nearest.empty()) return fmt::format("; did you mean {}?", nearest);
  return fmt::format("; write one of {}", fmt::join(valid, ", "));
}

}  // namespace rig
