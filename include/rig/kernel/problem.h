// Why something could not be read: a machine-readable reason and a human-readable text.
#pragma once

#include <string>
#include <string_view>

namespace rig {

enum class Reason {
  timed_out,          // the read has not returned: a driver, disk or server hangs
  permission_denied,  // EACCES: this user may not read it
  not_permitted,      // EPERM: a container, a systemd unit or the driver forbids it
  missing,            // it exists on other machines of this kind, but not here
  malformed,          // the text is not in the documented format
  implausible,        // a number outside the possible range
  io_error,           // any other errno
  busy,               // EBUSY, EAGAIN: temporarily not readable
  unsupported,        // the driver does not implement it for this device
  resetting,          // the device is being reset
  duplicate,          // the same series twice
  unavailable,        // the program or library that reads it is not running
  failed,             // an error of this program: out of memory, threads or descriptors
};

// "timed_out", as in the enum.
std::string_view to_string(Reason reason);
// The inverse; Reason::failed for an unknown word.
Reason parse_reason(std::string_view word);

// The reason for an errno of open(2), read(2) or opendir(3).
Reason reason_for_errno(int error_number);

struct Problem {
  Reason reason = Reason::failed;
  // The file or directory; for a source that is neither, its name: "udev", "GPU 0 (0000:03:00.0)".
  std::string path;
  std::string detail;  // completes the sentence that begins with the path: "read timed out"

  static Problem timed_out(const std::string& path);
  static Problem from_errno(const std::string& path, int error_number);
  // A file that exists on every machine is missing: usually --path.procfs or --path.sysfs is wrong.
  static Problem missing(const std::string& path, std::string_view detail = "missing");
  // Quotes the beginning of `text` (quoted_text()).
  static Problem malformed(const std::string& path, std::string_view text);
  // The text does not end with a newline (is_truncated() in rig/kernel/text.h).
  static Problem truncated(const std::string& path);

  bool operator==(const Problem&) const = default;
};

// At most 80 bytes of `text` in double quotes, on one line: control characters are replaced.
std::string quoted_text(std::string_view text);

// The problem with a path and a detail of at most 300 bytes each, on one line. Both may contain
// text from a device or a driver, of any size.
Problem bounded(Problem problem);

// "/proc/meminfo: Permission denied": one line, for the log and the doctor.
std::string to_string(const Problem& problem);

}  // namespace rig
