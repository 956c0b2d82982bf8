#include "rig/kernel/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <system_error>
#include <utility>

#include "rig/kernel/kept_descriptors.h"
#include "rig/kernel/text.h"
#include "rig/kernel/unique_fd.h"

namespace rig {
namespace {

using Kind = KernelRead::Kind;

constexpr std::size_t kLargestFile = 4U << 20U;

thread_local const ReadObserver* observer = nullptr;

void begins(Kind kind, const std::string& path) {
  if (observer != nullptr) (*observer)({kind, path, false, {}, 0});
}

void ended(Kind kind, const std::string& path, const std::string& text, int error_number) {
  if (observer != nullptr) (*observer)({kind, path, true, text, error_number});
}

bool means_absent(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR || error_number == ENODEV ||
         error_number == ENXIO;
}

Problem larger_than_any(const std::string& path) {
  return {Reason::malformed, path, "larger than any file the kernel writes"};
}

// How the end of a file shows.
enum class End {
  empty_read,
  short_read,  // or an empty one
};

// Returns an errno, or 0. `read_part` is read(2) or pread(2).
template <typename ReadPart>
int read_until(End end, std::size_t max_size, std::string& text, ReadPart read_part) {
  std::array<char, 4096> part;
  while (text.size() < max_size) {
    const std::size_t wanted = std::min(part.size(), max_size - text.size());
    const ssize_t got = read_part(part.data(), wanted);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    const auto size = static_cast<std::size_t>(got);
    text.append(part.data(), size);
    if (size == 0 || (size < wanted && end == End::short_read)) break;
  }
  return 0;
}

// Of a file that has just been opened; also of one that cannot seek.
int read_opened(End end, int file, std::size_t max_size, std::string& text) {
  return read_until(end, max_size, text,
                    [&](char* part, std::size_t size) { return read(file, part, size); });
}

int read_from_start(int attribute, std::size_t max_size, std::string& text) {
  return read_until(End::short_read, max_size, text, [&](char* part, std::size_t size) {
    return pread(attribute, part, size, static_cast<off_t>(text.size()));
  });
}

ReadResult<std::string> text_or_problem(const std::string& path, std::string text,
                                        int error_number) {
  if (error_number != 0) text.clear();
  ended(Kind::file, path, text, error_number);
  if (error_number == 0) return text;
  if (means_absent(error_number)) return std::nullopt;
  return Problem::from_errno(path, error_number);
}

ReadResult<std::string> limited(const std::string& path, ReadResult<std::string> text) {
  if (text && text->size() > kLargestFile) return larger_than_any(path);
  return text;
}

// The target of a symbolic link; absent, and errno set, if it cannot be read.
std::optional<std::string> read_link(const char* path) {
  std::array<char, PATH_MAX> target;
  const ssize_t size = readlink(path, target.data(), target.size());
  if (size < 0) return std::nullopt;
  return std::string(target.data(), static_cast<std::size_t>(size));
}

// Without readdir(3), which allocates 32 KiB and needs one more system call. Returns an errno, or
// 0.
int append_names(int directory, std::vector<std::string>& names) {
  alignas(dirent64) std::array<char, 4096> entries;
  while (true) {
    const ssize_t size = getdents64(directory, entries.data(), entries.size());
    if (size < 0) return errno;
    if (size == 0) return 0;
    for (ssize_t at = 0; at < size;) {
      const auto* const entry = reinterpret_cast<const dirent64*>(entries.data() + at);
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
      at += entry->d_reclen;
    }
  }
}

// open(2). If there are no more descriptors, the kept ones are closed.
UniqueFd open_file(const std::string& path, int flags) {
  UniqueFd file(open(path.c_str(), flags | O_CLOEXEC));
  if (file.is_open() || (errno != EMFILE && errno != ENFILE)) return file;
  KeptDescriptors* const kept = kept_attributes();
  if (kept == nullptr) return file;
  kept->clear();
  return UniqueFd(open(path.c_str(), flags | O_CLOEXEC));
}

// The path of an open file without symbolic links; absent without /proc.
std::optional<std::string> path_of(int file) {
  // The real /proc, not --path.procfs.
  return read_link(("/proc/self/fd/" + std::to_string(file)).c_str());
}

// True for an attribute of the running kernel whose path always leads to the same device.
bool may_be_kept(int file, const std::string& path) {
  struct statfs found {};
  return path_of(file) == path && fstatfs(file, &found) == 0 && found.f_type == SYSFS_MAGIC;
}

// Reads an attribute from its beginning through a kept descriptor. Absent if that fails, for
// example because its device was removed: then it has to be opened again.
std::optional<std::string> read_kept(KeptDescriptors& kept, const std::string& path) {
  UniqueFd file = kept.take(path);
  std::string text;
  if (!file.is_open() || read_from_start(file.get(), kLargestFile + 1, text) != 0)
    return std::nullopt;
  kept.put_back(path, std::move(file));
  return text;
}

}  // namespace

ReadResult<std::string> read_text(const std::filesystem::path& path, std::size_t max_size) {
  begins(Kind::file, path.native());
  const UniqueFd file = open_file(path.native(), O_RDONLY);
  std::string text;
  const int error_number =
      file.is_open() ? read_opened(End::empty_read, file.get(), max_size, text) : errno;
  return text_or_problem(path.native(), std::move(text), error_number);
}

ReadResult<std::string> read_text(const std::filesystem::path& path) {
  return limited(path.native(), read_text(path, kLargestFile + 1));
}

ReadResult<std::string> read_attribute(const std::string& path) {
  begins(Kind::file, path);
  KeptDescriptors* const kept = kept_attributes();
  if (kept != nullptr) {
    if (auto text = read_kept(*kept, path))
      return limited(path, text_or_problem(path, *std::move(text), 0));
  }
  UniqueFd file = open_file(path, O_RDONLY);
  std::string text;
  const int error_number =
      file.is_open() ? read_opened(End::short_read, file.get(), kLargestFile + 1, text) : errno;
  if (kept != nullptr && error_number == 0 && may_be_kept(file.get(), path))
    kept->put_back(path, std::move(file));
  return limited(path, text_or_problem(path, std::move(text), error_number));
}

ReadResult<std::string> read_trimmed(const std::string& path) {
  auto text = read_attribute(path);
  if (!text) return text;
  std::string line = *std::move(text);
  line.resize(line.find_last_not_of(" \t\r\n") + 1);  // npos + 1 is 0
  return line;
}

ReadResult<std::string> read_complete_name(const std::filesystem::path& path) {
  const auto text = read_attribute(path.native());
  if (!text) return text;
  if (is_truncated(*text)) return Problem::truncated(path);
  return std::string(trim(*text));
}

std::optional<std::string> link_target_name(const std::string& path) {
  begins(Kind::link, path);
  const auto target = read_link(path.c_str());
  const int error_number = target ? 0 : errno;
  ended(Kind::link, path, target.value_or(""), error_number);
  if (!target) return std::nullopt;
  return target->substr(target->rfind('/') + 1);  // npos + 1 is 0
}

std::optional<std::filesystem::path> real_path(const std::filesystem::path& path) {
  constexpr std::string_view kGone = " (deleted)";
  const UniqueFd there(open(path.c_str(), O_PATH | O_CLOEXEC));
  auto real = path_of(there.get());
  if (!real) {  // out of descriptors, for example
    std::error_code error;
    real = std::filesystem::canonical(path, error).string();
    if (error) return std::nullopt;
  }
  if (real->ends_with(kGone)) return std::nullopt;
  return *std::move(real);
}

ReadResult<std::vector<std::string>> list_names(const std::string& path) {
  begins(Kind::directory, path);
  const UniqueFd directory = open_file(path, O_RDONLY | O_DIRECTORY);
  std::vector<std::string> names;
  const int error_number = directory.is_open() ? append_names(directory.get(), names) : errno;
  ended(Kind::directory, path, {}, error_number);
  if (means_absent(error_number)) return std::nullopt;
  if (error_number != 0) return Problem::from_errno(path, error_number);
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<bool> is_present(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return std::nullopt;
}

bool may_read_file(const std::filesystem::path& path) {
  if (access(path.c_str(), R_OK) == 0) return true;
  ended(Kind::file, path.native(), {}, errno);
  return false;
}

ObservedReads::ObservedReads(ReadObserver told) : observer_(std::move(told)) {
  observer = &observer_;
}

ObservedReads::~ObservedReads() { observer = nullptr; }

bool is_procfs(const std::filesystem::path& directory) {
  struct statfs found {};
  return statfs(directory.c_str(), &found) == 0 && found.f_type == PROC_SUPER_MAGIC;
}

}  // namespace rig
