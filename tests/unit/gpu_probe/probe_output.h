// A LineOutput that a test can read back.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "gpu_probe/line_output.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"
#include "support/temporary_directory.h"

namespace rig {

// What was written to a LineOutput, as lines.
class Output {
 public:
  Output() : file_(directory_.write("output", "")), fd_(open(file_.c_str(), O_WRONLY | O_APPEND)) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() { close(fd_); }

  LineOutput& lines() { return lines_; }
  std::vector<ProbeLine> read() const {
    std::string text = *read_text(file_);
    text.resize(text.rfind('\n') + 1);  // another thread may be writing the rest
    std::vector<ProbeLine> parsed;
    for (const auto line : rig::lines(text)) parsed.push_back(parse_probe_line(line).value());
    return parsed;
  }
  template <typename T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const auto& line : read()) {
      if (const auto* value = std::get_if<T>(&line)) found.push_back(*value);
    }
    return found;
  }

 private:
  TemporaryDirectory directory_;
  std::filesystem::path file_;
  int fd_;
  LineOutput lines_{fd_, [](int) {}};
};

}  // namespace rig
