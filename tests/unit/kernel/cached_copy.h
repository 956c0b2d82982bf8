// A copy of a machine whose structure this process remembers.
#pragma once

#include <fcntl.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "kernel/copied_tree.h"
#include "rig/kernel/cached_structure.h"
#include "rig/kernel/unique_fd.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

namespace rig {

// The copy of a machine's procfs whose structure this process remembers: it can be only one. sysfs
// is the running kernel's.
inline const std::filesystem::path& cached_copy() {
  static const TemporaryDirectory directory;
  static const std::filesystem::path copy = [] {
    const auto proc = std::filesystem::canonical(directory.path()) / "proc";
    std::filesystem::create_directory(proc);
    cache_structure({.proc = proc, .sys = "/sys", .root = "/"});
    return proc;
  }();
  return copy;
}

// A machine that is different for each test. Each begins with a scrape.
class CachedCopy {
 public:
  CachedCopy() {
    write("devices/a/value", "1\n");
    write("devices/b/value", "2\n");
    std::filesystem::create_directory(top / "class");
    std::filesystem::create_directory_symlink("../devices/a", top / "class/device");
    refresh_structure();
  }
  CachedCopy(const CachedCopy&) = delete;
  CachedCopy& operator=(const CachedCopy&) = delete;
  ~CachedCopy() {
    std::filesystem::remove_all(top);
    refresh_structure();
  }

  std::string path(const std::string& name) const { return top / name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((top / name).parent_path());
    std::ofstream(top / name) << text;
    return top / name;
  }
  static bool is_supported() {
    const auto file = cached_copy().parent_path() / "file";
    std::ofstream(file).flush();
    if (CopiedTree::may_keep(UniqueFd(open(file.c_str(), O_RDONLY | O_CLOEXEC)).get())) return true;
    WARN("not tested: files of this filesystem are not kept open");
    return false;
  }

  const std::filesystem::path top = cached_copy() / "machine";
};

}  // namespace rig
