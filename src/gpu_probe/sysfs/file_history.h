// What earlier reads of a GPU's files have shown, kept as long as the GPU is present.
//
// A file that has never had a value and cannot be read is something that this GPU lacks: drivers
// return EOPNOTSUPP, ENODATA, ENODEV, EPERM or (Linux up to 5.7) EINVAL, or there is no such file.
// The same error of a file that had a value is a failure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "rig/kernel/problem.h"

namespace rig {

struct FileHistory {
  std::set<std::string> had_value;  // paths

  // Of the current sample:
  // EPERM of files that never had a value: the GPU does not have them, or is being reset.
  std::vector<Problem> refused;
  bool lost_file = false;  // a file that had a value is missing
};

}  // namespace rig
