// The functions of rig/kernel/files.h that read no values: names, links, and what exists.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "kernel/cached_read.h"
#include "kernel/open_file.h"
#include "kernel/read_observer.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

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

// Absent if the path has none.
std::optional<std::string> find_real_path(const std::string& path) {
  constexpr std::string_view kGone = " (deleted)";
  const UniqueFd there(open(path.c_str(), O_PATH | O_CLOEXEC));
  auto real = path_of(there.get());
  if (!real) {  // out of descriptors, for example
    std::error_code error;
    real = std::filesystem::canonical(path, error).string();
    if (error) return std::nullopt;
  }
  if (real->ends_with(kGone)) return std::nullopt;
  return real;
}

}  // namespace

std::optional<std::string> link_target_name(const std::string& path) {
  CachedRead cached(Fact::Kind::link, path);
  if (const auto& known = cached.known())
    return known->exists ? std::optional(known->target) : std::nullopt;
  cached.begin();
  observe_begin(KernelRead::Kind::link, path);
  const auto target = read_link(path.c_str());
  const int error_number = target ? 0 : errno;
  observe_end(KernelRead::Kind::link, path, target.value_or(""), error_number);
  if (!target) {
    if (error_number == EINVAL || means_no_file(error_number)) cached.remember({});
    return std::nullopt;
  }
  auto name = target->substr(target->rfind('/') + 1);  // npos + 1 is 0
  cached.remember({true, name, {}});
  return name;
}

std::optional<std::string> real_path(const std::string& path) {
  CachedRead cached(Fact::Kind::real_path, path);
  if (const auto& known = cached.known()) return known->target;
  cached.begin();
  auto real = find_real_path(path);
  if (real) cached.remember({true, *real, {}});
  return real;
}

ReadResult<std::vector<std::string>> list_names(const std::string& path) {
  CachedRead cached(Fact::Kind::names, path);
  if (const auto& known = cached.known()) {
    if (!known->exists) return std::nullopt;
    return known->names;
  }
  cached.begin();
  observe_begin(KernelRead::Kind::directory, path);
  const UniqueFd directory = open_file(path, O_RDONLY | O_DIRECTORY);
  std::vector<std::string> names;
  const int error_number = directory.is_open() ? append_names(directory.get(), names) : errno;
  observe_end(KernelRead::Kind::directory, path, {}, error_number);
  if (!directory.is_open() && means_no_file(error_number)) cached.remember({});
  if (means_absent(error_number)) return std::nullopt;
  if (error_number != 0) return Problem::from_errno(path, error_number);
  std::sort(names.begin(), names.end());
  cached.remember({true, {}, names});
  return names;
}

std::optional<bool> is_present(const std::string& path) {
  CachedRead cached(Fact::Kind::presence, path);
  if (const auto& known = cached.known()) return known->exists;
  cached.begin();
  struct stat status {};
  const bool present = stat(path.c_str(), &status) == 0;
  if (!present && !means_no_file(errno)) return std::nullopt;
  cached.remember({present, {}, {}});
  return present;
}

std::optional<std::uint64_t> inode_number(const std::string& path) {
  CachedRead cached(Fact::Kind::inode, path);
  if (const auto& known = cached.known()) return parse_number<std::uint64_t>(known->target);
  cached.begin();
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  cached.remember({true, std::to_string(status.st_ino), {}});
  return status.st_ino;
}

}  // namespace rig
