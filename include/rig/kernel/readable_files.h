// Tells a file that a machine never provides from one that has failed.
//
// Drivers create files for values that the hardware lacks, and refuse to read them: EINVAL (drivers
// of the GPU up to Linux 5.7, RAPL in virtual machines), EOPNOTSUPP, ENODATA, ENODEV or EPERM. On
// the first contact that is a property of the machine, and no problem. The same answer from a file
// that has given values before is a fault.
//
// Usage: one object per collector; tasks that may outlive it hold it by std::shared_ptr.
//
//   const auto celsius = files->check(file, read_number<int>(file));
//
// The result is then absent, or a problem, as described. A file that has disappeared is forgotten,
// so that a device that is plugged in under the same name starts anew. Thread-safe.
#pragma once

#include <mutex>
#include <set>
#include <string>

#include "rig/kernel/read_result.h"

namespace rig {

class ReadableFiles {
 public:
  // Whether a machine on which this user may not read the file (EACCES) is in order.
  enum class Permission { required, optional };

  template <typename T>
  ReadResult<T> check(const std::string& file, ReadResult<T> result,
                      Permission permission = Permission::required) {
    if (result) {
      add(file);
      return result;
    }
    if (result.problem() == nullptr) {
      if (has_failed(file)) return Problem::missing(file, "No such device");
      return result;
    }
    if (is_refusal(result.problem()->reason, permission) && !has_given_values(file))
      return std::nullopt;
    return result;
  }

 private:
  static bool is_refusal(Reason reason, Permission permission);
  void add(const std::string& file);
  bool has_given_values(const std::string& file) const;
  // For an absent value: true if the file has given values and still exists (ENODEV). Forgets a
  // file that does not.
  bool has_failed(const std::string& file);

  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> files_;
};

}  // namespace rig
