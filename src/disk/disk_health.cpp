#include "rig/disk/disk_health.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "rig/kernel/best_effort_reader.h"
#include "rig/kernel/files.h"
#include "rig/kernel/read_number.h"
#include "rig/kernel/text.h"
#include "rig/metrics/plausible.h"

namespace rig {
namespace {

constexpr std::string_view kScsi = "scsi";
constexpr std::string_view kNvme = "nvme";

// The name of the bus or class of the device.
std::string kind_of(const std::string& device) {
  return link_target_name(device + "/subsystem").value_or("");
}

// The location depends on the kernel version. Canonical paths, because several disks may share one
// controller.
std::vector<std::string> temperature_files(const std::string& port, std::string_view driver) {
  std::vector<std::string> files;
  for (const std::string& directory : {port, port + "/hwmon", port + "/device/hwmon"}) {
    for (const std::string& name :
         list_names(directory).get().value_or(std::vector<std::string>())) {
      if (!name.starts_with("hwmon")) continue;
      const std::string sensor = directory + "/" + name;
      if (read_name(sensor + "/name").value_or("") != driver) continue;
      if (const auto real = real_path(sensor)) files.push_back(*real + "/temp1_input");
    }
  }
  return files;
}

DiskPortFiles read_port(BestEffortReader& reader, const std::string& port, bool scsi) {
  DiskPortFiles files;
  files.directory = port;
  files.state = reader.text(port + "/state");
  files.power = reader.text(port + "/power/runtime_status");
  if (scsi) files.errors = reader.text(port + "/ioerr_cnt");
  files.temperatures = temperature_files(port, scsi ? "drivetemp" : "nvme");
  return files;
}

// enum scsi_device_state and nvme_ctrl_state: those in which the device accepts no requests.
constexpr auto kScsiOfflineStates =
    std::to_array<std::string_view>({"created", "cancel", "deleted", "quiesce", "offline",
                                     "transport-offline", "blocked", "created-blocked"});
constexpr auto kNvmeOfflineStates = std::to_array<std::string_view>(
    {"new", "resetting", "connecting", "deleting", "deleting (no IO)", "dead"});

// std::nullopt for a word of a later kernel.
std::optional<bool> is_online(std::string_view state, std::string_view kind) {
  const bool scsi = kind == kScsi;
  if (state == (scsi ? "running" : "live")) return true;
  const bool offline = scsi ? std::ranges::count(kScsiOfflineStates, state) != 0
                            : std::ranges::count(kNvmeOfflineStates, state) != 0;
  return offline ? std::optional(false) : std::nullopt;
}

DiskHealth parse_port(const DiskPortFiles& files, std::string_view kind) {
  DiskHealth port;
  const std::string state = files.state.value_or("");
  port.online = is_online(state, kind);
  if (files.state && !port.online)
    port.problems.push_back(Problem::malformed(files.directory + "/state", state));
  if (files.errors) {
    port.io_errors = parse_number<std::uint64_t>(*files.errors, 16);
    if (!port.io_errors)
      port.problems.push_back(Problem::malformed(files.directory + "/ioerr_cnt", *files.errors));
  }
  // suspended or suspending
  const bool suspended = files.power.value_or("").starts_with("suspend");
  if (port.online == true && !suspended) port.temperatures = files.temperatures;
  return port;
}

// `decisive` if any part has that value, else unknown if any part is unknown.
std::optional<bool> online(std::span<const DiskHealth> parts, bool decisive) {
  const auto one_is = [&](std::optional<bool> value) {
    return std::ranges::find(parts, value, &DiskHealth::online) != parts.end();
  };
  if (one_is(decisive)) return decisive;
  if (one_is(std::nullopt)) return std::nullopt;
  return !decisive;
}

DiskHealth combine(std::span<const DiskHealth> parts, bool decisive) {
  DiskHealth whole;
  whole.online = online(parts, decisive);
  // Not summed: the sum would decrease when a disk is removed.
  if (parts.size() == 1) whole.io_errors = parts.front().io_errors;
  for (const DiskHealth& part : parts) {
    whole.temperatures.insert(whole.temperatures.end(), part.temperatures.begin(),
                              part.temperatures.end());
    whole.problems.insert(whole.problems.end(), part.problems.begin(), part.problems.end());
  }
  return whole;
}

}  // namespace

DiskHealthFiles read_disk_health(const std::string& disk) {
  const std::string link = disk + "/device";
  const std::string device = real_path(link).value_or(link);  // so that descriptors can be kept
  BestEffortReader reader;
  DiskHealthFiles files;
  files.kind = kind_of(device);
  if (files.kind == kScsi || files.kind == kNvme)
    files.ports.push_back(read_port(reader, device, files.kind == kScsi));
  if (!files.ports.empty()) files.ports.front().directory = link;  // as it is called in problems
  if (files.kind == "nvme-subsystem") {
    for (const std::string& name : reader.names(device)) {
      const std::string port = device + "/" + name;
      if (kind_of(port) == kNvme) files.ports.push_back(read_port(reader, port, false));
    }
    files.without_paths = files.ports.empty() && !reader.has_problems();
  }
  files.problems = reader.take_problems();
  return files;
}

DiskHealth parse_disk_health(const DiskHealthFiles& files) {
  std::vector<DiskHealth> ports;
  for (const DiskPortFiles& port : files.ports) ports.push_back(parse_port(port, files.kind));
  DiskHealth health;
  if (!ports.empty() || files.without_paths) health = health_of_paths(ports);
  health.problems.insert(health.problems.end(), files.problems.begin(), files.problems.end());
  return health;
}

DiskHealth health_of_paths(std::span<const DiskHealth> paths) { return combine(paths, true); }

DiskHealth health_of_all(std::span<const DiskHealth> disks) {
  return disks.empty() ? DiskHealth() : combine(disks, false);
}

ReadResult<double> read_temperature_celsius(const std::string& file) {
  constexpr double kMillidegreesPerDegree = 1000;
  constexpr double kZeroKelvin = -273;  // an NVMe disk without a sensor; -273.15 or rounded
  const auto millidegrees = read_number<double>(file);
  if (millidegrees.problem()) return *millidegrees.problem();
  if (!millidegrees) return std::nullopt;
  const double celsius = *millidegrees / kMillidegreesPerDegree;
  if (celsius <= kZeroKelvin) return std::nullopt;
  if (!kPlausibleCelsius.contains(celsius))
    return Problem{Reason::implausible, file,
                   fmt::format("implausible temperature: {:.0f}", *millidegrees)};
  return celsius;
}

}  // namespace rig
