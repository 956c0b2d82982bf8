#include "app/collectors.h"

#include <array>

#include "rig/scrape/collectors.h"

namespace rig {

std::span<const CollectorInfo> all_collectors() {
#define RIG_CALL_COLLECTOR(name) name##_collector(),
  static const auto collectors = std::to_array<CollectorInfo>({RIG_COLLECTORS(RIG_CALL_COLLECTOR)});
#undef RIG_CALL_COLLECTOR
  return collectors;
}

}  // namespace rig
