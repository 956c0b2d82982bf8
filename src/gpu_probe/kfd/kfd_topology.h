// KFD's GPU IDs: /sys/class/kfd/kfd/topology/nodes/N/{gpu_id,properties}.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace rig {

// Reads only what KFD keeps in memory: no GPU is woken, and no driver can block. Not thread-safe.
class KfdTopology {
 public:
  using Addresses = std::map<std::uint32_t, std::string>;  // PCI address by GPU ID

  explicit KfdTopology(std::filesystem::path sys);

  // The GPUs that are present, without CPU nodes and without nodes that the device cgroup of a
  // container denies access to. The partitions of an Instinct have different IDs but the same
  // address. The files are read again if the list of nodes has changed, one of `ids` is unknown, or
  // a node could not be read.
  const Addresses& addresses(const std::set<std::uint32_t>& ids);

 private:
  std::filesystem::path sys_;
  std::string nodes_directory_;
  std::vector<std::string> nodes_;  // the directory's entries when addresses_ was read
  Addresses addresses_;
  bool complete_ = false;
};

}  // namespace rig
