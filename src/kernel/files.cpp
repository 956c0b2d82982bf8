#include "rig/kernel/files.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "kernel/cached_read.h"
#include "kernel/copied_tree.h"
#include "kernel/open_file.h"
#include "kernel/read_observer.h"
#include "rig/kernel/kept_descriptors.h"
#include "rig/kernel/text.h"
#include "rig/kernel/unique_fd.h"

namespace rig {
namespace {

using Kind = KernelRead::Kind;

constexpr std::size_t kLargestFile = 4U << 20U;

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

int read_from_start(End end, int file, std::size_t max_size, std::string& text) {
  return read_until(end, max_size, text, [&](char* part, std::size_t size) {
    return pread(file, part, size, static_cast<off_t>(text.size()));
  });
}

ReadResult<std::string> text_or_problem(const std::string& path, std::string text,
                                        int error_number) {
  if (error_number != 0) text.clear();
  observe_end(Kind::file, path, text, error_number);
  if (text.size() > kLargestFile) return larger_than_any(path);
  if (error_number == 0) return text;
  if (means_absent(error_number)) return std::nullopt;
  return Problem::from_errno(path, error_number);
}

// Keeps a file of the running kernel whose path always leads to the same device, or one of a copy
// in which changes are noticed (`watched`). Returns whether it is kept.
bool keep(KeptDescriptors& kept, KeptDescriptors::Epoch epoch, bool watched,
          const std::string& path, UniqueFd file) {
  struct statfs found {};
  if (fstatfs(file.get(), &found) != 0) return false;
  const bool is_kernels = found.f_type == SYSFS_MAGIC || found.f_type == PROC_SUPER_MAGIC;
  const bool is_fixed = is_kernels && path_of(file.get()) == path;
  if (!is_fixed && !(watched && CopiedTree::may_keep(file.get()))) return false;
  return kept.put_back(path, std::move(file), {epoch, !is_fixed});
}

// Reads a file from its beginning through a kept descriptor. Nothing if there is none, or if
// its device was removed: then it has to be opened again. Any other error is that of the read, and
// not hidden by a second one.
std::optional<ReadResult<std::string>> read_kept(KeptDescriptors& kept, const std::string& path,
                                                 End end) {
  auto taken = kept.take(path);
  if (!taken.descriptor.is_open()) return std::nullopt;
  StructureCache* const structure = structure_cache();
  if (taken.origin.watched && (structure == nullptr || !structure->is_fresh())) return std::nullopt;
  std::string text;
  const int error_number = read_from_start(end, taken.descriptor.get(), kLargestFile + 1, text);
  if (means_absent(error_number)) {
    if (structure != nullptr) structure->contradict();
    return std::nullopt;
  }
  if (error_number == 0) kept.put_back(path, std::move(taken.descriptor), taken.origin);
  return text_or_problem(path, std::move(text), error_number);
}

// Of a file that could not be opened.
void remember_no_file(CachedRead& cached) {
  if (cached.known()) {
    cached.contradict();  // it existed
  } else {
    cached.remember({});
  }
}

// Through a kept descriptor, if there is one or one can be kept.
ReadResult<std::string> read_and_keep(const std::string& path, End end) {
  observe_begin(Kind::file, path);
  KeptDescriptors* const kept = reads_directly() ? nullptr : kept_attributes();
  if (kept != nullptr) {
    if (auto result = read_kept(*kept, path, end)) return *std::move(result);
  }
  CachedRead cached(Fact::Kind::file, path);
  if (cached.known() && !cached.known()->exists) return std::nullopt;
  const bool is_kept_if_possible = kept != nullptr && !cached.known();
  const auto epoch = is_kept_if_possible ? kept->epoch() : 0;
  const bool watched = !cached.known() && cached.begin();
  UniqueFd file = open_file(path, O_RDONLY);
  int error_number = file.is_open() ? 0 : errno;
  if (means_no_file(error_number)) remember_no_file(cached);
  std::string text;
  if (error_number == 0) error_number = read_opened(end, file.get(), kLargestFile + 1, text);
  if (is_kept_if_possible && error_number == 0 &&
      !keep(*kept, epoch, watched, path, std::move(file)))
    cached.remember({true, {}, {}});
  return text_or_problem(path, std::move(text), error_number);
}

}  // namespace

ReadResult<std::string> read_text(const std::filesystem::path& path, std::size_t max_size) {
  CachedRead cached(Fact::Kind::file, path.native());
  if (cached.known() && !cached.known()->exists) return std::nullopt;
  if (!cached.known()) cached.begin();
  observe_begin(Kind::file, path.native());
  const UniqueFd file = open_file(path.native(), O_RDONLY);
  int error_number = file.is_open() ? 0 : errno;
  if (means_no_file(error_number)) {
    remember_no_file(cached);
  } else if (error_number == 0) {
    cached.remember({true, {}, {}});
  }
  std::string text;
  if (error_number == 0) error_number = read_opened(End::empty_read, file.get(), max_size, text);
  return text_or_problem(path.native(), std::move(text), error_number);
}

ReadResult<std::string> read_text(const std::filesystem::path& path) {
  return read_text(path, kLargestFile + 1);
}

ReadResult<std::string> read_attribute(const std::string& path) {
  return read_and_keep(path, End::short_read);
}

ReadResult<std::string> read_procfs(const std::string& path) {
  return read_and_keep(path, End::empty_read);
}

ReadResult<std::string> read_trimmed(const std::string& path) {
  auto text = read_attribute(path);
  if (!text) return text;
  std::string line = *std::move(text);
  line.resize(line.find_last_not_of(" \t\r\n") + 1);  // npos + 1 is 0
  return line;
}

ReadResult<std::string> read_name(const std::string& path) {
  CachedRead cached(Fact::Kind::name, path);
  if (const auto& known = cached.known()) return known->target;
  cached.begin();
  auto text = read_text(path);
  if (!text) return text;
  if (is_truncated(*text)) return Problem::truncated(path);
  std::string name(trim(*text));
  cached.remember({true, name, {}});
  return name;
}

bool may_read_file(const std::filesystem::path& path) {
  if (access(path.c_str(), R_OK) == 0) return true;
  observe_end(Kind::file, path.native(), {}, errno);
  return false;
}

bool is_procfs(const std::filesystem::path& directory) {
  struct statfs found {};
  return statfs(directory.c_str(), &found) == 0 && found.f_type == PROC_SUPER_MAGIC;
}

}  // namespace rig
