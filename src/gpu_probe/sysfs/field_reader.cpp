#include "gpu_probe/sysfs/field_reader.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::size_t kMaxText = 4096;  // a page, the limit of sysfs
constexpr std::size_t kMaxQuote = 40;

// The values of the label "reason" of rig_gpu_read_errors_total.
std::string_view reason_of(int error_number) {
  switch (error_number) {
    case EOPNOTSUPP:
    case ENODATA:
      return "unsupported";
    case EACCES:
      return "permission";
    case EPERM:  // from amdgpu while it resets the GPU
      return "reset";
    case ETIME:
    case ETIMEDOUT:
      return "timeout";
    default:
      return "io";
  }
}

}  // namespace

std::optional<std::string> FieldReader::bytes(std::string_view name) {
  try {
    return read_file(directory_ / name);
  } catch (const ReadError& error) {  // only this value is lost
    const auto reason = reason_of(error.error_number());
    ++reading_.read_errors[std::string(reason)];
    if (reason != "unsupported") reading_.problems.emplace_back(error.what());
    return std::nullopt;
  }
}

std::optional<std::string> FieldReader::text(std::string_view name) {
  const auto found = bytes(name);
  if (!found || trim(*found).empty()) return std::nullopt;
  if (found->size() > kMaxText) {
    add_malformed(name, "is longer than a page");
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
    add_malformed(name, "is not a number", *found);
    return std::nullopt;
  }
  const double scaled = static_cast<double>(*value) / divisor;
  if (!plausible.contains(scaled)) {
    add_malformed(name, "is not plausible", *found);
    return std::nullopt;
  }
  return scaled;
}

std::optional<double> FieldReader::plausible(std::string_view name, std::optional<double> value,
                                             const Range& range) {
  if (!value || range.contains(*value)) return value;
  add_malformed(name, "is not plausible", std::to_string(*value));
  return std::nullopt;
}

std::vector<std::string> FieldReader::names(std::string_view subdirectory) {
  try {
    return list_directory(directory_ / subdirectory);
  } catch (const ReadError& error) {
    ++reading_.read_errors[std::string(reason_of(error.error_number()))];
    reading_.problems.emplace_back(error.what());
    return {};
  }
}

void FieldReader::add_malformed(std::string_view name, std::string_view what,
                                std::string_view quoted) {
  std::string text = (directory_ / name).string();
  text += ": ";
  if (!quoted.empty()) text.append("\"").append(quoted.substr(0, kMaxQuote)).append("\" ");
  text += what;
  ++reading_.read_errors["implausible"];
  reading_.problems.push_back(std::move(text));
}

}  // namespace rig
