// The filesystem collector with a stand-in for look_at_filesystem(), for tests.
#pragma once

#include <functional>
#include <memory>

#include "rig/collector.h"
#include "rig/filesystem.h"

namespace rig {

using LookAtFilesystem =
    std::function<std::optional<FilesystemView>(const std::filesystem::path& folder)>;

std::unique_ptr<Collector> make_filesystem_collector(const Host& host, LookAtFilesystem look);

}  // namespace rig
