// Reads several files, some of which may be unreadable.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rig/kernel/files.h"
#include "rig/kernel/problem.h"
#include "rig/kernel/read_number.h"
#include "rig/kernel/read_result.h"

namespace rig {

// A value that cannot be read is absent, and its problem is collected. Not thread-safe.
class BestEffortReader {
 public:
  // The value of a read.
  template <typename T>
  std::optional<T> value(ReadResult<T> result) {
    if (result.problem() != nullptr) problems_.push_back(*result.problem());
    return result ? std::optional<T>(*std::move(result)) : std::nullopt;
  }

  // The whole file without trailing whitespace.
  std::optional<std::string> text(const std::string& file) { return value(read_trimmed(file)); }

  // The whole file as a number.
  template <typename T>
  std::optional<T> number(const std::string& file) {
    return value(read_number<T>(file));
  }

  // The sorted names in a directory; empty if it does not exist.
  std::vector<std::string> names(const std::string& directory) {
    return value(list_names(directory)).value_or(std::vector<std::string>());
  }

  void add_problem(Problem problem) { problems_.push_back(std::move(problem)); }
  bool has_problems() const { return !problems_.empty(); }
  std::vector<Problem> take_problems() { return std::exchange(problems_, {}); }

 private:
  std::vector<Problem> problems_;
};

}  // namespace rig
