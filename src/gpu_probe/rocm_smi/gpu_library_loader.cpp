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

// RSMI_DEBUG_INFINITE_LOOP makes rsmi_init() spin, others name other folders than /sys, and
// RSMI_LOGGING makes it write to /var/log.
void clear_switches() {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    if (variable.starts_with("RSMI_DEBUG_") || variable.starts_with("RSMI_LOGGING"))
      names.emplace_back(variable.substr(0, variable.find('=')));
  }
  for (const auto& name : names) unsetenv(name.c_str());
}

std::string open_error() {
  const char* const words = dlerror();
  return words != nullptr ? words : "cannot be opened";
}

}  // namespace

LoadedGpuLibrary load_gpu_library(const fs::path& program_folder) {
  clear_switches();
  const std::array places{program_folder / kModule,
                          (program_folder / RIG_MODULE_FOLDER / kModule).lexically_normal()};
  for (const auto& place : places) {
    std::error_code ignored;
    if (!fs::exists(place, ignored)) continue;
    void* const module = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) return {nullptr, open_error()};
    void* const entry = dlsym(module, kGpuLibraryEntry);
    if (entry == nullptr) return {nullptr, open_error()};
    return {std::unique_ptr<GpuLibrary>(reinterpret_cast<GpuLibraryEntry>(entry)()), {}};
  }
  return {nullptr, "built without rocm-smi: there is no " + places[1].string()};
}

}  // namespace rig
