#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <utility>

#include "doctor/checks.h"
#include "rig/config/listen_address.h"
#include "rig/host/filesystem_families.h"
#include "rig/kernel/files.h"
#include "rig/web/health_check.h"
#include "rig/web/http_server.h"

namespace rig {
namespace {

constexpr std::string_view kFilesystemAdvice =
    "a container needs --pid=host --volume /:/rootfs:ro,rslave and the flag "
    "--path.rootfs=/rootfs; a systemd unit must not have ProtectHome=yes";

std::string advice_on(const Problem& problem) {
  switch (problem.reason) {
    case Reason::timed_out:
      return "a driver or device hangs: see \"dmesg\"; often only a reboot helps";
    case Reason::permission_denied:
      return "run the exporter as a user who may read it";
    case Reason::not_permitted:
      return "a container or a systemd unit forbids it: allow the device or directory";
    case Reason::missing:
      return "check --path.procfs and --path.sysfs; a systemd unit must not have ProcSubset=pid, "
             "which hides it";
    case Reason::io_error:
      return "the driver or its device fails: see \"dmesg\"";
    case Reason::resetting:
      return "the GPU may be resetting: see \"dmesg\"";
    case Reason::implausible:
      return "the driver returned an implausible value: see \"dmesg\"";
    case Reason::malformed:
      return "please report the contents of this file";
    case Reason::unavailable:
      return "run \"rig_gpu_probe --once\" to see its output";
    case Reason::busy:
    case Reason::unsupported:
    case Reason::duplicate:
    case Reason::failed:
      return "";
  }
  return "";
}

std::string subject_of(std::string_view collector) {
  if (collector == "gpu") return kGpuSubject;
  return collector == "raid" ? kRaidSubject : kHostSubject;
}

// For an address that cannot be bound. The kernel checks the permission for a port before it checks
// whether the port is in use: in both cases an exporter may be listening there.
Finding explain_refusal(const std::string& address, const ListenError& error) {
  const bool in_use = error.error_number() == EADDRINUSE;
  if (in_use || error.error_number() == EACCES) {
    const Health health = check_health(address);
    if (health.healthy)
      return {Level::ok, kExporterSubject, "an exporter is running on " + address, ""};
    if (in_use)
      return {
          Level::problem, kExporterSubject, health.message,
          "the address is in use; if another program uses it, choose another --web.listen-address"};
  }
  return {Level::problem, kExporterSubject, error.what(), ""};
}

Finding check_address(const std::string& address) {
  try {
    check_listen_address(address);
  } catch (const ListenError& error) {
    return explain_refusal(address, error);
  }
  return {Level::ok, kExporterSubject, address + " is free to listen on", ""};
}

}  // namespace

Findings check_cpu_and_memory(const CheckInput& input) {
  const auto is_read = [](const CollectorResult& result) {
    return (result.name == "cpu" || result.name == "memory") && result.success();
  };
  if (std::ranges::count_if(input.scrape.collectors, is_read) != 2) return {};
  return {{Level::ok, kHostSubject,
           fmt::format("CPU and memory are read from {}", input.config.paths.proc.string()), ""}};
}

Findings check_filesystems(const CheckInput& input) {
  if (!input.finished("filesystem")) return {};
  const auto& proc = input.config.paths.proc;
  if (!is_procfs(proc))
    return {{Level::ok, kHostSubject,
             proc.string() + " is a copy: the filesystems of another machine have no sizes here",
             ""}};
  std::set<std::string_view> visible;
  for (const auto& size : input.scrape.find(kFilesystemSize))
    visible.insert(size.label("mountpoint"));
  std::vector<std::string_view> hidden;
  for (const auto& mounted : input.scrape.find(kFilesystemReadonly)) {
    if (!visible.contains(mounted.label("mountpoint")))
      hidden.push_back(mounted.label("mountpoint"));
  }
  // Then it is a problem of the collector.
  if (visible.empty() && input.has_problems("filesystem")) return {};
  if (!hidden.empty())
    return {{Level::note, kHostSubject,
             fmt::format("filesystems that are mounted but not accessible from here, so that their "
                         "size is unknown: {}",
                         fmt::join(hidden, ", ")),
             std::string(kFilesystemAdvice)}};
  if (visible.empty())
    return {{Level::note, kHostSubject, "no filesystem on a disk is accessible from here",
             std::string(kFilesystemAdvice)}};
  return {{Level::ok, kHostSubject,
           fmt::format("filesystems that are accessible: {}", fmt::join(visible, ", ")), ""}};
}

Findings check_collectors(const CheckInput& input) {
  Findings findings;
  for (const auto& collector : input.scrape.collectors) {
    const auto subject = subject_of(collector.name);
    if (collector.failure) {
      findings.push_back({Level::problem, subject,
                          fmt::format("the {} collector did not run: {}", collector.name,
                                      to_string(*collector.failure)),
                          advice_on(*collector.failure)});
      continue;
    }
    if (!collector.collection) {
      findings.push_back({Level::problem, subject,
                          fmt::format("the {} collector timed out", collector.name),
                          "a driver hangs: see \"dmesg\""});
      continue;
    }
    for (const auto& problem : collector.collection->samples.problems())
      findings.push_back({Level::problem, subject, to_string(problem), advice_on(problem)});
  }
  for (const auto& name : input.disabled)
    findings.push_back({Level::note, subject_of(name),
                        fmt::format("the {} collector is disabled", name),
                        fmt::format("--collector.{} enables it", name)});
  return findings;
}

Findings check_addresses(const CheckInput& input) {
  if (input.config.web.systemd_socket)
    return {{Level::note, kExporterSubject,
             "systemd opens the sockets of the exporter (--web.systemd-socket)",
             "systemctl status rig_exporter.socket shows them"}};
  Findings findings;
  for (const auto& address : input.config.web.listen_addresses) {
    const auto parsed = parse_listen_address(address);
    if (!parsed.is_unix() && parsed.port == 0) continue;  // any free port
    findings.push_back(check_address(address));
  }
  return findings;
}

}  // namespace rig
