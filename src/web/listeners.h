// The listening sockets of a server.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rig/kernel/unique_fd.h"
#include "rig/web/http_server.h"
#include "web/late_listeners.h"
#include "web/unix_socket.h"

namespace rig {

class Listeners {
 public:
  // Takes the sockets of the options. Throws ListenError, or ConfigError for a malformed address.
  // An address that does not exist yet is logged.
  Listeners(std::span<const std::string> addresses, ListenOptions& options);

  // With their actual ports; without those that cannot be listened on yet.
  const std::vector<std::string>& addresses() const { return addresses_; }

  std::vector<UniqueFd> take_descriptors() { return std::move(descriptors_); }

  // All TCP addresses, also those that are listened on.
  std::vector<LateAddress> take_late_addresses() { return std::move(late_); }

  // Of unix sockets, once nobody accepts connections any more.
  void remove_files() { files_.clear(); }

 private:
  void listen_on_tcp(const ListenAddress& address, std::chrono::milliseconds retry_interval);

  std::vector<std::string> addresses_;
  std::vector<UniqueFd> descriptors_;
  std::vector<UnixSocketFile> files_;
  std::vector<LateAddress> late_;
};

}  // namespace rig
