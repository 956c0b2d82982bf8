// A copy of the GPU files of the rig rx6800x2-raid0 that a test may modify.
#pragma once

#include <filesystem>
#include <fstream>
#include <string_view>

#include "support/temporary_directory.h"

class RigCopy {
 public:
  RigCopy() {
    copy("class/drm");
    for (const auto& card : {first_gpu(), second_gpu()}) {
      for (const char* part : {"", "drm", "hwmon", "power"}) copy(card / part);
      for (auto port = card.parent_path(); port.filename() != "pci0000:00";
           port = port.parent_path()) {
        copy(port / "");
      }
    }
  }

  // first_gpu() and second_gpu() are relative to this directory.
  std::filesystem::path sys() const { return directory_.path() / "sys"; }
  std::filesystem::path gpu() const { return sys() / first_gpu(); }
  std::filesystem::path hwmon() const { return gpu() / "hwmon/hwmon2"; }
  std::filesystem::path root() const { return directory_.path(); }

  static std::filesystem::path first_gpu() {
    return "devices/pci0000:00/0000:00:01.0/0000:01:00.0/0000:02:00.0/0000:03:00.0";
  }
  static std::filesystem::path second_gpu() {
    return "devices/pci0000:00/0000:00:1c.4/0000:04:00.0/0000:05:00.0/0000:06:00.0";
  }

  static void write(const std::filesystem::path& file, std::string_view text) {
    std::filesystem::remove_all(file);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  // Makes reading the file fail, also for root: with EISDIR, as it becomes a directory.
  static void make_unreadable(const std::filesystem::path& file) {
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
  }

  // Opening the file for reading hangs until release_fifo().
  static void make_fifo(const std::filesystem::path& file) {
    std::filesystem::remove(file);
    if (mkfifo(file.c_str(), 0600) != 0) throw std::runtime_error("mkfifo: " + file.string());
  }

 private:
  // Copies a directory recursively or, if `part` ends with a slash, only its files and links.
  void copy(const std::filesystem::path& part) const {
    namespace fs = std::filesystem;
    const fs::path from = fs::path(RIG_TEST_RIGS) / "rx6800x2-raid0/sys" / part;
    fs::create_directories(sys() / part);
    for (const auto& entry : fs::directory_iterator(from)) {
      const bool is_directory = entry.is_directory() && !entry.is_symlink();
      if (is_directory && !part.has_filename()) continue;
      fs::copy(entry.path(), sys() / part / entry.path().filename(),
               fs::copy_options::copy_symlinks | fs::copy_options::recursive);
    }
  }

  TemporaryDirectory directory_;
};
