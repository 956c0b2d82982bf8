#include "rig/scrape/collectors.h"

#include <array>

namespace rig {

std::span<const CollectorInfo> all_collectors() {
  static const std::array collectors{
      cpu_collector(),         //
      disk_collector(),        //
      filesystem_collector(),  //
      gpu_collector(),         //
      host_collector(),        //
      memory_collector(),      //
      pressure_collector(),    //
      raid_collector(),        //
  };
  return collectors;
}

}  // namespace rig
