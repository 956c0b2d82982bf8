// Serves connections that were accepted elsewhere. One thread handles all of them.
#pragma once

#include <sys/socket.h>

#include <memory>

#include "rig/threads/stoppable_thread.h"
#include "web/http_connection.h"

namespace rig {

class ConnectionLoop {
 public:
  // Throws std::system_error if there are too many descriptors or threads.
  explicit ConnectionLoop(HttpConnection::Server server);
  ~ConnectionLoop();  // stop()
  ConnectionLoop(const ConnectionLoop&) = delete;
  ConnectionLoop& operator=(const ConnectionLoop&) = delete;

  // Takes over a non-blocking socket. May be called from any thread.
  void add(UniqueFd socket, const sockaddr& client);

  // Lets clients receive responses that are ready, for a moment, and closes all connections.
  // Returns false if the thread has not ended: a route hangs.
  bool stop();

 private:
  struct Mailbox;
  class Work;

  std::shared_ptr<Mailbox> mailbox_;
  StoppableThread thread_;
};

}  // namespace rig
