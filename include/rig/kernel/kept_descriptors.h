// Keeps attributes of sysfs open between scrapes. Reading one through a kept descriptor (pread(2))
// takes a tenth of the time of opening it by its path, reading and closing it, and calls the driver
// all the same: the value is never older.
//
// The kernel does not let a descriptor reach the attributes of another device: once the device is
// removed, reads fail with ENODEV, also after another one got its name. read_attribute() then opens
// the path again. Only paths without symbolic links are kept, since a link may lead to another
// device while the previous one still exists: /sys/class/drm/card0/device does when drivers are
// bound in another order. What remains is a kobject that is renamed, of which only network
// interfaces are known.
#pragma once

#include <chrono>
#include <cstddef>
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

  // Those that are not used for this long are closed: their devices may be gone. The kernel keeps
  // 4 kB for each attribute that was read.
  static constexpr auto kUnusedFor = std::chrono::minutes(5);

  explicit KeptDescriptors(std::size_t capacity) : capacity_(capacity) {}

  // The descriptor of a file; closed if there is none. It belongs to the caller until it is put
  // back, so that a read that hangs affects nobody else.
  UniqueFd take(const std::string& path);
  // Keeps it, unless `capacity` are kept already.
  void put_back(const std::string& path, UniqueFd file, Clock::time_point now = Clock::now());

  // Closes all.
  void clear();

  std::size_t size() const;

 private:
  struct File {
    std::string path;
    UniqueFd descriptor;
    Clock::time_point used;
  };
  using Files = std::list<File>;

  void close_unused(Clock::time_point now);

  const std::size_t capacity_;
  mutable std::mutex mutex_;
  Files files_;  // the last used ones first
  std::unordered_map<std::string_view, Files::iterator> by_path_;
};

// Makes read_attribute() of this process keep descriptors below `sysfs`, if that is the running
// kernel's and not a copy, whose files may be replaced. Raises the soft limit of descriptors by as
// many, so call it after others have raised it to what they need. Has no effect the second time.
void keep_attributes_open(const std::filesystem::path& sysfs);

// Those of keep_attributes_open(); null before it, or if it had no effect.
KeptDescriptors* kept_attributes();

}  // namespace rig
