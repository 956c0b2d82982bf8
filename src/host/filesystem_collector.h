// The filesystem collector with a replacement for stat_filesystem(), for tests.
#pragma once

#include <functional>
#include <memory>

#include "host/filesystem_usage.h"
#include "rig/scrape/collector.h"

namespace rig {

using StatFilesystem =
    std::function<ReadResult<FilesystemUsage>(const std::filesystem::path& directory)>;

// At most `max_filesystems` are reported. Without `stat` their sizes are not: for a copy of another
// machine's /proc, whose device numbers may also exist on this machine.
std::unique_ptr<Collector> make_filesystem_collector(const RootPaths& roots, StatFilesystem stat,
                                                     unsigned max_filesystems);

}  // namespace rig
