// Sends messages to the service manager: lines of text in a datagram to the unix socket that the
// variable NOTIFY_SOCKET names. systemd documents this protocol, and that it is stable, in
// sd_notify(3); libsystemd is not needed for it.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "rig/kernel/unique_fd.h"

namespace rig {

// All functions may be called from any thread, and none waits for the manager. A manager that is
// gone or unreachable is logged once.
class NotifySocket {
 public:
  // A path, or the name of an abstract socket with @ in place of the null byte. Empty: there is no
  // manager, and nothing is sent.
  explicit NotifySocket(const std::string& address);

  // False without a manager, or if the kind of its socket is not supported.
  bool is_open() const { return socket_.is_open(); }

  // Returns false if the manager has no room for the message now.
  bool send(std::string_view message);

  // Sends the message after those that are waiting. It waits itself if the manager has no room: the
  // next call, or flush(), tries again. Of too many, the oldest are dropped.
  void post(std::string message);
  // Returns false if messages are still waiting.
  bool flush();

 private:
  bool send_now(std::string_view message);
  bool send_waiting();

  std::mutex mutex_;
  UniqueFd socket_;
  sockaddr_un address_{};
  socklen_t address_size_ = 0;
  std::deque<std::string> waiting_;
  bool failure_logged_ = false;
};

}  // namespace rig
