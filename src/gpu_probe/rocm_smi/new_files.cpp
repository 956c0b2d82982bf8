#include "gpu_probe/rocm_smi/new_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <system_error>
#include <utility>

namespace rig {
namespace {

namespace fs = std::filesystem;

bool is_own_regular_file(const fs::path& path) {
  struct stat found {};
  return lstat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) && found.st_uid == geteuid();
}

}  // namespace

NewFiles::NewFiles(fs::path directory, std::string prefix)
    : directory_(std::move(directory)), prefix_(std::move(prefix)), existing_(list()) {}

void NewFiles::remove() const {
  for (const auto& file : list()) {
    std::error_code ignored;
    if (!existing_.contains(file) && is_own_regular_file(file)) fs::remove(file, ignored);
  }
}

std::set<fs::path> NewFiles::list() const {
  std::set<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename().string().starts_with(prefix_)) found.insert(entry->path());
  }
  return found;
}

}  // namespace rig
