// Bytes that arrive in pieces, cut into lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

class LineSplitter {
 public:
  explicit LineSplitter(std::size_t longest) : longest_(longest) {}

  // The lines that this piece ends, without their newline. What follows the last newline is kept
  // for the next piece; of a line that is too long only the first `longest` bytes are.
  std::vector<std::string> feed(std::string_view piece);

  // True once a line was longer than that.
  bool too_long() const { return too_long_; }

 private:
  void keep(std::string_view part);

  std::size_t longest_;
  std::string pending_;
  bool too_long_ = false;
};

}  // namespace rig
