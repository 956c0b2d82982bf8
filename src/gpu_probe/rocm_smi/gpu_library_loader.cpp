#include "gpu_probe/rocm_smi/gpu_library_loader.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <vector>

#include "rig/kernel/module.h"

namespace rig {
namespace {

constexpr const char* kModule = "rig_rocm_smi.so";

// RSMI_DEBUG_INFINITE_LOOP makes rsmi_init() loop forever, other variables replace /sys, and
// RSMI_LOGGING makes the library write to /var/log.
void remove_debug_variables() {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    if (variable.starts_with("RSMI_DEBUG_") || variable.starts_with("RSMI_LOGGING"))
      names.emplace_back(variable.substr(0, variable.find('=')));
  }
  for (const auto& name : names) unsetenv(name.c_str());
}

}  // namespace

LoadedGpuLibrary load_gpu_library(const std::filesystem::path& program_directory) {
  remove_debug_variables();
  const auto module = load_module(program_directory, kModule, kGpuLibraryEntry);
  if (!module.exists) return {nullptr, "built without rocm-smi: " + module.problem};
  if (module.symbol == nullptr) return {nullptr, module.problem};
  return {std::unique_ptr<GpuLibrary>(reinterpret_cast<GpuLibraryEntry>(module.symbol)()), {}};
}

}  // namespace rig
