// The bytes of one connection, plain or through TLS. Never blocks.
#pragma once

#include <gnutls/gnutls.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "rig/kernel/unique_fd.h"
#include "web/security/web_policy.h"

namespace rig {

class ClientStream {
 public:
  enum class Status {
    done,
    wants_to_read,  // the call has to be repeated once the descriptor is readable
    wants_to_write,
    ended,      // by the client, or by an error: nothing more can be received or sent
    plain_text  // of a handshake: the client does not use TLS; the stream is plain from now on
  };

  // Takes over a non-blocking socket. `policy` is null for a plain stream.
  ClientStream(UniqueFd socket, std::shared_ptr<const WebPolicy> policy);
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;
  ~ClientStream();

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
  Status status_of(int gnutls_error) const;
  Status write_plain(std::string_view first, std::string_view second, std::size_t& sent) const;
  Status write_record(std::string_view bytes, std::size_t& sent) const;
  void begin_session();
  void end_session();
  Status fail(int gnutls_error) const;

  UniqueFd socket_;
  std::shared_ptr<const WebPolicy> policy_;  // whose credentials the session uses
  gnutls_session_t session_ = nullptr;       // once the client is known to use TLS
};

}  // namespace rig
