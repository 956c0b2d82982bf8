// The listening sockets of a server.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rig/kernel/unique_fd.h"
#include "rig/web/http_server.h"
#include "web/unix_socket.h"

namespace rig {

class Listeners {
 public:
  // Throws ListenError, or ConfigError for a malformed address.
  Listeners(std::span<const std::string> addresses, const ListenOptions& options);

  // With their actual ports.
  const std::vector<std::string>& addresses() const { return addresses_; }

  std::vector<UniqueFd> take_descriptors() { return std::move(descriptors_); }

  // Of unix sockets, once nobody accepts connections any more.
  void remove_files() { files_.clear(); }

 private:
  std::vector<std::string> addresses_;
  std::vector<UniqueFd> descriptors_;
  std::vector<UnixSocketFile> files_;
};

}  // namespace rig
