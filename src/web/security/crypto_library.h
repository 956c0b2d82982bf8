// The interface through which the program uses GnuTLS and libcrypt without linking them.
//
// It is implemented by rig_tls.so, a module that is loaded only if the web configuration has TLS or
// users. Few have, and the libraries take more memory than all that is exported.
//
// Both sides are of the same build, which is checked, so that they agree on classes. Both use the
// same standard library: objects may be freed on the other side, and exceptions of the standard
// library may pass. Others may not: the module hides its symbols, and has none of the program's.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rig/config/web_config.h"
#include "web/stream_status.h"

namespace rig {

// One connection of the server. Never blocks.
class TlsSession {
 public:
  virtual ~TlsSession() = default;

  // If it fails, the client is told why.
  virtual StreamStatus handshake() = 0;
  // Appends what has arrived, at most 16 KiB.
  virtual StreamStatus read(std::string& received) = 0;
  // Whether there is something to read although the descriptor may not be readable.
  virtual bool has_buffered_input() const = 0;
  // Sends bytes from the beginning, and adds their number to `sent`. Repeated with the same bytes
  // unless it is done.
  virtual StreamStatus write(std::string_view bytes, std::size_t& sent) = 0;
  // Tells the client that nothing more will be sent.
  virtual void end_output() = 0;
  // A client that was accepted for no other reason than that it has the server's own certificate.
  virtual bool is_self() const = 0;
};

// The certificate, the accepted clients and the versions and ciphers. Does not change. May be used
// by any thread; has to exist as long as its sessions.
class TlsContext {
 public:
  virtual ~TlsContext() = default;

  // Of a connected, non-blocking socket. Throws std::runtime_error if none can be created.
  virtual std::unique_ptr<TlsSession> serve(int fd) const = 0;

  // Sends the request to our own server over a connected socket, which has timeouts for sending and
  // receiving, and returns the response until the server closes the connection. The server's
  // certificate is not verified: it need not be for the address that this program connects to.
  // Throws std::runtime_error that says what failed.
  virtual std::string exchange(int fd, std::string_view request) const = 0;
};

struct TlsContextResult {
  std::unique_ptr<const TlsContext> context;
  std::string error;  // of the configuration: why `context` is null
};

// May be used by any thread.
class CryptoLibrary {
 public:
  virtual ~CryptoLibrary() = default;

  // Uses the texts of PEM, and names their files in messages only.
  virtual TlsContextResult make_tls_context(const WebConfig::Tls& tls) const = 0;

  // Absent if it is malformed.
  virtual std::optional<std::string> decode_base64(std::string_view text) const = 0;
  // HMAC with SHA-256.
  virtual std::string keyed_hash(std::string_view key, std::string_view text) const = 0;
  // See bcrypt.h.
  virtual bool matches_bcrypt_hash(const std::string& password, const std::string& hash) const = 0;
};

// Where the module logs: it must not have a log of its own.
struct CryptoLog {
  void (*debug)(std::string_view message);
  void (*warn)(std::string_view message);
};

// What the module exports. Nothing may be moved before `make`: it is read to find out whether the
// module is of the same build.
struct CryptoModule {
  const char* version;
  const char* revision;
  const char* compiler;
  CryptoLibrary* (*make)(const CryptoLog& log);  // the caller deletes it
};
inline constexpr const char* kCryptoModule = "rig_crypto_module";

}  // namespace rig
