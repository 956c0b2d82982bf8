// Accepts the connections of all listening sockets in one thread, within the limits of a
// ConnectionTable, and closes those whose time is up.
#pragma once

#include <sys/socket.h>

#include <functional>
#include <memory>
#include <vector>

#include "rig/kernel/unique_fd.h"
#include "rig/threads/stoppable_thread.h"
#include "web/connection_table.h"

namespace rig {

class Acceptor {
 public:
  // Takes over a connection that has been added to the table. Called in the acceptor's thread.
  using OnConnection = std::function<void(UniqueFd socket, const sockaddr& client)>;

  // Throws std::system_error if no thread can be created.
  Acceptor(std::vector<UniqueFd> listeners, std::shared_ptr<ConnectionTable> connections,
           OnConnection on_connection);
  ~Acceptor();

  // Passes on a connection that comes from no listening socket and is not in the table, so that no
  // limit applies to it. Takes over the descriptor. One at a time: one that was not passed on yet
  // is closed.
  void pass_on(int fd);

  // Refuses new connections from now on.
  void stop();

 private:
  struct Work;

  std::shared_ptr<Work> work_;
  StoppableThread thread_;
};

}  // namespace rig
