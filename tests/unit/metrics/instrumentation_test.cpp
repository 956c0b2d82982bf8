#include "rig/metrics/instrumentation.h"

#include <prometheus/metric_family.h>

#include <stdexcept>
#include <string>

#include "support/catch.h"

using namespace rig;

namespace {

constexpr auto kReplacedCounter =
    counter("rig_test_events_total", Unit::none, "Events of the tests.");

prometheus::ClientMetric own_metric(const Instrumentation& instrumentation,
                                    const std::string& name) {
  for (const auto& family : instrumentation.families()) {
    if (family.name == name) return family.metric.front();
  }
  throw std::runtime_error(name);
}

}  // namespace

TEST_CASE("A counter continues when what counts the events is replaced and starts from 0") {
  Instrumentation instrumentation;
  auto first = instrumentation.add_counter(kReplacedCounter);
  first.increase_to(3);
  first.increase_to(2);
  const auto value = [&] { return own_metric(instrumentation, "rig_test_events_total").counter; };
  CHECK(value().value == 3);
  auto second = instrumentation.add_counter(kReplacedCounter);
  second.increase_to(0);
  CHECK(value().value == 3);
  second.increase_to(2);
  CHECK(value().value == 5);
}

TEST_CASE("The time of the last load is that of a successful one") {
  Instrumentation instrumentation;
  const auto successful = [&] {
    return own_metric(instrumentation, "rig_exporter_config_last_reload_successful").gauge.value;
  };
  const auto time = [&] {
    return own_metric(instrumentation, "rig_exporter_config_last_reload_timestamp_seconds")
        .gauge.value;
  };
  CHECK(successful() == 1);
  CHECK(time() > 1.6e9);
  instrumentation.configuration_loaded(std::chrono::system_clock::time_point() +
                                       std::chrono::milliseconds(1'700'000'000'250));
  CHECK(time() == 1'700'000'000.25);
  instrumentation.configuration_not_loaded();
  CHECK(successful() == 0);
  CHECK(time() == 1'700'000'000.25);
}
