// Errors in the flags and the configuration file.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace rig {

// An invalid setting. what() contains the location, the error and what to write instead.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// All errors of the flags and the file, each as what() of a ConfigError. what() has one per line.
class ConfigErrors : public std::runtime_error {
 public:
  // `errors` is not empty.
  explicit ConfigErrors(std::vector<std::string> errors);

  const std::vector<std::string>& errors() const { return errors_; }

 private:
  std::vector<std::string> errors_;
};

}  // namespace rig
