// Checks whether an exporter is running: rig_exporter --health, for containers and service
// managers.
#pragma once

#include <string>
#include <string_view>

namespace rig {

// The body of /-/healthy. Prometheus and Alertmanager have the same path, with other bodies.
inline constexpr std::string_view kHealthyBody = "healthy\n";

struct Health {
  bool healthy = false;  // the response was that of a healthy rig_exporter
  std::string message;   // one human-readable line
};

// Requests /-/healthy from a configured listen address (for ":10068", from 127.0.0.1). May wait for
// a name server, then at most 2 s for the connection and 2 s for the response.
Health check_health(const std::string& listen_address);

}  // namespace rig
