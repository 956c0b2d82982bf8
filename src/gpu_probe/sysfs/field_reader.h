// Reads single values from files in a directory of sysfs, and records those that cannot be used.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpu_probe/sysfs/file_history.h"
#include "rig/gpu_protocol/gpu_reading.h"
#include "rig/kernel/problem.h"
#include "rig/kernel/read_result.h"
#include "rig/metrics/plausible.h"

namespace rig {

// Divisors for FieldReader::number().
inline constexpr double kUnscaled = 1;
inline constexpr double kMillidegrees = 1e3;

// A missing file is an absent value. A file that the driver does not support on this GPU
// (EOPNOTSUPP, ENODATA, EINVAL), or whose number has all bits set, is absent and counted as a read
// error; one that cannot be read, is malformed or implausible is a problem as well.
class FieldReader {
 public:
  // Read errors and problems are added to `reading`. With a history, a file that is missing,
  // unsupported or refused (EPERM) is a problem only if it had a value before.
  FieldReader(std::string directory, GpuReading& reading, FileHistory* history = nullptr)
      : directory_(std::move(directory)), reading_(reading), history_(history) {}

  // Without surrounding whitespace; an empty file is absent. A text without a newline at its end
  // was truncated, and is malformed.
  std::optional<std::string> text(std::string_view name);

  // The lines of a file with several, with their newlines; an empty file is absent. Parsers notice
  // themselves that the last line was truncated.
  std::optional<std::string> table(std::string_view name);

  // Unchanged: for attributes whose content is binary, or may be empty.
  std::optional<std::string> bytes(std::string_view name);

  // The same for binary attributes, which may be longer than a page. The others read text
  // attributes: read_attribute() in rig/kernel/files.h says what that means.
  std::optional<std::string> binary_attribute(std::string_view name);

  // The integer in the file divided by `divisor`, if that is plausible. All ones, which is how
  // firmware reports an unknown number, are absent and not a problem. With a history, a file of
  // the power that takes long to report 0 is not read for an hour.
  std::optional<double> number(std::string_view name, double divisor, const Range& plausible);

  // The value, if it is plausible. `name` is the file that it was read from.
  std::optional<double> plausible(std::string_view name, std::optional<double> value,
                                  const Range& range);

  // How many reads of this object failed, including those that are not problems; a missing file is
  // not a failure.
  unsigned failed_reads() const { return failed_reads_; }

  // The sorted names in a subdirectory; empty if it is missing or cannot be read.
  std::vector<std::string> names(std::string_view subdirectory);

  // Records a file whose text is not in the documented format.
  void add_malformed(std::string_view name, std::string_view text);
  // Records a file that cannot be used for another reason.
  void add_problem(std::string_view name, Reason reason, std::string detail);

 private:
  std::optional<std::string> noted(const std::string& path, ReadResult<std::string> result);
  std::optional<std::string> complete_table(std::string_view name);
  std::optional<double> parsed_number(std::string_view name, const std::string& text,
                                      double divisor, const Range& plausible);
  std::optional<double> power(std::string_view name, double divisor, const Range& plausible);
  std::string path_of(std::string_view name) const;
  void add(Problem problem);
  void add_failed_read(Problem problem);
  void add_implausible(std::string_view name, double value, std::string text);

  const std::string directory_;
  GpuReading& reading_;
  FileHistory* history_;
  unsigned failed_reads_ = 0;
};

}  // namespace rig
