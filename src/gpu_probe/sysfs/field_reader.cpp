#include "gpu_probe/sysfs/field_reader.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "rig/amdgpu/text_formats.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::size_t kMaxText = 4096;  // a page, the limit of sysfs
constexpr std::chrono::seconds kLongRead{1};
constexpr std::chrono::hours kPauseAfterLongRead{1};

// The value of the label "reason" of rig_gpu_read_errors_total.
const char* read_error_label(Reason reason) {
  switch (reason) {
    case Reason::unsupported:
      return "unsupported";
    case Reason::permission_denied:
      return "permission";
    case Reason::resetting:
      return "reset";
    case Reason::timed_out:
      return "timeout";
    case Reason::malformed:
    case Reason::implausible:
      return "implausible";
    default:
      return "io";
  }
}

// Firmware has numbers of 16 and 32 bits, which the driver scales: 65535 MHz becomes 65535000000
// Hz. APUs have hundredths of a percent and of a degree, of which drivers print the whole ones: 655
// and 655000. "-1" is a signed print of them.
bool is_all_ones(double value) {
  constexpr double kWholeHundredths = 655;
  if (value == -1 || value == kWholeHundredths || value == 1000 * kWholeHundredths) return true;
  constexpr auto kAllOnes = std::to_array<double>({0xFFFF, 0xFFFFFFFF});
  constexpr auto kScales = std::to_array<double>({1e-3, 1, 1e3, 1e6});
  return std::ranges::any_of(kAllOnes, [&](double ones) {
    return std::ranges::any_of(kScales, [&](double scale) { return value == ones * scale; });
  });
}

std::string_view file_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

bool is_blank(std::string_view text) {
  return text.empty() || (text.front() <= ' ' && trim(text).empty());
}

bool is_power(std::string_view name) { return file_name(name).starts_with("power1_"); }

// All ones of 64 bits, which does not fit a signed number.
bool is_all_ones(std::string_view text) {
  return parse_number<std::uint64_t>(text) == std::numeric_limits<std::uint64_t>::max();
}

}  // namespace

std::string FieldReader::path_of(std::string_view name) const {
  std::string path;
  path.reserve(directory_.size() + 1 + name.size());
  path.append(directory_).append(1, '/').append(name);
  return path;
}

std::optional<std::string> FieldReader::bytes(std::string_view name) {
  const auto path = path_of(name);
  return noted(path, read_attribute(path));
}

std::optional<std::string> FieldReader::binary_attribute(std::string_view name) {
  const auto path = path_of(name);
  return noted(path, read_text(path));
}

std::optional<std::string> FieldReader::noted(const std::string& path,
                                              ReadResult<std::string> result) {
  if (result) {
    if (history_ != nullptr && !result->empty()) history_->note_value(path);
    return *std::move(result);
  }
  if (result.problem() != nullptr) {
    ++failed_reads_;
    add_failed_read(*result.problem());
  } else if (history_ != nullptr && history_->had_value(path)) {
    history_->lost_file = true;
    add({Reason::io_error, path, "missing, after it had a value"});
  }
  return std::nullopt;
}

std::optional<std::string> FieldReader::table(std::string_view name) {
  auto found = bytes(name);
  if (!found || is_blank(*found)) return std::nullopt;
  if (found->size() > kMaxText) {
    add_problem(name, Reason::malformed, "longer than a page");
    return std::nullopt;
  }
  return found;
}

std::optional<std::string> FieldReader::complete_table(std::string_view name) {
  auto found = table(name);
  if (found && !is_complete(*found)) {
    add_problem(name, Reason::malformed, "does not end with a newline");
    return std::nullopt;
  }
  return found;
}

std::optional<std::string> FieldReader::text(std::string_view name) {
  const auto found = complete_table(name);
  if (!found) return std::nullopt;
  return std::string(trim(*found));
}

std::optional<double> FieldReader::number(std::string_view name, double divisor,
                                          const Range& plausible) {
  if (history_ != nullptr && is_power(name)) return power(name, divisor, plausible);
  const auto found = complete_table(name);
  if (!found) return std::nullopt;
  return parsed_number(name, *found, divisor, plausible);
}

std::optional<double> FieldReader::parsed_number(std::string_view name, const std::string& text,
                                                 double divisor, const Range& plausible) {
  const auto value = parse_number<std::int64_t>(text);
  if (!value) {
    if (is_all_ones(text)) {
      ++reading_.read_errors[read_error_label(Reason::unsupported)];
    } else {
      add_malformed(name, text);
    }
    return std::nullopt;
  }
  const double scaled = static_cast<double>(*value) / divisor;
  if (plausible.contains(scaled)) return scaled;
  add_implausible(name, static_cast<double>(*value), std::string(trim(text)));
  return std::nullopt;
}

// With a history, which says when it may be read again if it has taken long to be 0.
std::optional<double> FieldReader::power(std::string_view name, double divisor,
                                         const Range& plausible) {
  auto path = path_of(name);
  const auto started = FileHistory::Clock::now();
  const auto paused = history_->not_before.find(path);
  if (paused != history_->not_before.end() && started < paused->second) return std::nullopt;
  const auto found = complete_table(name);
  if (!found) return std::nullopt;
  const auto ended = FileHistory::Clock::now();
  if (ended - started >= kLongRead && parse_number<std::int64_t>(*found) == 0)
    history_->not_before[std::move(path)] = ended + kPauseAfterLongRead;
  return parsed_number(name, *found, divisor, plausible);
}

std::optional<double> FieldReader::plausible(std::string_view name, std::optional<double> value,
                                             const Range& range) {
  if (!value || range.contains(*value)) return value;
  add_implausible(name, *value, std::to_string(*value));
  return std::nullopt;
}

void FieldReader::add_implausible(std::string_view name, double value, std::string text) {
  if (is_all_ones(value)) {
    ++reading_.read_errors[read_error_label(Reason::unsupported)];
  } else {
    add_problem(name, Reason::implausible, "implausible: " + std::move(text));
  }
}

std::vector<std::string> FieldReader::names(std::string_view subdirectory) {
  auto result = list_names(path_of(subdirectory));
  if (result.problem() != nullptr) add(*result.problem());
  return std::move(result).value_or({});
}

void FieldReader::add_malformed(std::string_view name, std::string_view text) {
  add(Problem::malformed(path_of(name), trim(text)));
}

void FieldReader::add_problem(std::string_view name, Reason reason, std::string detail) {
  add({reason, path_of(name), std::move(detail)});
}

// EACCES, EIO, EBUSY and the like are problems in any case.
void FieldReader::add_failed_read(Problem problem) {
  const bool had_value = history_ != nullptr && history_->had_value(problem.path);
  // The driver of Polaris returns EINVAL while the fan does not turn.
  const bool is_fan = file_name(problem.path).starts_with("fan1_");
  if (problem.reason == Reason::unsupported && had_value && !is_fan) {
    problem.reason = Reason::io_error;
    problem.detail += ", after it had a value";
  }
  if (problem.reason == Reason::not_permitted && history_ != nullptr && !had_value) {
    history_->refused.push_back(std::move(problem));
  } else {
    add(std::move(problem));
  }
}

void FieldReader::add(Problem problem) {
  // amdgpu fails all reads that access the GPU with EPERM while it resets it.
  if (problem.reason == Reason::not_permitted) problem.reason = Reason::resetting;
  ++reading_.read_errors[read_error_label(problem.reason)];
  if (problem.reason != Reason::unsupported) reading_.problems.push_back(std::move(problem));
}

}  // namespace rig
