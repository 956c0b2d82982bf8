// Reads single values out of a folder of sysfs, and notes what was there and could not be used.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpu_probe/sysfs/plausible.h"
#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

// A file that is not there is an absent value. One that the driver does not support on this card
// (EOPNOTSUPP, ENODATA) is counted, one that is refused, senseless or implausible is a problem,
// too.
class FieldReader {
 public:
  // Counts and problems go into `reading`.
  FieldReader(std::filesystem::path folder, GpuReading& reading)
      : folder_(std::move(folder)), reading_(reading) {}

  // Without blanks at its ends; an empty file is absent.
  std::optional<std::string> text(std::string_view name);

  // As it is, for a file that is no text, or may be empty.
  std::optional<std::string> bytes(std::string_view name);

  // The integer in the file divided by `divisor`, when that is in the range.
  std::optional<double> number(std::string_view name, double divisor, const Range& plausible);

  // The value, when it is in the range. `name` is what it was read from.
  std::optional<double> plausible(std::string_view name, std::optional<double> value,
                                  const Range& range);

  // The names in a folder below, sorted. Empty when it is not there or refused.
  std::vector<std::string> names(std::string_view folder);

  // For what is there and makes no sense.
  void senseless(std::string_view name, std::string_view what, std::string_view quoted = {});

 private:
  std::filesystem::path folder_;
  GpuReading& reading_;
};

}  // namespace rig
