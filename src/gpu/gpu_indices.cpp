#include "gpu/gpu_indices.h"

#include <algorithm>
#include <set>

#include "gpu/gpu_limits.h"

namespace rig {

const std::string& GpuIndices::index_of(const std::string& pci_address) {
  last_use_[pci_address] = ++uses_;
  const auto known = indices_.find(pci_address);
  if (known != indices_.end()) return known->second;
  if (indices_.size() >= kMaxRememberedGpus) forget_one();
  return indices_.emplace(pci_address, free_index()).first->second;
}

void GpuIndices::forget_one() {
  const auto oldest =
      std::ranges::min_element(last_use_, {}, [](const auto& entry) { return entry.second; });
  indices_.erase(oldest->first);
  last_use_.erase(oldest);
}

std::string GpuIndices::free_index() const {
  std::set<std::string> used;
  for (const auto& [address, index] : indices_) used.insert(index);
  std::size_t free = 0;
  while (used.contains(std::to_string(free))) ++free;
  return std::to_string(free);
}

}  // namespace rig
