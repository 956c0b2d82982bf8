// Modules: shared libraries that belong to a program, and that it loads only where they are needed.
#pragma once

#include <filesystem>
#include <string>

namespace rig {

struct LoadedModule {
  std::filesystem::path file;  // where it is; if it is nowhere, where it would be installed
  bool exists = true;
  void* symbol = nullptr;
  std::string problem;  // why `symbol` is null
};

// The directory of the program that is running.
std::filesystem::path program_directory();

// Loads a module from the program's directory, or else from where modules are installed, and finds
// a symbol of it. It is never unloaded.
LoadedModule load_module(const std::filesystem::path& program_directory, const std::string& name,
                         const char* symbol);

}  // namespace rig
