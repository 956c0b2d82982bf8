// Records which files below a directory are opened, by any process, using inotify(7).
#pragma once

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

class OpenedFiles {
 public:
  explicit OpenedFiles(const std::filesystem::path& top)
      : top_(top), fd_(inotify_init1(IN_NONBLOCK)) {
    if (fd_ < 0) throw std::runtime_error("inotify_init1");
    watch(top);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(top)) {
      if (entry.is_directory() && !entry.is_symlink()) watch(entry.path());
    }
  }
  OpenedFiles(const OpenedFiles&) = delete;
  OpenedFiles& operator=(const OpenedFiles&) = delete;
  ~OpenedFiles() { close(fd_); }

  // The files opened since the last call, as sorted paths relative to the directory. A file that
  // was opened twice is listed twice. Directories are not listed.
  std::vector<std::string> take() {
    std::vector<std::string> opened;
    alignas(inotify_event) std::array<char, 65536> buffer;
    for (ssize_t got = 0; (got = read(fd_, buffer.data(), buffer.size())) > 0;) {
      for (const char* at = buffer.data(); at < buffer.data() + got;) {
        inotify_event event;
        std::memcpy(&event, at, sizeof event);
        const char* const name = at + sizeof event;
        if ((event.mask & IN_Q_OVERFLOW) != 0) throw std::runtime_error("inotify lost events");
        if ((event.mask & IN_ISDIR) == 0 && event.len > 0)
          opened.push_back((directories_.at(event.wd) / name).string());
        at = name + event.len;
      }
    }
    std::sort(opened.begin(), opened.end());
    return opened;
  }

 private:
  void watch(const std::filesystem::path& directory) {
    const int watch_id = inotify_add_watch(fd_, directory.c_str(), IN_OPEN);
    if (watch_id < 0) throw std::runtime_error("inotify_add_watch: " + directory.string());
    directories_[watch_id] = directory == top_ ? "" : directory.lexically_relative(top_);
  }

  std::filesystem::path top_;
  int fd_;
  std::map<int, std::filesystem::path> directories_;
};
