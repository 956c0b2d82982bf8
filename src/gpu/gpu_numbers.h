// The short names of GPUs: "0", "1", … in the order in which they were first seen, and of those
// seen together in the order of PCI addresses, which is rocm-smi's.
//
// A card keeps its number while the exporter runs, also when it falls off the bus and comes back.
// Used by one thread.
#pragma once

#include <map>
#include <string>

namespace rig {

class GpuNumbers {
 public:
  // By PCI address, all that were ever seen.
  using Names = std::map<std::string, std::string>;

  // The number of a card; the next free one when it is seen for the first time.
  const std::string& number_of(const std::string& pci_address);

  const Names& all() const { return names_; }

 private:
  Names names_;
};

}  // namespace rig
