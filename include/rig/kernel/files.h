// Reading small files that the kernel writes: /proc and sysfs.
//
// A read may block for as long as the driver behind the file likes: whoever calls these from a
// scrape does it in a TimedTask (see timed_task.h).
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "rig/kernel/read_result.h"

namespace rig {

// The whole file. Absent when there is no such file or its device has gone (ENOENT, ENOTDIR,
// ENODEV, ENXIO); any other errno, and a file above 4 MiB, is a problem.
ReadResult<std::string> read_text(const std::filesystem::path& path);

// At most the first `max_size` bytes, of a file that is long and has early what is needed
// (/proc/cpuinfo: 1.5 kB for every CPU).
ReadResult<std::string> read_text(const std::filesystem::path& path, std::size_t max_size);

// The whole file without whitespace at its end; an empty file gives an empty string.
ReadResult<std::string> read_trimmed(const std::filesystem::path& path);

// The names in a directory, sorted. Absent when there is no such directory.
ReadResult<std::vector<std::string>> list_names(const std::filesystem::path& path);

// What follows is being replaced by what stands above.

// The whole text. Absent when there is no such file, or its device has gone (ENOENT, ENOTDIR,
// ENODEV, ENXIO); any other refusal, and a text above 4 MiB, is a ReadError.
std::optional<std::string> read_file(const std::filesystem::path& path);

// The same without the newline and blanks at its end; an empty file gives an empty string.
std::optional<std::string> read_line(const std::filesystem::path& path);

// One file of several, for a caller that goes on without it: where read_file would throw, the text
// is absent and `problem` has the words.
struct FileText {
  std::optional<std::string> text;
  std::string problem;
};
FileText try_read_file(const std::filesystem::path& path);

// The same for the first `size` bytes at most of a file that says early what is wanted and goes on
// for long (/proc/cpuinfo: 1.5 kB for every CPU).
FileText try_read_beginning(const std::filesystem::path& path, std::size_t size);

// The last component of what a symbolic link points to, without following it: it may dangle. Absent
// when there is no link.
std::optional<std::string> link_target_name(const std::filesystem::path& path);

// The absolute path of what is there, without any link in it; absent when nothing is. It is not
// opened (O_PATH). The kernel tells it at once, where std::filesystem::canonical asks for every
// component.
std::optional<std::filesystem::path> real_path(const std::filesystem::path& path);

// The names in a folder, sorted; empty when it is not there. A refusal is a ReadError.
std::vector<std::string> list_directory(const std::filesystem::path& path);

// Whether we are allowed to read a file that is there. It is not opened.
bool may_read_file(const std::filesystem::path& path);

// One of the calls above, as an observer is told of it: once before it, since it may never return,
// and once when it has ended.
struct KernelRead {
  enum class Kind { file, folder, link };
  Kind kind = Kind::file;
  std::filesystem::path path;
  bool ended = false;
  std::string text;      // what a file holds, or what a link points to
  int error_number = 0;  // why there is none; also for what is not there (ENOENT)
};
using ReadObserver = std::function<void(const KernelRead&)>;

// While it lives, `observer` is told of everything that this thread reads by the functions above.
// One at a time in a thread.
class ObservedReads {
 public:
  explicit ObservedReads(ReadObserver observer);
  ObservedReads(const ObservedReads&) = delete;
  ObservedReads& operator=(const ObservedReads&) = delete;
  ~ObservedReads();

 private:
  ReadObserver observer_;
};

// True when `folder` is the running kernel's own /proc and no copy of another machine's, whose
// device numbers mean nothing here.
bool is_procfs(const std::filesystem::path& folder);

}  // namespace rig
