// Reads single values out of a folder of sysfs, and notes what was there and could not be used.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plausible.h"

namespace rig {

// A file that is not there, or that the driver does not support on this card (EOPNOTSUPP, ENODATA),
// is an absent value. One that is refused, senseless or implausible is an absent value and a
// problem.
class FieldReader {
 public:
  FieldReader(std::filesystem::path folder, std::vector<std::string>& problems)
      : folder_(std::move(folder)), problems_(problems) {}

  // Without blanks at its ends; an empty file is absent.
  std::optional<std::string> text(std::string_view name);

  // The integer in the file divided by `divisor`, when that is in the range.
  std::optional<double> number(std::string_view name, double divisor, const Range& plausible);

  void problem(std::string_view name, std::string_view what, std::string_view quoted = {});

 private:
  std::filesystem::path folder_;
  std::vector<std::string>& problems_;
};

}  // namespace rig
