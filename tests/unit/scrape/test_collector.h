// A collector that is controlled by a test.
#pragma once

#include <functional>
#include <utility>

#include "rig/scrape/collector.h"
#include "support/deadline.h"

inline constexpr auto kTestValue =
    rig::gauge("rig_test_value", rig::Unit::none, "A value of the tests.", "device");

class TestCollector : public rig::Collector {
 public:
  using Act = std::function<void(rig::Samples&, rig::Deadline)>;
  explicit TestCollector(Act act) : act_(std::move(act)) {}
  void collect(rig::Samples& samples, rig::Deadline deadline) override { act_(samples, deadline); }

 private:
  Act act_;
};
