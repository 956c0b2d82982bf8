// Where librocm_smi64 may be.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rig {

// For dlopen(3), the best one first: the library of the distribution, those of AMD's packages,
// which install to /opt/rocm and /opt/rocm-VERSION and have other SONAMEs, and the newest below
// `opt` first, then whatever else the dynamic linker finds.
std::vector<std::string> rocm_smi_files(const std::filesystem::path& opt = "/opt");

}  // namespace rig
