// Checks whether an exporter is running: rig_exporter --health, for containers and service
// managers.
#pragma once

#include <string>
#include <string_view>

namespace rig {

inline constexpr std::string_view kHealthyPath = "/-/healthy";
// Its body. Prometheus and Alertmanager have the same path, with other bodies.
inline constexpr std::string_view kHealthyBody = "healthy\n";

struct Health {
  bool healthy = false;  // the response was that of a healthy rig_exporter
  std::string message;   // one human-readable line
};

// Requests /-/healthy from a configured listen address (for ":10068", from 127.0.0.1). May wait for
// a name server, then at most 2 s for the connection and 2 s for each step of the exchange.
//
// `web_config_file` may be empty. If it contains TLS, the certificate and key in it are used to
// connect, so that a server which requires client certificates responds as well.
Health check_health(const std::string& listen_address, const std::string& web_config_file = "");

}  // namespace rig
