#include "gpu_probe/rocm_smi/library_files.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string_view>
#include <system_error>

namespace rig {
namespace {

namespace fs = std::filesystem;

// The entries whose names begin with `prefix`, sorted by version, the oldest first.
std::vector<fs::path> entries(const fs::path& directory, std::string_view prefix) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename().string().starts_with(prefix)) found.push_back(entry->path());
  }
  std::ranges::sort(found, [](const fs::path& a, const fs::path& b) {
    return strverscmp(a.c_str(), b.c_str()) < 0;
  });
  return found;
}

}  // namespace

std::vector<std::string> rocm_smi_files(const fs::path& opt) {
  constexpr std::string_view kPrefix = "librocm_smi64.so.";
  std::vector<std::string> files{"librocm_smi64.so.1"};
  auto installations = entries(opt, "rocm-");
  // The one that the administrator has selected.
  installations.push_back(opt / "rocm");
  std::ranges::reverse(installations);
  for (const auto& root : installations) {
    for (const auto* directory : {"lib", "lib64"}) {
      // "librocm_smi64.so.7" is a link to "librocm_smi64.so.7.2.60200": the first is enough.
      const auto found = entries(root / directory, kPrefix);
      if (!found.empty()) files.push_back(found.front().string());
    }
  }
  for (const auto* version : {"8", "7", "6", "5"}) files.push_back(std::string(kPrefix) + version);
  return files;
}

}  // namespace rig
