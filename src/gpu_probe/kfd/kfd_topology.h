// KFD's numbers for GPUs: /sys/class/kfd/kfd/topology/nodes/N/{gpu_id,properties}.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace rig {

// Reads only what KFD remembers: no card is woken, no driver waited for. One thread at a time.
class KfdTopology {
 public:
  using Addresses = std::map<std::uint32_t, std::string>;  // PCI address by gpu id

  explicit KfdTopology(std::filesystem::path sys);

  // Of the GPUs that are there now. Nodes without a GPU (CPUs) are left out, and so are those that
  // the device cgroup of a container refuses. The partitions of an Instinct have an id each and the
  // address of their card in common. The files are read when there are other nodes than the last
  // time, one of `ids` is not known, or a node could not be read.
  const Addresses& addresses(const std::set<std::uint32_t>& ids);

 private:
  std::filesystem::path sys_;
  std::vector<std::string> nodes_;  // names in the folder when addresses_ was read
  Addresses addresses_;
  bool complete_ = false;
};

}  // namespace rig
