#include "rig/kernel/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "rig/kernel/text.h"
#include "rig/kernel/unique_fd.h"

namespace rig {
namespace {

using Kind = KernelRead::Kind;

constexpr std::size_t kLargestFile = 4U << 20U;

thread_local const ReadObserver* observer = nullptr;

void begins(Kind kind, const std::filesystem::path& path) {
  if (observer != nullptr) (*observer)({kind, path, false, {}, 0});
}

void ended(Kind kind, const std::filesystem::path& path, const std::string& text,
           int error_number) {
  if (observer != nullptr) (*observer)({kind, path, true, text, error_number});
}

bool means_absent(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR || error_number == ENODEV ||
         error_number == ENXIO;
}

std::string error_text(int error_number) { return std::generic_category().message(error_number); }

// A ReadError, unless the file is just not there.
std::nullopt_t refused(Kind kind, const std::filesystem::path& path, int error_number) {
  ended(kind, path, {}, error_number);
  if (means_absent(error_number)) return std::nullopt;
  throw ReadError(path, error_text(error_number), error_number);
}

// The first `size` bytes at most.
std::optional<std::string> read_beginning(const std::filesystem::path& path, std::size_t size) {
  begins(Kind::file, path);
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return refused(Kind::file, path, errno);
  std::string text;
  std::array<char, 4096> part;
  while (text.size() < size) {
    const ssize_t got = read(file.get(), part.data(), std::min(part.size(), size - text.size()));
    if (got < 0) {
      if (errno == EINTR) continue;
      return refused(Kind::file, path, errno);
    }
    if (got == 0) break;
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  ended(Kind::file, path, text, 0);
  return text;
}

template <typename Read>
FileText try_to(Read read) {
  try {
    return {read(), {}};
  } catch (const ReadError& error) {
    return {std::nullopt, error.what()};
  }
}

}  // namespace

ReadError::ReadError(const std::filesystem::path& path, const std::string& what, int error_number)
    : std::runtime_error(path.string() + ": " + what), error_number_(error_number) {}

std::optional<std::string> read_file(const std::filesystem::path& path) {
  auto text = read_beginning(path, kLargestFile + 1);
  if (text && text->size() > kLargestFile)
    throw ReadError(path, "larger than any file the kernel writes");
  return text;
}

FileText try_read_file(const std::filesystem::path& path) {
  return try_to([&] { return read_file(path); });
}

FileText try_read_beginning(const std::filesystem::path& path, std::size_t size) {
  return try_to([&] { return read_beginning(path, size); });
}

std::optional<std::string> read_line(const std::filesystem::path& path) {
  auto text = read_file(path);
  if (text) text->resize(text->find_last_not_of(" \t\r\n") + 1);  // npos + 1 is 0
  return text;
}

std::optional<std::string> link_target_name(const std::filesystem::path& path) {
  begins(Kind::link, path);
  std::error_code error;
  const auto target = std::filesystem::read_symlink(path, error);
  ended(Kind::link, path, target.string(), error.value());
  if (error) return std::nullopt;
  return target.filename().string();
}

std::optional<std::filesystem::path> real_path(const std::filesystem::path& path) {
  constexpr std::string_view kGone = " (deleted)";
  const UniqueFd there(open(path.c_str(), O_PATH | O_CLOEXEC));
  std::error_code error;
  // Our own /proc, whichever machine is looked at.
  auto real = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(there.get()), error);
  // Also when it is a descriptor that is wanting, and not the path.
  if (error) real = std::filesystem::canonical(path, error);
  if (error || real.native().ends_with(kGone)) return std::nullopt;
  return real;
}

std::vector<std::string> list_directory(const std::filesystem::path& path) {
  begins(Kind::folder, path);
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), closedir);
  if (!folder) {
    refused(Kind::folder, path, errno);
    return {};
  }
  std::vector<std::string> names;
  while (const dirent* entry = readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  ended(Kind::folder, path, {}, 0);
  std::sort(names.begin(), names.end());
  return names;
}

bool may_read_file(const std::filesystem::path& path) {
  if (access(path.c_str(), R_OK) == 0) return true;
  ended(Kind::file, path, {}, errno);
  return false;
}

ObservedReads::ObservedReads(ReadObserver told) : observer_(std::move(told)) {
  observer = &observer_;
}

ObservedReads::~ObservedReads() { observer = nullptr; }

bool is_procfs(const std::filesystem::path& folder) {
  struct statfs found {};
  return statfs(folder.c_str(), &found) == 0 && found.f_type == PROC_SUPER_MAGIC;
}

}  // namespace rig
