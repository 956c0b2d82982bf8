// The result of a read: a value, absent (this machine does not have it), or a problem.
#pragma once

#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>

#include "rig/kernel/problem.h"

namespace rig {

// A problem that ends a whole read. It is caught by the task that runs the read
// (rig/threads/timed_task.h).
class ReadError : public std::runtime_error {
 public:
  explicit ReadError(Problem problem)
      : std::runtime_error(to_string(problem)), problem_(std::move(problem)) {}

  const Problem& problem() const { return problem_; }

 private:
  Problem problem_;
};

template <typename T>
class ReadResult {
 public:
  ReadResult() = default;        // absent
  ReadResult(std::nullopt_t) {}  // NOLINT(google-explicit-constructor): absent
  ReadResult(T value) : content_(std::move(value)) {}            // NOLINT
  ReadResult(Problem problem) : content_(std::move(problem)) {}  // NOLINT
  ReadResult(std::optional<T> value) {                           // NOLINT
    if (value) content_ = *std::move(value);
  }

  bool has_value() const { return std::holds_alternative<T>(content_); }
  explicit operator bool() const { return has_value(); }

  // Valid only if there is a value.
  const T& operator*() const& { return std::get<T>(content_); }
  T operator*() && { return std::get<T>(std::move(content_)); }
  const T* operator->() const { return &std::get<T>(content_); }
  T value_or(T fallback) const& { return has_value() ? **this : std::move(fallback); }
  T value_or(T fallback) && {
    return has_value() ? std::get<T>(std::move(content_)) : std::move(fallback);
  }

  // Null if there is a value or the result is absent.
  const Problem* problem() const { return std::get_if<Problem>(&content_); }
  bool timed_out() const { return problem() != nullptr && problem()->reason == Reason::timed_out; }

  // The value, or std::nullopt if it is absent. Throws ReadError if there is a problem.
  std::optional<T> get() const& { return ReadResult(*this).take(); }
  std::optional<T> get() && { return take(); }

 private:
  std::optional<T> take() {
    if (problem() != nullptr) throw ReadError(std::get<Problem>(std::move(content_)));
    return has_value() ? std::optional<T>(std::get<T>(std::move(content_))) : std::nullopt;
  }

  std::variant<std::monostate, T, Problem> content_;
};

}  // namespace rig
