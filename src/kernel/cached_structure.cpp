#include "rig/kernel/cached_structure.h"

#include <linux/magic.h>
#include <sys/statfs.h>

#include <atomic>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "kernel/copied_tree.h"
#include "kernel/kernel_changes.h"
#include "kernel/structure_cache.h"
#include "rig/kernel/files.h"
#include "rig/kernel/kept_descriptors.h"

namespace rig {
namespace {

std::atomic<StructureCache*> used_cache = nullptr;

bool is_on(decltype(statfs::f_type) filesystem, const std::string& path) {
  struct statfs found {};
  return statfs(path.c_str(), &found) == 0 && found.f_type == filesystem;
}

std::unique_ptr<ChangeSource> mdstat_changes(const RootPaths& paths) {
  const auto proc = is_procfs(paths.proc) ? paths.proc : RootPaths().proc;
  // md_mod has parameters, so that it is there also if it is part of the kernel.
  return std::make_unique<PolledFile>(proc / "mdstat", paths.sys / "module/md_mod");
}

// Without a slash at the end, as in paths below it.
std::string name_of(const std::filesystem::path& directory) {
  auto name = directory.lexically_normal().string();
  while (name.size() > 1 && name.ends_with('/')) name.pop_back();
  return name;
}

// Under its name and, as real_path() returns it, under the name without links.
void add_copy(StructureCache& structure, const std::filesystem::path& directory) {
  const auto name = name_of(directory);
  if (name == "/" || !CopiedTree::reports_changes(name)) return;
  structure.add(name, std::make_unique<CopiedTree>(name));
  std::error_code error;
  const auto real = std::filesystem::canonical(name, error).string();
  if (!error && real != name) structure.add(real, std::make_unique<CopiedTree>(real));
  keep_files_open();
}

}  // namespace

void cache_structure(const RootPaths& paths) {
  if (used_cache != nullptr) return;
  auto structure = std::make_unique<StructureCache>([] {
    if (KeptDescriptors* const kept = kept_attributes()) kept->clear();
  });
  // A directory of another filesystem may be mounted over one that is known.
  structure->add(std::make_unique<PolledFile>(RootPaths().proc / "self/mounts"));
  const auto sys = name_of(paths.sys);
  if (is_on(SYSFS_MAGIC, sys + "/kernel/uevent_seqnum")) {
    structure->add(sys, std::make_unique<KernelSysfs>(sys, mdstat_changes(paths)));
  } else {
    add_copy(*structure, paths.sys);
  }
  if (!is_procfs(paths.proc)) add_copy(*structure, paths.proc);
  // Never destroyed: threads that hang in the kernel may use it until the process has ended.
  used_cache = structure.release();
}

void refresh_structure() {
  if (StructureCache* const structure = used_cache) structure->refresh();
}

StructureCache* structure_cache() { return used_cache; }

}  // namespace rig
