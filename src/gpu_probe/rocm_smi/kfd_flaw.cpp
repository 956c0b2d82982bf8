#include "gpu_probe/rocm_smi/kfd_flaw.h"

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {

std::string kfd_flaw(const std::filesystem::path& sys) {
  const auto nodes = sys / "class/kfd/kfd/topology/nodes";
  // The library handles files that cannot be read.
  for (const auto& name : list_names(nodes).value_or({})) {
    const auto file = nodes / name / "properties";
    const auto text = read_text(file);
    if (text && !text->empty() && trim(*text).empty())
      return file.string() + " holds no property, which crashes librocm_smi64";
  }
  return {};
}

}  // namespace rig
