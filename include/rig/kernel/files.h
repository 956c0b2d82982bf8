// Reads of small files of the kernel: procfs and sysfs.
//
// A read may block for as long as the driver behind the file does: in a scrape, call these from a
// TimedTask or a TaskPool (rig/threads).
//
// Paths that are put together in every scrape should be strings: a std::filesystem::path is a list
// of its components, which takes longer to make than a file of sysfs to read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "rig/kernel/read_result.h"

namespace rig {

// The whole file. Absent when there is no such file or its device was removed (ENOENT, ENOTDIR,
// ENODEV, ENXIO); any other errno, and a file larger than 4 MiB, is a problem.
ReadResult<std::string> read_text(const std::filesystem::path& path);

// At most the first `max_size` bytes, for long files whose beginning is sufficient (/proc/cpuinfo
// has 1.5 kB for every CPU).
ReadResult<std::string> read_text(const std::filesystem::path& path, std::size_t max_size);

// As read_text(), for text attributes of sysfs, including kobjects such as KFD's: the kernel writes
// the whole text in one call of the driver and returns as much of it as fits, so that a read that
// returns less is the last one. That saves a system call per file, and descriptors may be kept
// (kept_descriptors.h).
//
// Not for binary attributes, whose drivers may return less at any time (gpu_vram_bad_pages: only
// whole lines), nor for procfs, whose files may end a read after any record.
ReadResult<std::string> read_attribute(const std::string& path);
inline ReadResult<std::string> read_attribute(const std::filesystem::path& path) {
  return read_attribute(path.native());
}

// As read_text(), for a file of procfs that describes the whole machine, such as stat: descriptors
// may be kept (kept_descriptors.h). Not for files of processes, nor for those of modules that may
// be removed.
ReadResult<std::string> read_procfs(const std::string& path);

// An attribute without trailing whitespace; an empty file results in an empty string.
ReadResult<std::string> read_trimmed(const std::string& path);
inline ReadResult<std::string> read_trimmed(const std::filesystem::path& path) {
  return read_trimmed(path.native());
}

// The same for an attribute that names a device or what it measures, such as name and temp1_label
// of hwmon: part of the cached structure (cached_structure.h), as it does not change while the
// device exists. A problem if it does not end with a newline: a truncated name would be that of
// another series.
ReadResult<std::string> read_name(const std::string& path);

// The names in a directory, sorted. Absent when there is no such directory.
ReadResult<std::vector<std::string>> list_names(const std::string& path);
inline ReadResult<std::vector<std::string>> list_names(const std::filesystem::path& path) {
  return list_names(path.native());
}

// The last component of a symbolic link's target, which need not exist. Absent if there is no link.
std::optional<std::string> link_target_name(const std::string& path);
inline std::optional<std::string> link_target_name(const std::filesystem::path& path) {
  return link_target_name(path.native());
}

// Whether a file, or what a link leads to, exists; absent if that cannot be determined.
std::optional<bool> is_present(const std::string& path);

// The absolute path without symbolic links; absent if it does not exist. The file is not opened
// (O_PATH). One system call, whereas std::filesystem::canonical needs one per component.
std::optional<std::string> real_path(const std::string& path);
inline std::optional<std::filesystem::path> real_path(const std::filesystem::path& path) {
  return real_path(path.native());
}

// The inode number of a file or directory; absent if it does not exist.
std::optional<std::uint64_t> inode_number(const std::string& path);

// Whether this process may read an existing file. The file is not opened.
bool may_read_file(const std::filesystem::path& path);

// A call of one of the functions above, as passed to an observer: once before the call, which may
// never return, and once after it.
struct KernelRead {
  enum class Kind { file, directory, link };
  Kind kind = Kind::file;
  std::filesystem::path path;
  bool ended = false;
  std::string text;      // content of a file; target of a link
  int error_number = 0;  // if the call failed, ENOENT included
};
using ReadObserver = std::function<void(const KernelRead&)>;

// During its lifetime `observer` is called for every call of the functions above by this thread.
// Only one at a time per thread.
class ObservedReads {
 public:
  explicit ObservedReads(ReadObserver observer);
  ObservedReads(const ObservedReads&) = delete;
  ObservedReads& operator=(const ObservedReads&) = delete;
  ~ObservedReads();

 private:
  ReadObserver observer_;
};

// True for a procfs of the running kernel, false for a copy from another machine, whose device
// numbers are not those of this machine.
bool is_procfs(const std::filesystem::path& directory);

}  // namespace rig
