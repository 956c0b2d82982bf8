#include "gpu/gpu_numbers.h"

namespace rig {

const std::string& GpuNumbers::number_of(const std::string& pci_address) {
  const auto next = std::to_string(names_.size());
  return names_.try_emplace(pci_address, next).first->second;
}

}  // namespace rig
