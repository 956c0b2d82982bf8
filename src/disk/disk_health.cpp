#include "rig/disk/disk_health.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kScsi = "scsi";
constexpr std::string_view kNvme = "nvme";

// The name of the bus or class of the device.
std::string kind_of(const fs::path& device) {
  return link_target_name(device / "subsystem").value_or("");
}

// The location depends on the kernel version. Canonical paths, because several disks may share one
// controller.
std::vector<fs::path> temperature_files(const fs::path& port, std::string_view driver) {
  std::vector<fs::path> files;
  for (const fs::path& directory : {port, port / "hwmon", port / "device/hwmon"}) {
    for (const std::string& name : list_directory(directory)) {
      if (!name.starts_with("hwmon")) continue;
      const auto file = try_read_file(directory / name / "name");
      if (trim(file.text.value_or("")) != driver) continue;
      if (const auto sensor = real_path(directory / name)) files.push_back(*sensor / "temp1_input");
    }
  }
  return files;
}

std::optional<std::string> read_or_note(const fs::path& path, std::vector<std::string>& problems) {
  auto file = try_read_file(path);
  if (!file.problem.empty()) problems.push_back(std::move(file.problem));
  return std::move(file.text);
}

DiskPortFiles read_port(const fs::path& port, bool scsi, std::vector<std::string>& problems) {
  DiskPortFiles files;
  files.directory = port;
  files.state = read_or_note(port / "state", problems);
  files.power = read_or_note(port / "power/runtime_status", problems);
  if (scsi) files.errors = read_or_note(port / "ioerr_cnt", problems);
  files.temperatures = temperature_files(port, scsi ? "drivetemp" : "nvme");
  return files;
}

DiskHealth parse_port(const DiskPortFiles& files, std::string_view kind) {
  DiskHealth port;
  const std::string state(trim(files.state.value_or("")));
  if (!state.empty()) port.online = state == (kind == kScsi ? "running" : "live");
  if (files.errors) {
    port.io_errors = parse_number<std::uint64_t>(*files.errors, 16);
    if (!port.io_errors)
      port.problems.push_back((files.directory / "ioerr_cnt").string() + ": makes no sense: '" +
                              std::string(trim(*files.errors)) + "'");
  }
  // suspended or suspending
  const bool suspended = trim(files.power.value_or("")).starts_with("suspend");
  if (port.online == true && !suspended) port.temperatures = files.temperatures;
  return port;
}

// `decisive` if any part has that value, else unknown if any part is unknown or there is none.
std::optional<bool> online(std::span<const DiskHealth> parts, bool decisive) {
  const auto one_is = [&](std::optional<bool> value) {
    return std::ranges::find(parts, value, &DiskHealth::online) != parts.end();
  };
  if (one_is(decisive)) return decisive;
  if (parts.empty() || one_is(std::nullopt)) return std::nullopt;
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

// "34000"
std::optional<double> parse_celsius(std::string_view text) {
  constexpr double kMillidegreesPerDegree = 1000;
  const auto number = parse_number<double>(text);
  return number ? std::optional(*number / kMillidegreesPerDegree) : std::nullopt;
}

}  // namespace

DiskHealthFiles read_disk_health(const fs::path& disk) {
  const fs::path device = disk / "device";
  DiskHealthFiles files;
  files.kind = kind_of(device);
  if (files.kind == kScsi || files.kind == kNvme)
    files.ports.push_back(read_port(device, files.kind == kScsi, files.problems));
  if (files.kind == "nvme-subsystem") {
    for (const std::string& name : list_directory(device)) {
      if (kind_of(device / name) == kNvme)
        files.ports.push_back(read_port(device / name, false, files.problems));
    }
  }
  return files;
}

DiskHealth parse_disk_health(const DiskHealthFiles& files) {
  std::vector<DiskHealth> ports;
  for (const DiskPortFiles& port : files.ports) ports.push_back(parse_port(port, files.kind));
  DiskHealth health = health_of_paths(ports);
  health.problems.insert(health.problems.end(), files.problems.begin(), files.problems.end());
  return health;
}

DiskHealth health_of_paths(std::span<const DiskHealth> paths) { return combine(paths, true); }

DiskHealth health_of_all(std::span<const DiskHealth> disks) { return combine(disks, false); }

std::optional<double> read_temperature_celsius(const fs::path& file) {
  constexpr double kMinCelsius = -40;
  constexpr double kMaxCelsius = 150;
  const auto text = read_line(file);
  if (!text) return std::nullopt;
  const auto celsius = parse_celsius(*text);
  if (!celsius) throw ReadError(file, "makes no sense: '" + *text + "'");
  if (*celsius < kMinCelsius || *celsius > kMaxCelsius) return std::nullopt;
  return celsius;
}

}  // namespace rig
