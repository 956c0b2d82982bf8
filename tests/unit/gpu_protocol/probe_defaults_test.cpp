#include "rig/gpu_protocol/probe_defaults.h"

#include "support/catch.h"

using namespace rig;

TEST_CASE("The sample interval is a duration within its bounds, or 0") {
  CHECK(parse_sample_interval("500ms") == std::chrono::milliseconds(500));
  CHECK(parse_sample_interval("100ms") == kMinSampleInterval);
  CHECK(parse_sample_interval("1m") == kMaxSampleInterval);
  for (const auto* zero : {"0", "0ms", "0s", "0m"})
    CHECK(parse_sample_interval(zero) == kAtRequests);
  for (const auto* wrong : {"", "1", "99ms", "61s", "-0", "00", "0.5ms"})
    CHECK_THROWS_AS(parse_sample_interval(wrong), DurationError);
}
