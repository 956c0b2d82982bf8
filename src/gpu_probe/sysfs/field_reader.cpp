#include "gpu_probe/sysfs/field_reader.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "rig/amdgpu/text_formats.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::size_t kMaxText = 4096;  // a page, the limit of sysfs

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

}  // namespace

std::optional<std::string> FieldReader::bytes(std::string_view name) {
  auto result = read_text(directory_ / name);
  if (result.problem() != nullptr) add(*result.problem());
  return result ? std::optional(*std::move(result)) : std::nullopt;
}

std::optional<std::string> FieldReader::table(std::string_view name) {
  auto found = bytes(name);
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
  const auto found = text(name);
  if (!found) return std::nullopt;
  const auto value = parse_number<std::int64_t>(*found);
  if (!value) {
    add_malformed(name, *found);
    return std::nullopt;
  }
  const double scaled = static_cast<double>(*value) / divisor;
  if (plausible.contains(scaled)) return scaled;
  add_problem(name, Reason::implausible, "implausible: " + *found);
  return std::nullopt;
}

std::optional<double> FieldReader::plausible(std::string_view name, std::optional<double> value,
                                             const Range& range) {
  if (!value || range.contains(*value)) return value;
  add_problem(name, Reason::implausible, "implausible: " + std::to_string(*value));
  return std::nullopt;
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

void FieldReader::add(Problem problem) {
  // amdgpu fails all reads that access the GPU with EPERM while it resets it.
  if (problem.reason == Reason::not_permitted) problem.reason = Reason::resetting;
  ++reading_.read_errors[read_error_label(problem.reason)];
  if (problem.reason != Reason::unsupported) reading_.problems.push_back(std::move(problem));
}

}  // namespace rig
