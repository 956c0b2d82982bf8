// Parses requests and sends responses on connections that were accepted elsewhere, with
// libmicrohttpd. One thread handles all connections.
//
// libmicrohttpd waits with poll(2): its epoll loop can miss the end of a stream that arrives
// together with data, and then keeps that connection until its timeout.
#pragma once

#include <sys/socket.h>

#include <memory>

#include "rig/web/web_security.h"
#include "web/connection_table.h"
#include "web/request_handler.h"

struct MHD_Daemon;

namespace rig {

class HttpDaemon {
 public:
  // Throws ListenError if the library cannot be started.
  // `security` may be null: no TLS, and our own headers only.
  HttpDaemon(std::shared_ptr<RequestHandler> handler, std::shared_ptr<ConnectionTable> connections,
             std::shared_ptr<const WebSecurity> security = nullptr);
  HttpDaemon(const HttpDaemon&) = delete;
  HttpDaemon& operator=(const HttpDaemon&) = delete;
  // Closes all connections. No request may be in progress.
  ~HttpDaemon();

  // Takes over a descriptor that is in the table. Returns false if it was closed instead.
  bool add(int fd, const sockaddr& client, socklen_t size);

 private:
  struct Exchange;
  struct Handshake;
  struct Callbacks;

  MHD_Daemon* start();

  std::shared_ptr<RequestHandler> handler_;
  std::shared_ptr<ConnectionTable> connections_;
  std::shared_ptr<const WebSecurity> security_;
  MHD_Daemon* daemon_;
};

}  // namespace rig
