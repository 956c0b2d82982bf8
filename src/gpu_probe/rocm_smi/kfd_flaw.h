// What in KFD's topology librocm_smi64 does not survive.
#pragma once

#include <filesystem>
#include <string>

namespace rig {

// Why the library must not be started; empty when nothing speaks against it. A node whose
// properties hold something, and no property, crashes its start in some versions, by luck.
std::string kfd_flaw(const std::filesystem::path& sys);

}  // namespace rig
