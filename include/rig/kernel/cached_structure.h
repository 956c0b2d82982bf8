// Remembers between scrapes what does not change unless the kernel says so: the names in
// directories, the targets of links, which paths exist, which files do not, and the names of
// devices. list_names(), link_target_name(), real_path(), is_present(), read_name(), read_text()
// and read_attribute() then need no system call for it. Values are read every time.
//
// Everything is forgotten, and kept descriptors (kept_descriptors.h) are closed, whenever anything
// may have changed: docs/adr/0012-cached-structure.md.
#pragma once

#include "rig/kernel/root_paths.h"

namespace rig {

// Makes this process remember the structure of sysfs, and of copies of procfs and sysfs. Nothing of
// the running kernel's procfs is remembered, as it does not report changes. Has no effect the
// second time.
void cache_structure(const RootPaths& paths);

// Asks whether anything has changed, without blocking. Has to be called at the beginning of a
// scrape: what was remembered is used for a few seconds after it only. May be called from any
// thread.
void refresh_structure();

// During its lifetime reads of this thread use nothing that is remembered or kept, and leave
// nothing of it: for reads that are not part of a scrape, or whose result is kept for longer.
class DirectReads {
 public:
  DirectReads();
  DirectReads(const DirectReads&) = delete;
  DirectReads& operator=(const DirectReads&) = delete;
  ~DirectReads();

 private:
  const bool before_;  // whether there is one already
};

}  // namespace rig
