// The values of the label "gpu": "0", "1", … in the order in which GPUs were first listed, and by
// PCI address among those that were listed together. From ROCm 6 on, rocm-smi numbers them in the
// same way if every GPU has a KFD node.
//
// A GPU keeps its index while the exporter runs, even if it disappears and reappears. Not
// thread-safe.
#pragma once

#include <map>
#include <string>

namespace rig {

class GpuIndices {
 public:
  using ByAddress = std::map<std::string, std::string>;

  // The index of a GPU; the next free one if it is new.
  const std::string& index_of(const std::string& pci_address);

  // All GPUs that have ever been listed, by PCI address.
  const ByAddress& all() const { return indices_; }

 private:
  ByAddress indices_;
};

}  // namespace rig
