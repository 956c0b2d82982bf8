// A directory for one test, removed at its end.
#pragma once

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "rig_test.XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp: " + name);
    path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

  // Writes a file, creating its parent directories, and returns its path.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view text) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    return file;
  }

  // Creates a FIFO in place of a file: opening it for reading hangs until release_fifo().
  std::filesystem::path make_fifo(const std::filesystem::path& name) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::filesystem::remove(file);
    if (mkfifo(file.c_str(), 0600) != 0) throw std::runtime_error("mkfifo: " + file.string());
    return file;
  }

 private:
  std::filesystem::path path_;
};

// Unblocks the reader of a FIFO, which reads `text` and then the end of the file.
inline void release_fifo(const std::filesystem::path& fifo, std::string_view text = "") {
  std::ofstream(fifo) << text;
}
