#include "gpu_probe/sysfs/pcie_aer.h"

#include <array>
#include <cstdint>
#include <string>
#include <system_error>

#include "gpu_probe/sysfs/field_reader.h"
#include "rig/amdgpu/text_formats.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr std::array kSeverities{"correctable", "nonfatal", "fatal"};

std::string file_of(const std::string& severity) { return "aer_dev_" + severity; }

void add_if_counting(std::vector<fs::path>& functions, const fs::path& function) {
  std::error_code ignored;
  if (fs::exists(function / file_of(kSeverities.front()), ignored)) functions.push_back(function);
}

// std::nullopt if one of the functions has no count.
std::optional<double> total(const std::vector<fs::path>& functions, const std::string& severity,
                            GpuReading& reading) {
  double sum = 0;
  for (const auto& function : functions) {
    FieldReader files(function, reading);
    const auto text = files.table(file_of(severity));
    if (!text) return std::nullopt;
    const auto count = parse_aer_total(*text);
    if (!count) {
      files.add_malformed(file_of(severity), *text);
      return std::nullopt;
    }
    sum += *count;
  }
  return sum;
}

}  // namespace

AerFunctions aer_functions(const fs::path& device, const std::optional<SlotLink>& slot) {
  AerFunctions functions;
  add_if_counting(functions.device, device);
  if (slot && slot->has_switch) add_if_counting(functions.device, slot->board);
  if (slot) add_if_counting(functions.upstream, slot->port);
  return functions;
}

std::optional<double> parse_aer_total(std::string_view text) {
  if (!is_complete(text)) return std::nullopt;
  for (const auto line : lines(text)) {
    if (!line.starts_with("TOTAL_ERR_")) continue;
    const auto count = parse_number<std::uint64_t>(split_at(line, ' ').after);
    if (!count) return std::nullopt;
    return static_cast<double>(*count);
  }
  return std::nullopt;
}

void read_aer(const AerFunctions& functions, GpuReading& reading) {
  for (const std::string severity : kSeverities) {
    if (!functions.device.empty()) {
      if (const auto count = total(functions.device, severity, reading))
        reading.pcie_aer_errors["device"][severity] = *count;
    }
    if (!functions.upstream.empty()) {
      if (const auto count = total(functions.upstream, severity, reading))
        reading.pcie_aer_errors["upstream"][severity] = *count;
    }
  }
}

}  // namespace rig
