#include "gpu_probe/rocm_smi/gpu_library_loader.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <vector>

#include "gpu_probe/rocm_smi/library_files.h"
#include "rig/kernel/module.h"

namespace rig {
namespace {

constexpr const char* kModule = "rig_rocm_smi.so";
// For the generation before ROCm 6, where both are installed.
constexpr const char* kModuleOfFirstGeneration = "rig_rocm_smi_5.so";

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

// Opens librocm_smi64, in which the module then finds the functions that it calls: it is not linked
// to the library, because that has different SONAMEs. Returns why it failed; empty: it succeeded.
std::string open_library() {
  std::string problem;
  for (const auto& file : rocm_smi_files()) {
    // Later files may exist nowhere: the reason why one that exists cannot be loaded counts.
    const bool exists_or_is_first = problem.empty() || file.starts_with('/');
    if (dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr) return {};
    if (const char* const error = dlerror(); error != nullptr && exists_or_is_first)
      problem = error;
  }
  return problem;
}

bool is_first_generation() { return dlsym(RTLD_DEFAULT, kSecondGenerationFunction) == nullptr; }

LoadedModule load_gpu_module(const std::filesystem::path& program_directory) {
  if (is_first_generation()) {
    auto module = load_module(program_directory, kModuleOfFirstGeneration, kGpuLibraryEntry);
    if (module.exists) return module;
  }
  return load_module(program_directory, kModule, kGpuLibraryEntry);
}

}  // namespace

LoadedGpuLibrary load_gpu_library(const std::filesystem::path& program_directory) {
  remove_debug_variables();
  const auto problem = open_library();
  const auto module = load_gpu_module(program_directory);
  if (!module.exists) return {nullptr, "built without rocm-smi: " + module.problem};
  if (!problem.empty()) return {nullptr, problem};
  if (module.symbol == nullptr) return {nullptr, module.problem};
  return {std::unique_ptr<GpuLibrary>(reinterpret_cast<GpuLibraryEntry>(module.symbol)()), {}};
}

}  // namespace rig
