// Asks a running exporter whether it is well: rig_exporter --health, for containers and service
// managers.
#pragma once

#include <string>
#include <string_view>

namespace rig {

// The body of /-/healthy. Prometheus and Alertmanager have that path, too, with other words at it.
inline constexpr std::string_view kHealthyAnswer = "healthy\n";

struct Health {
  bool healthy = false;  // a rig_exporter says so
  std::string what;      // one line for people
};

// GET /-/healthy at a listen address as configured (":10068" is asked at 127.0.0.1). Waits for a
// name server, then 2 s at most for a connection and 2 s for the answer.
Health ask_health(const std::string& listen_address);

}  // namespace rig
