#include "gpu_probe/sysfs/field_reader.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::size_t kLongestText = 4096;  // a page: what sysfs gives at most
constexpr std::size_t kLongestQuote = 40;

// The words of rig_gpu_read_errors_total.
std::string_view reason_of(int error_number) {
  switch (error_number) {
    case EOPNOTSUPP:
    case ENODATA:
      return "unsupported";
    case EACCES:
      return "permission";
    case EPERM:  // what amdgpu answers while it resets the card
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
    return read_file(folder_ / name);
  } catch (const ReadError& error) {  // costs this value only
    const auto reason = reason_of(error.error_number());
    ++reading_.read_errors[std::string(reason)];
    if (reason != "unsupported") reading_.problems.emplace_back(error.what());
    return std::nullopt;
  }
}

std::optional<std::string> FieldReader::text(std::string_view name) {
  const auto found = bytes(name);
  if (!found || trim(*found).empty()) return std::nullopt;
  if (found->size() > kLongestText) {
    senseless(name, "longer than a page");
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
    senseless(name, "is no number", *found);
    return std::nullopt;
  }
  const double scaled = static_cast<double>(*value) / divisor;
  if (!plausible.contains(scaled)) {
    senseless(name, "is not plausible", *found);
    return std::nullopt;
  }
  return scaled;
}

std::optional<double> FieldReader::plausible(std::string_view name, std::optional<double> value,
                                             const Range& range) {
  if (!value || range.contains(*value)) return value;
  senseless(name, "is not plausible", std::to_string(*value));
  return std::nullopt;
}

std::vector<std::string> FieldReader::names(std::string_view folder) {
  try {
    return list_directory(folder_ / folder);
  } catch (const ReadError& error) {
    ++reading_.read_errors[std::string(reason_of(error.error_number()))];
    reading_.problems.emplace_back(error.what());
    return {};
  }
}

void FieldReader::senseless(std::string_view name, std::string_view what, std::string_view quoted) {
  std::string text = (folder_ / name).string();
  text += ": ";
  if (!quoted.empty()) text.append("\"").append(quoted.substr(0, kLongestQuote)).append("\" ");
  text += what;
  ++reading_.read_errors["implausible"];
  reading_.problems.push_back(std::move(text));
}

}  // namespace rig
