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

// The kernel's word for the kind of device, by the link to its bus or class.
std::string kind_of(const fs::path& device) {
  return link_target_name(device / "subsystem").value_or("");
}

// Where drivers of different kernels put their sensors. One controller may be reached through
// several disks: its file has one name.
std::vector<fs::path> temperature_files(const fs::path& port, std::string_view driver) {
  std::vector<fs::path> files;
  for (const fs::path& folder : {port, port / "hwmon", port / "device/hwmon"}) {
    for (const std::string& name : list_directory(folder)) {
      if (!name.starts_with("hwmon")) continue;
      const auto file = try_read_file(folder / name / "name");
      if (trim(file.text.value_or("")) != driver) continue;
      if (const auto sensor = real_path(folder / name)) files.push_back(*sensor / "temp1_input");
    }
  }
  return files;
}

std::optional<std::string> read_or_note(const fs::path& path, std::vector<std::string>& problems) {
  auto file = try_read_file(path);
  if (!file.problem.empty()) problems.push_back(std::move(file.problem));
  return std::move(file.text);
}

DiskPortText read_port(const fs::path& port, bool scsi, std::vector<std::string>& problems) {
  DiskPortText text;
  text.folder = port;
  text.state = read_or_note(port / "state", problems);
  text.power = read_or_note(port / "power/runtime_status", problems);
  if (scsi) text.errors = read_or_note(port / "ioerr_cnt", problems);
  text.temperatures = temperature_files(port, scsi ? "drivetemp" : "nvme");
  return text;
}

DiskHealth parse_port(const DiskPortText& text, std::string_view kind) {
  DiskHealth port;
  const std::string state(trim(text.state.value_or("")));
  if (!state.empty()) port.online = state == (kind == kScsi ? "running" : "live");
  if (text.errors) {
    port.io_errors = parse_number<std::uint64_t>(*text.errors, 16);
    if (!port.io_errors)
      port.problems.push_back((text.folder / "ioerr_cnt").string() + ": makes no sense: '" +
                              std::string(trim(*text.errors)) + "'");
  }
  const bool sleeps = trim(text.power.value_or("")).starts_with("suspend");  // …ed, …ing
  if (port.online == true && !sleeps) port.temperatures = text.temperatures;
  return port;
}

// Where one of them is `decisive`, so is the whole.
std::optional<bool> online(std::span<const DiskHealth> parts, bool decisive) {
  const auto one_is = [&](std::optional<bool> value) {
    return std::ranges::find(parts, value, &DiskHealth::online) != parts.end();
  };
  if (one_is(decisive)) return decisive;
  if (parts.empty() || one_is(std::nullopt)) return std::nullopt;
  return !decisive;
}

DiskHealth together(std::span<const DiskHealth> parts, bool decisive) {
  DiskHealth whole;
  whole.online = online(parts, decisive);
  // A sum would fall when one of several goes.
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
  constexpr double kMillidegrees = 1000;
  const auto number = parse_number<double>(text);
  return number ? std::optional(*number / kMillidegrees) : std::nullopt;
}

}  // namespace

DiskHealthText read_disk_health(const fs::path& disk) {
  const fs::path device = disk / "device";
  DiskHealthText text;
  text.kind = kind_of(device);
  if (text.kind == kScsi || text.kind == kNvme)
    text.ports.push_back(read_port(device, text.kind == kScsi, text.problems));
  if (text.kind == "nvme-subsystem") {
    for (const std::string& name : list_directory(device)) {
      if (kind_of(device / name) == kNvme)
        text.ports.push_back(read_port(device / name, false, text.problems));
    }
  }
  return text;
}

DiskHealth parse_disk_health(const DiskHealthText& text) {
  std::vector<DiskHealth> ports;
  for (const DiskPortText& port : text.ports) ports.push_back(parse_port(port, text.kind));
  DiskHealth health = health_of_paths(ports);
  health.problems.insert(health.problems.end(), text.problems.begin(), text.problems.end());
  return health;
}

DiskHealth health_of_paths(std::span<const DiskHealth> paths) { return together(paths, true); }

DiskHealth health_of_all(std::span<const DiskHealth> disks) { return together(disks, false); }

std::optional<double> read_temperature_celsius(const fs::path& file) {
  constexpr double kColdest = -40;
  constexpr double kHottest = 150;
  const auto text = read_line(file);
  if (!text) return std::nullopt;
  const auto celsius = parse_celsius(*text);
  if (!celsius) throw ReadError(file, "makes no sense: '" + *text + "'");
  if (*celsius < kColdest || *celsius > kHottest) return std::nullopt;
  return celsius;
}

}  // namespace rig
