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

// All ones of 64 bits, which does not fit a signed number.
bool is_all_ones(std::string_view text) {
  return parse_number<std::uint64_t>(text) == std::numeric_limits<std::uint64_t>::max();
}

}  // namespace

std::optional<std::string> FieldReader::bytes(std::string_view name) {
  const auto path = directory_ / name;
  return noted(path, read_text(path));
}

std::optional<std::string> FieldReader::noted(const std::filesystem::path& path,
                                              ReadResult<std::string> result) {
  if (result) {
    if (history_ != nullptr && !result->empty()) history_->had_value.insert(path.string());
    return *std::move(result);
  }
  if (result.problem() != nullptr) {
    ++failed_reads_;
    add_failed_read(*result.problem());
  } else if (history_ != nullptr && history_->had_value.contains(path.string())) {
    history_->lost_file = true;
    add({Reason::io_error, path.string(), "missing, after it had a value"});
  }
  return std::nullopt;
}

std::optional<std::string> FieldReader::table(std::string_view name) {
  const auto path = directory_ / name;
  auto found = noted(path, read_attribute(path));
  if (!found || trim(*found).empty()) return std::nullopt;
  if (found->size() > kMaxText) {
    add_problem(name, Reason::malformed, "longer than a page");
    return std::nullopt;
  }
  return found;
}

std::optional<std::string> FieldReader::text(std::string_view name) {
  const auto found = table(name);
  if (!found) return std::nullopt;
  if (!is_complete(*found)) {
    add_problem(name, Reason::malformed, "does not end with a newline");
    return std::nullopt;
  }
  return std::string(trim(*found));
}

std::optional<double> FieldReader::number(std::string_view name, double divisor,
                                          const Range& plausible) {
  if (is_left_alone(name)) return std::nullopt;
  const auto started = FileHistory::Clock::now();
  const auto found = text(name);
  if (!found) return std::nullopt;
  const auto value = parse_number<std::int64_t>(*found);
  if (!value) {
    if (is_all_ones(*found)) {
      ++reading_.read_errors[read_error_label(Reason::unsupported)];
    } else {
      add_malformed(name, *found);
    }
    return std::nullopt;
  }
  const double scaled = static_cast<double>(*value) / divisor;
  note_duration(name, started, scaled);
  if (plausible.contains(scaled)) return scaled;
  add_implausible(name, static_cast<double>(*value), *found);
  return std::nullopt;
}

bool FieldReader::is_left_alone(std::string_view name) const {
  if (history_ == nullptr || history_->not_before.empty()) return false;
  const auto found = history_->not_before.find((directory_ / name).string());
  return found != history_->not_before.end() && FileHistory::Clock::now() < found->second;
}

void FieldReader::note_duration(std::string_view name, FileHistory::Clock::time_point started,
                                double value) {
  if (history_ == nullptr || value != 0) return;
  const auto path = directory_ / name;
  const auto now = FileHistory::Clock::now();
  if (now - started < kLongRead || !path.filename().native().starts_with("power1_")) return;
  history_->not_before[path.string()] = now + kPauseAfterLongRead;
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
  auto result = list_names(directory_ / subdirectory);
  if (result.problem() != nullptr) add(*result.problem());
  return std::move(result).value_or({});
}

void FieldReader::add_malformed(std::string_view name, std::string_view text) {
  add(Problem::malformed(directory_ / name, trim(text)));
}

void FieldReader::add_problem(std::string_view name, Reason reason, std::string detail) {
  add({reason, (directory_ / name).string(), std::move(detail)});
}

// EACCES, EIO, EBUSY and the like are problems in any case.
void FieldReader::add_failed_read(Problem problem) {
  const bool had_value = history_ != nullptr && history_->had_value.contains(problem.path);
  // The driver of Polaris returns EINVAL while the fan does not turn.
  const bool is_fan = std::filesystem::path(problem.path).filename().native().starts_with("fan1_");
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
