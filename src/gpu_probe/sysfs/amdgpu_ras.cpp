#include "gpu_probe/sysfs/amdgpu_ras.h"

#include <cstdint>

#include "rig/amdgpu/text_formats.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::string_view kCountSuffix = "_err_count";
constexpr std::string_view kAcaPrefix = "aca_";

std::string severity_of(std::string_view key) {
  if (key == "ue") return "uncorrectable";
  if (key == "ce") return "correctable";
  return key == "de" ? "deferred" : "";
}

std::string event_of(std::string_view name) {
  if (name == "Fatal Error") return "fatal";
  if (name == "Poison Creation") return "poison_creation";
  return name == "Poison Consumption" ? "poison_consumption" : "";
}

std::string page_state_of(std::string_view flag) {
  if (flag == "R") return "retired";
  if (flag == "P") return "pending";
  return flag == "F" ? "unreservable" : "";
}

}  // namespace

std::optional<std::map<std::string, double>> parse_ras_counts(std::string_view text) {
  if (!is_complete(text)) return std::nullopt;
  std::map<std::string, double> counts;
  for (const auto line : lines(text)) {
    if (trim(line).empty()) continue;
    const auto [key, value] = split_at(line, ':');
    const std::string severity = severity_of(trim(key));
    const auto count = parse_number<std::uint64_t>(value);
    if (severity.empty() || !count) return std::nullopt;
    counts[severity] = static_cast<double>(*count);
  }
  if (counts.empty()) return std::nullopt;
  return counts;
}

std::optional<std::map<std::string, double>> parse_ras_events(std::string_view text) {
  if (!is_complete(text)) return std::nullopt;
  std::map<std::string, double> events;
  for (const auto line : lines(text)) {
    const auto [name, rest] = split_at(line, ':');
    const std::string event = event_of(trim(name));
    if (event.empty()) continue;
    const auto [key, value] = split_at(trim(rest), ':');
    const auto count = parse_number<std::uint64_t>(split_at(value, ',').before);
    if (key != "count" || !count) return std::nullopt;
    events[event] = static_cast<double>(*count);
  }
  if (events.empty()) return std::nullopt;
  return events;
}

std::optional<std::map<std::string, double>> parse_bad_pages(std::string_view text) {
  if (!is_complete(text)) return std::nullopt;
  std::map<std::string, double> pages{{"retired", 0}, {"pending", 0}, {"unreservable", 0}};
  for (const auto line : lines(text)) {
    if (trim(line).empty()) continue;
    const std::string state = page_state_of(trim(line.substr(line.rfind(':') + 1)));
    if (state.empty()) return std::nullopt;
    ++pages[state];
  }
  return pages;
}

RasFiles ras_files(const std::vector<std::string>& files) {
  RasFiles found;
  for (const auto& name : files) {
    if (name.ends_with(kCountSuffix))
      found[name.substr(0, name.size() - kCountSuffix.size())] = name;
  }
  for (const auto& name : files) {
    if (name.starts_with(kAcaPrefix) && !name.ends_with(kCountSuffix))
      found.try_emplace(name.substr(kAcaPrefix.size()), name);
  }
  return found;
}

void read_ras(FieldReader& device, const RasFiles& files, GpuReading& reading) {
  for (const auto& [block, name] : files) {
    const std::string file = "ras/" + name;
    const auto text = device.table(file);
    if (!text) continue;
    if (const auto counts = parse_ras_counts(*text)) {
      reading.ecc_errors[block] = *counts;
    } else if (text->starts_with("Query currently inaccessible")) {  // during a reset
      ++reading.read_errors["reset"];
    } else {
      device.add_malformed(file, *text);
    }
  }
}

void read_ras_events(FieldReader& device, GpuReading& reading) {
  constexpr std::string_view kFile = "ras/event_state";
  const auto text = device.table(kFile);
  if (!text) return;
  if (auto events = parse_ras_events(*text)) {
    reading.ras_events = *std::move(events);
  } else {
    device.add_malformed(kFile, *text);
  }
}

void read_bad_pages(FieldReader& device, GpuReading& reading) {
  constexpr std::string_view kFile = "ras/gpu_vram_bad_pages";
  const auto text = device.binary_attribute(kFile);
  if (!text) return;
  if (auto pages = parse_bad_pages(*text)) {
    reading.bad_pages = *std::move(pages);
  } else {
    device.add_malformed(kFile, *text);
  }
}

}  // namespace rig
