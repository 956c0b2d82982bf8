// The result of running one collector once.
#pragma once

#include <chrono>

#include "rig/metrics/samples.h"

namespace rig {

// Shared by all scrapes that waited for it.
struct Collection {
  Samples samples;
  double seconds = 0;     // how long it took
  bool complete = false;  // the collector ended without an exception
  std::chrono::steady_clock::time_point ended{};
};

}  // namespace rig
