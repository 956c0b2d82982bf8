#include "field_reader.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "rig/kernel_file.h"
#include "rig/kernel_text.h"

namespace rig {
namespace {

constexpr std::size_t kLongestText = 4096;  // a page: what sysfs gives at most
constexpr std::size_t kLongestQuote = 40;

bool means_unsupported(int error_number) {
  return error_number == EOPNOTSUPP || error_number == ENODATA;
}

}  // namespace

std::optional<std::string> FieldReader::text(std::string_view name) {
  try {
    const auto text = read_file(folder_ / name);
    if (text && text->size() > kLongestText) {
      problem(name, "longer than a page");
      return std::nullopt;
    }
    if (!text || trim(*text).empty()) return std::nullopt;
    return std::string(trim(*text));
  } catch (const ReadError& error) {  // costs this value only
    if (!means_unsupported(error.error_number())) problems_.emplace_back(error.what());
    return std::nullopt;
  }
}

std::optional<double> FieldReader::number(std::string_view name, double divisor,
                                          const Range& plausible) {
  const auto found = text(name);
  if (!found) return std::nullopt;
  const auto value = parse_number<std::int64_t>(*found);
  if (!value) {
    problem(name, "is no number", *found);
    return std::nullopt;
  }
  const double scaled = static_cast<double>(*value) / divisor;
  if (!plausible.contains(scaled)) {
    problem(name, "is not plausible", *found);
    return std::nullopt;
  }
  return scaled;
}

void FieldReader::problem(std::string_view name, std::string_view what, std::string_view quoted) {
  std::string text = (folder_ / name).string();
  text += ": ";
  if (!quoted.empty()) text.append("\"").append(quoted.substr(0, kLongestQuote)).append("\" ");
  text += what;
  problems_.push_back(std::move(text));
}

}  // namespace rig
