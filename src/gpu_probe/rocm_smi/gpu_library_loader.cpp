#include "gpu_probe/rocm_smi/gpu_library_loader.h"

#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <vector>

namespace rig {
namespace {

namespace fs = std::filesystem;

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

std::string dlopen_error() {
  const char* const message = dlerror();
  return message != nullptr ? message : "cannot be loaded";
}

}  // namespace

LoadedGpuLibrary load_gpu_library(const fs::path& program_directory) {
  remove_debug_variables();
  const std::array candidates{
      program_directory / kModule,
      (program_directory / RIG_MODULE_DIRECTORY / kModule).lexically_normal()};
  for (const auto& candidate : candidates) {
    std::error_code ignored;
    if (!fs::exists(candidate, ignored)) continue;
    void* const module = dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) return {nullptr, dlopen_error()};
    void* const entry = dlsym(module, kGpuLibraryEntry);
    if (entry == nullptr) return {nullptr, dlopen_error()};
    return {std::unique_ptr<GpuLibrary>(reinterpret_cast<GpuLibraryEntry>(entry)()), {}};
  }
  return {nullptr, "built without rocm-smi: no such file: " + candidates[1].string()};
}

}  // namespace rig
