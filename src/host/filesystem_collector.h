// The filesystem collector with a stand-in for look_at_filesystem(), for tests.
#pragma once

#include <functional>
#include <memory>

#include "host/filesystem.h"
#include "rig/scrape/collector.h"

namespace rig {

using LookAtFilesystem =
    std::function<std::optional<FilesystemView>(const std::filesystem::path& folder)>;

std::unique_ptr<Collector> make_filesystem_collector(const RootPaths& host, LookAtFilesystem look);

}  // namespace rig
