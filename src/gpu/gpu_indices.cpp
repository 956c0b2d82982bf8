#include "gpu/gpu_indices.h"

namespace rig {

const std::string& GpuIndices::index_of(const std::string& pci_address) {
  return indices_.try_emplace(pci_address, std::to_string(indices_.size())).first->second;
}

}  // namespace rig
