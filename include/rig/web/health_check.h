// Checks whether an exporter is running: rig_exporter --health, for containers and service
// managers, and the exporter's check of itself.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "rig/kernel/unique_fd.h"

namespace rig {

class WebSecurity;

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

// The same for a server of this process, over one of its addresses or over a connection to it, with
// the TLS that is in effect there; `security` may be null. Each step takes at most `timeout`.
Health check_own_health(const std::string& listen_address, const WebSecurity* security,
                        std::chrono::milliseconds timeout);
Health check_own_health(const UniqueFd& connection, const WebSecurity* security,
                        std::chrono::milliseconds timeout);

}  // namespace rig
