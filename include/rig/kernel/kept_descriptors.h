// Keeps attributes of sysfs, and files of procfs, open between scrapes. Reading one through a kept
// descriptor (pread(2)) takes a tenth of the time of opening it by its path, reading and closing
// it, and calls the driver all the same: the value is never older.
//
// The kernel does not let a descriptor reach the attributes of another device: once the device is
// removed, reads fail with ENODEV, also after another one got its name. read_attribute() then opens
// the path again. Only paths without symbolic links are kept, since a link may lead to another
// device while the previous one still exists: /sys/class/drm/card0/device does when drivers are
// bound in another order. What remains is a kobject that is renamed, of which only network
// interfaces are known.
//
// In a copy of sysfs any file may be replaced. There descriptors are kept only where the cached
// structure (cached_structure.h) notices that, and closes all.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "rig/kernel/unique_fd.h"

namespace rig {

// Open files by path. All functions may be called from any thread.
class KeptDescriptors {
 public:
  using Clock = std::chrono::steady_clock;
  // The number of times that all were closed.
  using Epoch = std::uint64_t;

  struct Origin {
    Epoch epoch = 0;       // when the file was opened
    bool watched = false;  // the path may lead to another file, which the cached structure notices
  };
  struct Taken {
    UniqueFd descriptor;  // closed if there is none
    Origin origin;
  };

  // Those that are not used for this long are closed: their devices may be gone. The kernel keeps
  // 4 kB for each attribute that was read.
  static constexpr auto kUnusedFor = std::chrono::minutes(5);

  explicit KeptDescriptors(std::size_t capacity) : capacity_(capacity) {}

  // The descriptor of a file. It belongs to the caller until it is put back, so that a read that
  // hangs affects nobody else.
  Taken take(const std::string& path);
  // Keeps it, unless `capacity` are kept already, or all were closed since the file was opened.
  // Returns whether one of this path is kept.
  bool put_back(const std::string& path, UniqueFd file, Origin origin,
                Clock::time_point now = Clock::now());

  // Closes all.
  void clear();

  Epoch epoch() const;
  std::size_t size() const;

 private:
  struct File {
    std::string path;
    UniqueFd descriptor;  // closed while it is taken
    Origin origin;
    Clock::time_point used;
  };
  using Files = std::list<File>;

  void close_unused(Clock::time_point now);

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  Files files_;  // the last used ones first
  std::unordered_map<std::string_view, Files::iterator> by_path_;
  Epoch epoch_ = 0;
};

// Makes read_attribute() and read_procfs() of this process keep descriptors, if `sysfs` is that of
// the running kernel and not a copy, whose files may be replaced. Raises the soft limit of
// descriptors by as many, so call it after others have raised it to what they need. Has no effect
// the second time.
void keep_attributes_open(const std::filesystem::path& sysfs);

// The same for files of copies. For cache_structure(), which notices changes in them.
void keep_files_open();

// Those of the functions above; null before them, or if they had no effect.
KeptDescriptors* kept_attributes();

}  // namespace rig
