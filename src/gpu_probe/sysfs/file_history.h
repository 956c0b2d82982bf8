// What earlier reads of a GPU's files have shown, kept as long as the GPU is present.
//
// A file that has never had a value and cannot be read is something that this GPU lacks: drivers
// return EOPNOTSUPP, ENODATA, ENODEV, EPERM or (Linux up to 5.7) EINVAL, or there is no such file.
// The same error of a file that had a value is a failure.
//
// The driver of Polaris and older GPUs (smu7_hwmgr.c) samples the power ten times within 5 s before
// it reports 0, which means that the board does not measure it. The other values of the GPU are
// outdated then, so such a file is read again only after an hour.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "rig/kernel/problem.h"

namespace rig {

struct FileHistory {
  using Clock = std::chrono::steady_clock;

  explicit FileHistory(std::string gpu = {}) : directory(std::move(gpu)) {}

  // The GPU's directory, which most paths begin with, and are kept without.
  std::string directory;

  bool had_value(std::string_view path) const {
    return had_value_.find(below(path)) != had_value_.end();
  }
  void note_value(std::string_view path) {
    if (!had_value(path)) had_value_.emplace(below(path));
  }

  // By path of a file of the power that has taken long to report 0.
  std::map<std::string, Clock::time_point> not_before;

  // Of the current sample:
  // EPERM of files that never had a value: the GPU does not have them, or is being reset.
  std::vector<Problem> refused;
  bool lost_file = false;  // a file that had a value is missing

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  std::string_view below(std::string_view path) const {
    return path.starts_with(directory) ? path.substr(directory.size()) : path;
  }

  std::unordered_set<std::string, Hash, std::equal_to<>> had_value_;
};

}  // namespace rig
