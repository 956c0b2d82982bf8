#include "config/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>

#include "config/setting_values.h"
#include "rig/gpu_protocol/probe_defaults.h"
#include "rig/kernel/duration.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

constexpr Reload kRestart{};
constexpr Reload kApplied{.possible = true};
constexpr Reload kRecreatesCpu{.possible = true, .collector = "cpu"};
constexpr Reload kRecreatesFilesystem{.possible = true, .collector = "filesystem"};
constexpr Reload kRecreatesGpu{.possible = true, .collector = "gpu"};
constexpr Reload kRecreatesRaid{.possible = true, .collector = "raid"};

// The values of a setting that is not repeatable.
std::vector<std::string> one(const std::string& value) { return {value}; }
std::vector<std::string> one(const std::filesystem::path& path) { return {path.string()}; }
std::vector<std::string> one(bool value) { return {value ? "true" : "false"}; }
std::vector<std::string> one(unsigned value) { return {std::to_string(value)}; }
std::vector<std::string> one(milliseconds value) { return {format_duration(value)}; }

std::vector<Setting> web_settings() {
  return {
      {"web.listen-address", "ADDRESS",
       "Address to listen on, such as 127.0.0.1:9000 or [::1]:10068; port 0 chooses a free one; "
       "unix:FILE is a unix socket; may be repeated (default :10068, which is every address).",
       true, kRestart, [](Config& c, const auto& v) { c.web.listen_addresses = to_addresses(v); },
       [](const Config& c) { return c.web.listen_addresses; }},
      {"web.systemd-socket", "",
       "Listen on the sockets that systemd passes (socket activation) instead of "
       "--web.listen-address.",
       false, kRestart, [](Config& c, const auto& v) { c.web.systemd_socket = to_bool(v.back()); },
       [](const Config& c) { return one(c.web.systemd_socket); }},
      {"web.unix-socket-mode", "MODE",
       "Permissions of unix sockets, in octal: who may write may connect (default 0660).", false,
       kRestart, [](Config& c, const auto& v) { c.web.unix_socket_mode = to_file_mode(v.back()); },
       [](const Config& c) { return one(from_file_mode(c.web.unix_socket_mode)); }},
      {"web.telemetry-path", "PATH", "Path of the metrics (default /metrics).", false, kRestart,
       [](Config& c, const auto& v) { c.web.telemetry_path = to_telemetry_path(v.back()); },
       [](const Config& c) { return one(c.web.telemetry_path); }},
      {"web.config.file", "FILE",
       "TLS, users and headers, in the format that all Prometheus exporters share.", false,
       kRestart, [](Config& c, const auto& v) { c.web.config_file = v.back(); },
       [](const Config& c) {
         return c.web.config_file.empty() ? std::vector<std::string>{} : one(c.web.config_file);
       }},
      {"web.max-requests", "N",
       "Maximum number of simultaneous scrapes of different collectors; others get status 503 "
       "(default 40).",
       false, kApplied,
       [](Config& c, const auto& v) { c.web.max_requests = to_count(v.back(), 1, 1000); },
       [](const Config& c) { return one(c.web.max_requests); }},
      {"scrape.timeout", "DURATION",
       "Timeout of a scrape; shorter if the scraper sends a shorter one (default 5s).", false,
       kApplied,
       [](Config& c, const auto& v) {
         c.scrape_timeout = to_duration(v.back(), milliseconds(100), milliseconds(300'000));
       },
       [](const Config& c) { return one(c.scrape_timeout); }},
      {"web.enable-lifecycle", "",
       "Reload the configuration on POST to /-/reload; SIGHUP always does.", false, kRestart,
       [](Config& c, const auto& v) { c.web.lifecycle = to_bool(v.back()); },
       [](const Config& c) { return one(c.web.lifecycle); }},
      {"web.page", "",
       "The live page at / with its JSON below /api/v1 and ten minutes of history (default); "
       "otherwise / only lists links.",
       false, kRestart, [](Config& c, const auto& v) { c.web.page = to_bool(v.back()); },
       [](const Config& c) { return one(c.web.page); }},
  };
}

std::vector<Setting> path_settings() {
  return {
      {"path.procfs", "DIR", "Mountpoint of the host's procfs (default /proc).", false, kRestart,
       [](Config& c, const auto& v) { c.paths.proc = to_directory(v.back()); },
       [](const Config& c) { return one(c.paths.proc); }},
      {"path.sysfs", "DIR",
       "Mountpoint of the host's sysfs (default /sys); with any other, GPUs are read without "
       "rocm-smi.",
       false, kRestart, [](Config& c, const auto& v) { c.paths.sys = to_directory(v.back()); },
       [](const Config& c) { return one(c.paths.sys); }},
      {"path.rootfs", "DIR", "Mountpoint of the host's root filesystem (default /).", false,
       kRestart, [](Config& c, const auto& v) { c.paths.root = to_directory(v.back()); },
       [](const Config& c) { return one(c.paths.root); }},
  };
}

std::vector<Setting> gpu_settings() {
  return {
      {"gpu.probe", "FILE",
       "The rig_gpu_probe to start (default: the one installed with this program), or a recording "
       "of its output.",
       false, kRecreatesGpu, [](Config& c, const auto& v) { c.gpu.probe = to_probe(v.back()); },
       [](const Config& c) {
         return c.gpu.probe.empty() ? std::vector<std::string>{} : one(c.gpu.probe);
       }},
      {"gpu.sample-interval", "DURATION",
       "How often each GPU is read (default 1s); 0: only at scrapes, without energy, busy time and "
       "peaks.",
       false, kRecreatesGpu,
       [](Config& c, const auto& v) { c.gpu.sample_interval = to_sample_interval(v.back()); },
       [](const Config& c) {
         const auto interval = c.gpu.sample_interval;
         return interval == kAtRequests ? std::vector<std::string>{"0"} : one(interval);
       }},
      {"gpu.max-cpu", "PERCENT",
       "Percentage of one CPU that sampling more than 8 GPUs may use; beyond it they are read less "
       "often, up to 2.5 times the interval (default 5); 0: no limit.",
       false, kRecreatesGpu,
       [](Config& c, const auto& v) {
         c.gpu.max_cpu_percent = to_count(v.back(), 0, kMaxCpuPercent);
       },
       [](const Config& c) { return one(c.gpu.max_cpu_percent); }},
      {"gpu.peak-window", "DURATION",
       "Time span of the peak values of power, utilization and temperature (default 1m).", false,
       kRecreatesGpu,
       [](Config& c, const auto& v) {
         c.gpu.peak_window = to_duration(v.back(), kMinPeakWindow, kMaxPeakWindow);
       },
       [](const Config& c) { return one(c.gpu.peak_window); }},
      {"gpu.processes", "N",
       "Maximum number of GPU processes to export, those with most memory first; 0 exports none "
       "(default 32).",
       false, kRecreatesGpu,
       [](Config& c, const auto& v) { c.gpu.processes = to_count(v.back(), 0, kMaxProcessLimit); },
       [](const Config& c) { return one(c.gpu.processes); }},
  };
}

std::vector<Setting> collector_settings() {
  return {
      {"raid.expect", "ARRAY",
       "An array that should exist, such as md0 or /dev/md/data, in addition to those in "
       "mdadm.conf; may be repeated.",
       true, kRecreatesRaid,
       [](Config& c, const auto& v) { c.raid.expected = to_arrays(v, false); },
       [](const Config& c) { return c.raid.expected; }},
      {"raid.ignore", "ARRAY",
       "An array that is not exported, such as md0, or md12* for all that start so; may be "
       "repeated.",
       true, kRecreatesRaid, [](Config& c, const auto& v) { c.raid.ignored = to_arrays(v, true); },
       [](const Config& c) { return c.raid.ignored; }},
      {"collector.cpu.per-core", "",
       "Series for every CPU (default); otherwise their times are summed under cpu=\"all\", and "
       "frequencies and core throttles are not read.",
       false, kRecreatesCpu, [](Config& c, const auto& v) { c.cpu.per_core = to_bool(v.back()); },
       [](const Config& c) { return one(c.cpu.per_core); }},
      {"collector.filesystem.max", "N",
       "Maximum number of filesystems to export, those mounted first (default 256).", false,
       kRecreatesFilesystem,
       [](Config& c, const auto& v) { c.filesystem.max = to_count(v.back(), 1, 100'000); },
       [](const Config& c) { return one(c.filesystem.max); }},
      {"collector.disable-defaults", "", "Run only the collectors that are enabled by name.", false,
       kApplied, [](Config& c, const auto& v) { c.collectors_by_default = !to_bool(v.back()); },
       [](const Config& c) { return one(!c.collectors_by_default); }},
  };
}

std::vector<Setting> privacy_settings() {
  static constexpr std::array<Choice<SerialNumbers>, 3> kSerials{
      {{"auto", SerialNumbers::automatic},
       {"show", SerialNumbers::show},
       {"omit", SerialNumbers::omit}}};
  static constexpr std::array<Choice<GpuProcessLabels>, 4> kProcesses{
      {{"auto", GpuProcessLabels::automatic},
       {"all", GpuProcessLabels::all},
       {"pid", GpuProcessLabels::pid},
       {"none", GpuProcessLabels::none}}};
  constexpr std::span<const Choice<SerialNumbers>> kSerialChoices(kSerials);
  constexpr std::span<const Choice<GpuProcessLabels>> kProcessChoices(kProcesses);
  return {
      {"privacy.serial-numbers", "WHAT",
       "Serial numbers and unique ids of GPUs and disks; auto omits them if other machines can "
       "connect without a password (default auto).",
       false, kRestart,
       [=](Config& c, const auto& v) {
         c.privacy.serial_numbers = to_choice(v.back(), kSerialChoices);
       },
       [=](const Config& c) { return one(to_word(c.privacy.serial_numbers, kSerialChoices)); },
       words_of(kSerialChoices)},
      {"privacy.gpu-processes", "WHAT",
       "Processes on GPUs: all labels, pid without command and owner, or none; auto is pid if "
       "other machines can connect without a password, else all (default auto).",
       false, kRestart,
       [=](Config& c, const auto& v) {
         c.privacy.gpu_processes = to_choice(v.back(), kProcessChoices);
       },
       [=](const Config& c) { return one(to_word(c.privacy.gpu_processes, kProcessChoices)); },
       words_of(kProcessChoices)},
  };
}

std::vector<Setting> log_settings() {
  static constexpr std::array<Choice<LogLevel>, 4> kLevels{{{"debug", LogLevel::debug},
                                                            {"info", LogLevel::info},
                                                            {"warn", LogLevel::warn},
                                                            {"error", LogLevel::error}}};
  static constexpr std::array<Choice<LogFormat>, 2> kFormats{
      {{"logfmt", LogFormat::logfmt}, {"json", LogFormat::json}}};
  constexpr std::span<const Choice<LogLevel>> kLevelChoices(kLevels);
  constexpr std::span<const Choice<LogFormat>> kFormatChoices(kFormats);
  return {
      {"log.level", "LEVEL", "debug, info, warn or error (default info).", false, kApplied,
       [=](Config& c, const auto& v) { c.log.level = to_choice(v.back(), kLevelChoices); },
       [=](const Config& c) { return one(to_word(c.log.level, kLevelChoices)); },
       words_of(kLevelChoices)},
      {"log.format", "FORMAT", "logfmt or json (default logfmt).", false, kApplied,
       [=](Config& c, const auto& v) { c.log.format = to_choice(v.back(), kFormatChoices); },
       [=](const Config& c) { return one(to_word(c.log.format, kFormatChoices)); },
       words_of(kFormatChoices)},
  };
}

}  // namespace

std::vector<Setting> all_settings(std::span<const CollectorSwitch> collectors) {
  std::vector<Setting> settings;
  for (auto group : {web_settings(), path_settings(), gpu_settings(), collector_settings(),
                     privacy_settings(), log_settings()})
    std::ranges::move(group, std::back_inserter(settings));
  for (const auto& info : collectors) {
    settings.push_back({"collector." + std::string(info.name), "", std::string(info.help), false,
                        kApplied,
                        [name = std::string(info.name)](Config& config, const auto& values) {
                          config.collectors[name] = to_bool(values.back());
                        },
                        [name = std::string(info.name)](const Config& c) {
                          return one(c.collector_enabled(name));
                        }});
  }
  return settings;
}

std::string placeholder(const std::string& value, const std::vector<std::string>& choices) {
  return choices.empty() ? value : fmt::format("{}", fmt::join(choices, "|"));
}

std::vector<std::string> apply_values(Config& config, const Setting& setting,
                                      const std::vector<std::string>& values) {
  std::vector<std::string> errors;
  bool valid = true;
  for (const auto& value : values) {
    try {
      Config unused;
      setting.apply(unused, {value});
      errors.emplace_back();
    } catch (const ConfigError& error) {
      errors.emplace_back(error.what());
      valid = false;
    }
  }
  if (valid) setting.apply(config, values);
  return errors;
}

}  // namespace rig
