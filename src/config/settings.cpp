#include "config/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
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
  throw ConfigError(fmt::format("\"{}\" is no number from {} to {}", text, least, most));
}

std::filesystem::path to_folder(const std::string& text) {
  const std::filesystem::path path(text);
  if (std::error_code error; !std::filesystem::is_directory(path, error))
    throw ConfigError(fmt::format("\"{}\" is no folder: write one that exists", text));
  // Without a slash at the end, so that /sys/ is known to be /sys.
  return path.has_filename() ? path : path.parent_path();
}

std::string to_probe(const std::string& text) {
  if (std::error_code error; !std::filesystem::is_regular_file(text, error))
    throw ConfigError(fmt::format("\"{}\" is no file: write the path of a rig_gpu_probe", text));
  return text;
}

std::string to_telemetry_path(const std::string& text) {
  const bool usable = text.size() > 1 && text.front() == '/' && !text.starts_with("/-/") &&
                      text.find_first_of(" ?#%\"<>&") == text.npos;
  if (usable) return text;
  throw ConfigError(
      fmt::format("\"{}\" cannot be the path of the metrics: write something like /metrics", text));
}

template <typename T>
struct Word {
  std::string word;
  T meaning;
};

template <typename T>
T to_meaning(const std::string& text, const std::vector<Word<T>>& valid) {
  std::vector<std::string> names;
  for (const auto& [word, meaning] : valid) {
    if (word == text) return meaning;
    names.push_back(word);
  }
  throw ConfigError(fmt::format("\"{}\" is unknown{}", text, suggestion(text, names)));
}

std::vector<std::string> to_addresses(const std::vector<std::string>& values) {
  for (const auto& value : values) parse_listen_address(value);
  return values;
}

// "md0", "md/data": however the array's device is written.
std::vector<std::string> to_arrays(const std::vector<std::string>& values, bool patterns) {
  std::vector<std::string> labels;
  for (const auto& value : values) {
    const auto label = raid_array_label(value);
    const auto name = std::string_view(label).substr(label.starts_with("md/") ? 3 : 0);
    const bool star = patterns && name.ends_with('*');
    const auto plain = name.substr(0, name.size() - (star ? 1 : 0));
    if (name.empty() || plain.find_first_of("/*?[ \t\n") != plain.npos) {
      throw ConfigError(fmt::format("\"{}\" is no name of an array: write md0{} or /dev/md/data",
                                    value, patterns ? ", md12*" : ""));
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

std::vector<Setting> common_settings() {
  return {
      {"web.listen-address", "ADDRESS",
       "Where to listen, such as 127.0.0.1:9000 or [::1]:10068; port 0 picks a free one; may be "
       "repeated (default :10068, which is every address).",
       true, [](Config& c, const auto& v) { c.web.listen_addresses = to_addresses(v); }},
      {"web.telemetry-path", "PATH", "Where the metrics are (default /metrics).", false,
       [](Config& c, const auto& v) { c.web.telemetry_path = to_telemetry_path(v.back()); }},
      {"web.max-requests", "N",
       "Scrapes at the same time; one more is answered with status 503 (default 40).", false,
       [](Config& c, const auto& v) { c.web.max_requests = to_count(v.back(), 1, 1000); }},
      {"scrape.timeout", "DURATION",
       "How long a scrape may take when the scraper does not say it (default 5s).", false,
       [](Config& c, const auto& v) {
         c.scrape_timeout = to_duration(v.back(), milliseconds(100), milliseconds(300'000));
       }},
      {"path.procfs", "DIR", "Where the host's /proc is (default /proc).", false,
       [](Config& c, const auto& v) { c.host.proc = to_folder(v.back()); }},
      {"path.sysfs", "DIR",
       "Where the host's /sys is (default /sys); with any other, GPUs are read without rocm-smi.",
       false, [](Config& c, const auto& v) { c.host.sys = to_folder(v.back()); }},
      {"path.rootfs", "DIR", "Where the host's root file system is (default /).", false,
       [](Config& c, const auto& v) { c.host.root = to_folder(v.back()); }},
      {"gpu.probe", "PATH",
       "The rig_gpu_probe to start (default: the one installed with this program), or a recording "
       "of what one printed.",
       false, [](Config& c, const auto& v) { c.gpu.probe = to_probe(v.back()); }},
      {"gpu.sample-interval", "DURATION", "How often each GPU is read (default 1s).", false,
       [](Config& c, const auto& v) {
         c.gpu.sample_interval = to_duration(v.back(), kMinSampleInterval, kMaxSampleInterval);
       }},
      {"gpu.peak-window", "DURATION",
       "How far back the peaks of power, busy and temperature look (default 1m).", false,
       [](Config& c, const auto& v) {
         c.gpu.peak_window = to_duration(v.back(), kMinPeakWindow, kMaxPeakWindow);
       }},
      {"gpu.processes", "N",
       "How many processes that use a GPU are shown, those with most memory first; 0 shows none "
       "(default 32).",
       false,
       [](Config& c, const auto& v) { c.gpu.processes = to_count(v.back(), 0, kMaxProcessLimit); }},
      {"raid.expect", "ARRAY",
       "An array that should be there, such as md0 or /dev/md/data, beside those that mdadm.conf "
       "names; may be repeated.",
       true, [](Config& c, const auto& v) { c.raid.expected = to_arrays(v, false); }},
      {"raid.ignore", "ARRAY",
       "An array that is not shown, such as md0, or md12* for all that begin so; may be repeated.",
       true, [](Config& c, const auto& v) { c.raid.ignored = to_arrays(v, true); }},
      {"collector.cpu.per-core", "",
       "Series of every CPU (default); without, their times are one sum under cpu=\"all\", and "
       "frequencies and the throttles of cores are not read.",
       false, [](Config& c, const auto& v) { c.cpu.per_core = to_bool(v.back()); }},
      {"log.level", "LEVEL", "debug, info, warn or error (default info).", false,
       [](Config& c, const auto& v) {
         c.log.level = to_meaning<LogLevel>(v.back(), {{"debug", LogLevel::debug},
                                                       {"info", LogLevel::info},
                                                       {"warn", LogLevel::warn},
                                                       {"error", LogLevel::error}});
       }},
      {"log.format", "FORMAT", "logfmt or json (default logfmt).", false,
       [](Config& c, const auto& v) {
         c.log.format = to_meaning<LogFormat>(
             v.back(), {{"logfmt", LogFormat::logfmt}, {"json", LogFormat::json}});
       }},
      {"collector.disable-defaults", "", "Run only the collectors that are named.", false,
       [](Config& c, const auto& v) { c.collectors_by_default = !to_bool(v.back()); }},
  };
}

}  // namespace

std::vector<Setting> all_settings(std::span<const CollectorSwitch> collectors) {
  auto settings = common_settings();
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
