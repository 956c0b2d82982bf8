#include "gpu_probe/rocm_smi/kfd_flaw.h"

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {

std::string kfd_flaw(const std::filesystem::path& sys) {
  const auto nodes = sys / "class/kfd/kfd/topology/nodes";
  try {
    for (const auto& name : list_directory(nodes)) {
      const auto file = nodes / name / "properties";
      const auto text = try_read_file(file).text;
      if (text && !text->empty() && trim(*text).empty())
        return file.string() + " holds no property, which crashes librocm_smi64";
    }
  } catch (const ReadError&) {  // the library handles files that cannot be read
  }
  return {};
}

}  // namespace rig
