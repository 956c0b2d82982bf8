// Detects contents of KFD's topology that crash librocm_smi64.
#pragma once

#include <filesystem>
#include <string>

namespace rig {

// Why the library must not be started, or empty. A node whose `properties` file is not empty but
// contains no property crashes some versions of the library when they are started.
std::string kfd_flaw(const std::filesystem::path& sys);

}  // namespace rig
