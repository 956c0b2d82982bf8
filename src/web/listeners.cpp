#include "web/listeners.h"

#include <utility>

#include "rig/config/listen_address.h"
#include "web/listening_socket.h"

namespace rig {

Listeners::Listeners(std::span<const std::string> addresses, const ListenOptions& options) {
  for (const auto& text : addresses) {
    const auto address = parse_listen_address(text);
    if (address.is_unix()) {
      auto listener = listen_on_unix_socket(address.unix_path, options.unix_socket_mode);
      descriptors_.push_back(std::move(listener.fd));
      files_.push_back(std::move(listener.file));
      addresses_.push_back(to_string(address));
    } else {
      auto socket = listen_on(address);
      descriptors_.emplace_back(socket.fd);
      addresses_.push_back(std::move(socket.address));
    }
  }
}

}  // namespace rig
