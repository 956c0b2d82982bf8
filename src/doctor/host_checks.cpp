#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <utility>

#include "doctor/checks.h"
#include "rig/config/listen_address.h"
#include "rig/kernel/files.h"
#include "rig/web/health_check.h"
#include "rig/web/http_server.h"

namespace rig {
namespace {

constexpr const char* kHost = "Host";
constexpr const char* kExporter = "Exporter";
constexpr std::string_view kSeeFilesystems =
    "a container needs --pid=host --volume /:/rootfs:ro,rslave and the flag "
    "--path.rootfs=/rootfs; a systemd unit no ProtectHome=yes";

struct Advice {
  std::string_view words;  // in the problem
  std::string_view advice;
};
constexpr std::string_view kNonsense =
    "the driver wrote what makes no sense: another kernel may write better";
constexpr auto kAdvice = std::to_array<Advice>({
    {"is --path.procfs right", "a systemd unit must not have ProcSubset=pid, which hides it"},
    {"ermission denied", "let the exporter run as a user who may read it"},
    {"not permitted", "a container or a systemd unit keeps it away: give it the device or folder"},
    {"Input/output error", "the driver or its device refuses: \"dmesg\" says why"},
    {"does not answer", "its driver hangs: \"dmesg\" says why; often only a reboot helps"},
    {"does not come back", "a driver hangs: \"dmesg\" says why; often only a reboot helps"},
    {"refuses every value", "the GPU may be under reset: \"dmesg\" says why"},
    {"there is no such program", ""},  // says itself what to do
    {"rig_gpu_probe", "run rig_gpu_probe --once by hand to see what it says"},
    {"plausible", "the driver wrote what cannot be: \"dmesg\" may say why"},
    {"makes no sense", "please report the text of this file"},
    {"truncated", kNonsense},
    {" no number", kNonsense},
    {" no hexadecimal number", kNonsense},
    {" no table", kNonsense},
});

std::string advice_on(std::string_view problem) {
  for (const auto& [words, advice] : kAdvice) {
    if (problem.find(words) != problem.npos) return std::string(advice);
  }
  return "";
}

std::string subject_of(std::string_view collector) {
  if (collector == "gpu") return "GPUs";
  return collector == "raid" ? "RAID" : kHost;
}

// Of an address that was refused. Who may not use a port is told so before it is looked whether it
// is in use: in both cases an exporter may have it.
Finding judge_refused(const std::string& address, const ListenError& error) {
  const bool in_use = error.error_number() == EADDRINUSE;
  if (in_use || error.error_number() == EACCES) {
    const Health health = check_health(address);
    if (health.healthy) return {Level::ok, kExporter, "an exporter answers at " + address, ""};
    if (in_use)
      return {Level::wrong, kExporter, health.message,
              "the address is in use: if by another program, choose a free --web.listen-address"};
  }
  return {Level::wrong, kExporter, error.what(), ""};
}

Finding check_address(const std::string& address) {
  try {
    check_listen_address(address);
  } catch (const ListenError& error) {
    return judge_refused(address, error);
  }
  return {Level::ok, kExporter, "nobody listens at " + address + ", where this one would", ""};
}

}  // namespace

Findings check_cpu_and_memory(const Seen& seen) {
  const auto is_well = [](const CollectorVisit& visit) {
    return (visit.name == "cpu" || visit.name == "memory") && visit.answered &&
           visit.problems.empty();
  };
  if (std::ranges::count_if(seen.collectors, is_well) != 2) return {};
  return {{Level::ok, kHost,
           fmt::format("CPU and memory are read from {}", seen.config.host.proc.string()), ""}};
}

Findings check_filesystems(const Seen& seen) {
  if (!seen.answered("filesystem")) return {};
  const auto& proc = seen.config.host.proc;
  if (!is_procfs(proc))
    return {{Level::ok, kHost,
             proc.string() + " is a copy: filesystems of another machine have no sizes here", ""}};
  std::set<std::string_view> sized;
  for (const auto* size : seen.all("rig_filesystem_size_bytes"))
    sized.insert(size->label("mountpoint"));
  std::vector<std::string_view> hidden;
  for (const auto* mounted : seen.all("rig_filesystem_readonly")) {
    if (!sized.contains(mounted->label("mountpoint")))
      hidden.push_back(mounted->label("mountpoint"));
  }
  if (!hidden.empty())
    return {{Level::note, kHost,
             fmt::format("filesystems that are mounted and cannot be seen from here, so that they "
                         "have no size: {}",
                         fmt::join(hidden, ", ")),
             std::string(kSeeFilesystems)}};
  if (sized.empty())
    return {{Level::note, kHost, "no filesystem of a disk can be seen from here",
             std::string(kSeeFilesystems)}};
  return {{Level::ok, kHost,
           fmt::format("filesystems that can be seen: {}", fmt::join(sized, ", ")), ""}};
}

Findings check_collectors(const Seen& seen) {
  Findings findings;
  for (const auto& [name, answered, problems] : seen.collectors) {
    if (!answered)
      findings.push_back({Level::wrong, subject_of(name),
                          fmt::format("the collector {} did not answer in time", name),
                          "a driver hangs: \"dmesg\" says why"});
    for (const auto& problem : problems)
      findings.push_back({Level::wrong, subject_of(name), problem, advice_on(problem)});
  }
  for (const auto& name : seen.off)
    findings.push_back({Level::note, subject_of(name), fmt::format("the collector {} is off", name),
                        fmt::format("--collector.{} switches it on", name)});
  return findings;
}

Findings check_addresses(const Seen& seen) {
  Findings findings;
  for (const auto& address : seen.config.web.listen_addresses) {
    if (parse_listen_address(address).port == 0) continue;  // any that is free
    findings.push_back(check_address(address));
  }
  return findings;
}

}  // namespace rig
