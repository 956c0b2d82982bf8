// Checks whether an exporter is running: rig_exporter --health, for containers and service
// managers.
#pragma once

#include <string>
#include <string_view>

namespace rig {

// The body of /-/healthy. Prometheus and Alertmanager have that path too, with other bodies.
inline constexpr std::string_view kHealthyBody = "healthy\n";

struct Health {
  bool healthy = false;  // a rig_exporter answered so
  std::string message;   // one line for people
};

// GET /-/healthy from a listen address as configured (for ":10068", from 127.0.0.1). May wait for a
// name server, then at most 2 s for a connection and 2 s for the response.
Health check_health(const std::string& listen_address);

}  // namespace rig
