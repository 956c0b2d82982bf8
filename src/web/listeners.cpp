#include "web/listeners.h"

#include <fmt/format.h>

#include <utility>

#include "rig/config/listen_address.h"
#include "rig/kernel/duration.h"
#include "rig/log/log.h"
#include "web/listening_socket.h"

namespace rig {

Listeners::Listeners(std::span<const std::string> addresses, ListenOptions& options)
    : descriptors_(std::move(options.sockets)) {
  for (const auto& socket : descriptors_) addresses_.push_back(bound_address(socket.get()));
  for (const auto& text : addresses) {
    const auto address = parse_listen_address(text);
    if (address.is_unix()) {
      auto listener = listen_on_unix_socket(address.unix_path, options.unix_socket_mode);
      descriptors_.push_back(std::move(listener.fd));
      files_.push_back(std::move(listener.file));
      addresses_.push_back(to_string(address));
    } else {
      listen_on_tcp(address, options.retry_interval);
    }
  }
}

void Listeners::listen_on_tcp(const ListenAddress& address,
                              std::chrono::milliseconds retry_interval) {
  try {
    auto socket = listen_on(address);
    late_.push_back({address, true, socket.address_missing, socket.zone});
    descriptors_.push_back(std::move(socket.fd));
    addresses_.push_back(std::move(socket.address));
  } catch (const NotYetKnown& error) {
    log_warn(
        fmt::format("{}; trying again every {}", error.what(), format_duration(retry_interval)));
    late_.push_back({address});
  }
}

}  // namespace rig
