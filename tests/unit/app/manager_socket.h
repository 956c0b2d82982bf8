// The socket of a service manager, as NOTIFY_SOCKET names it, for tests.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>

#include "rig/kernel/unique_fd.h"

class ManagerSocket {
 public:
  // `name` starts with @ for an abstract socket.
  explicit ManagerSocket(const std::string& name) : fd_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    name.copy(at.sun_path, sizeof at.sun_path);
    if (name.front() == '@') at.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    if (bind(fd_.get(), reinterpret_cast<const sockaddr*>(&at), size) != 0)
      throw std::runtime_error("cannot bind to " + name);
  }

  // The next message; "nothing" after ten seconds without one.
  std::string receive() const { return received(0); }
  // The next message if it is there; "nothing" otherwise.
  std::string receive_now() const { return received(MSG_DONTWAIT); }

 private:
  std::string received(int flags) const {
    std::array<char, 8192> text{};
    const auto got = recv(fd_.get(), text.data(), text.size(), flags);
    return got < 0 ? "nothing" : std::string(text.data(), static_cast<std::size_t>(got));
  }

  rig::UniqueFd fd_;
};
