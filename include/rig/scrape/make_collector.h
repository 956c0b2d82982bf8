// The `make` of a CollectorInfo for most collectors.
#pragma once

#include <memory>
#include <type_traits>

#include "rig/scrape/collector.h"

namespace rig {

// Calls the constructor T(roots, config) or T(roots).
template <typename T>
std::unique_ptr<Collector> make_collector(const RootPaths& roots, const Config& config) {
  if constexpr (std::is_constructible_v<T, const RootPaths&, const Config&>) {
    return std::make_unique<T>(roots, config);
  } else {
    return std::make_unique<T>(roots);
  }
}

}  // namespace rig
