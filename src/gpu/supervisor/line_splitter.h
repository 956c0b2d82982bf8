// Splits a byte stream into lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

class LineSplitter {
 public:
  explicit LineSplitter(std::size_t max_line_size) : max_line_size_(max_line_size) {}

  // Returns the lines completed by `chunk`, without their newlines. An incomplete last line is kept
  // for the next call. Lines are truncated to the maximum size.
  std::vector<std::string> feed(std::string_view chunk);

  // True once a line has exceeded the maximum size.
  bool limit_exceeded() const { return limit_exceeded_; }

 private:
  void append(std::string_view part);

  std::size_t max_line_size_;
  std::string pending_;
  bool limit_exceeded_ = false;
};

}  // namespace rig
