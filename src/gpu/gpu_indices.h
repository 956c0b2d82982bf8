// The values of the label "gpu": "0", "1", … in the order in which GPUs were first listed, and by
// PCI address among those that were listed together. From ROCm 6 on, rocm-smi numbers them in the
// same way if every GPU has a KFD node.
//
// A GPU keeps its index while the exporter runs, even if it disappears and reappears. Only if very
// many GPUs have been listed (kMaxRememberedGpus), the one that has been absent for the longest
// time is forgotten. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace rig {

class GpuIndices {
 public:
  using ByAddress = std::map<std::string, std::string>;

  // The index of a GPU that is present; the lowest free one if it is new. Valid until the next
  // call.
  const std::string& index_of(const std::string& pci_address);

  // All GPUs that are remembered, by PCI address.
  const ByAddress& all() const { return indices_; }

 private:
  void forget_one();
  std::string free_index() const;

  ByAddress indices_;
  std::map<std::string, std::uint64_t> last_use_;  // by PCI address
  std::uint64_t uses_ = 0;
};

}  // namespace rig
