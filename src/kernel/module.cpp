#include "rig/kernel/module.h"

#include <dlfcn.h>

#include <array>
#include <system_error>

#include "rig/kernel/root_paths.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

std::string dlopen_error() {
  const char* const message = dlerror();
  return message != nullptr ? message : "cannot be loaded";
}

}  // namespace

fs::path program_directory() {
  std::error_code ignored;
  return fs::read_symlink(RootPaths{}.proc / "self/exe", ignored).parent_path();
}

LoadedModule load_module(const fs::path& program_directory, const std::string& name,
                         const char* symbol) {
  const std::array candidates{program_directory / name,
                              (program_directory / RIG_MODULE_DIRECTORY / name).lexically_normal()};
  for (const auto& candidate : candidates) {
    std::error_code ignored;
    if (!fs::exists(candidate, ignored)) continue;
    LoadedModule module{candidate, true, nullptr, {}};
    void* const handle = dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle != nullptr) module.symbol = dlsym(handle, symbol);
    if (module.symbol == nullptr) module.problem = dlopen_error();
    return module;
  }
  return {candidates.back(), false, nullptr, "no such file: " + candidates.back().string()};
}

}  // namespace rig
