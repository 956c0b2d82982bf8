// The bytes of one connection, plain or through TLS. Never blocks.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "rig/kernel/unique_fd.h"
#include "web/security/crypto_library.h"
#include "web/security/web_policy.h"
#include "web/stream_status.h"

namespace rig {

class ClientStream {
 public:
  using Status = StreamStatus;

  // Takes over a non-blocking socket. `policy` is null for a plain stream.
  ClientStream(UniqueFd socket, std::shared_ptr<const WebPolicy> policy);
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;

  int fd() const { return socket_.get(); }

  // The handshake of TLS; done at once for a plain stream. Throws std::runtime_error if a session
  // cannot be created.
  Status handshake();
  // Appends what has arrived, at most 16 KiB.
  Status read(std::string& received);
  // Whether there may be something to read although the descriptor is not readable.
  bool has_buffered_input() const;
  // Sends bytes of `head` and then of `body` from position `sent` on, which it advances; done once
  // all are sent. Until then, they must not change.
  Status write(std::string_view head, std::string_view body, std::size_t& sent);

  // Tells the client that nothing more will be sent.
  void end_output();
  // Drops what the client still sends: if a socket with unread bytes was closed, the client could
  // lose the response.
  Status discard();

  // A client that was accepted for no other reason than that it has the server's own certificate.
  bool is_self() const;

 private:
  Status read_plain(std::string& received) const;
  Status write_plain(std::string_view first, std::string_view second, std::size_t& sent) const;

  UniqueFd socket_;
  std::shared_ptr<const WebPolicy> policy_;  // whose credentials the session uses
  std::unique_ptr<TlsSession> session_;      // once the client is known to use TLS
};

}  // namespace rig
