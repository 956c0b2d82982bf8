// A small HTTP server for an exporter. Neither slow clients nor hung drivers make it unreachable.
//
// One thread accepts connections and another one handles all of them. The number of connections, in
// total and per client, the time for a request and the time for a response are limited; a new
// connection takes the place of the one that has waited longest without a request.
//
// A route responds at once, or later from another thread while its connection is not read. Paths
// are matched exactly. Methods that a route does not have get 405, unknown paths 404; requests that
// pages of other sites make with methods other than GET and HEAD get 403.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "rig/kernel/unique_fd.h"
#include "rig/web/http_body.h"
#include "rig/web/web_security.h"

namespace rig {

struct HttpRequest {
  std::string method;  // "GET"
  std::string path;    // decoded, without the query
  // Decoded, in order; a key may occur several times.
  std::vector<std::pair<std::string, std::string>> query;
  std::vector<std::pair<std::string, std::string>> headers;  // as sent
  // The network of the client: an IPv4 address, or "2001:db8:1:2::/64". Empty for a unix socket.
  std::string client = {};

  // The first header of that name, case-insensitive.
  std::optional<std::string_view> header(std::string_view name) const;
  // A header that is a list, whose items may be in several lines.
  std::string list_header(std::string_view name) const;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  HttpBody body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Has to be called once, from any thread.
using HttpRespond = std::function<void(HttpResponse)>;

struct HttpRoute {
  using Handler = std::function<HttpResponse(const HttpRequest&)>;
  // For responses that take time. The request exists until the response was passed on. Must not
  // block; an exception becomes the response.
  using DeferredHandler = std::function<void(const HttpRequest&, HttpRespond)>;

  std::string path;
  std::variant<Handler, DeferredHandler> handler;
  std::vector<std::string> methods = {"GET", "HEAD"};
};

// Called with each response: the path of its route ("other" for a path without one) and its status
// code. Called from any thread of the server.
using HttpObserver = std::function<void(std::string_view handler, unsigned code)>;

// An address that cannot be listened on. what() contains the address, the reason and what to do.
class ListenError : public std::runtime_error {
 public:
  // `error_number` is the errno, or 0 if the error was not reported by the kernel.
  explicit ListenError(const std::string& what, int error_number = 0)
      : std::runtime_error(what), error_number_(error_number) {}

  int error_number() const { return error_number_; }

 private:
  int error_number_;
};

struct ListenOptions {
  // Listening and non-blocking: served in addition to the addresses.
  std::vector<UniqueFd> sockets = {};
  unsigned unix_socket_mode = 0660;
  // How often an address that does not exist is looked for.
  std::chrono::milliseconds retry_interval = std::chrono::seconds(3);
};

// Throws the exception that an HttpServer for that address would throw, without listening; also if
// the address does not exist, for which an HttpServer would wait. May wait for a name server.
void check_listen_address(const std::string& address);

class HttpServer {
 public:
  // Listens on each address and starts serving requests. An address, name or network interface that
  // does not exist yet is served once it does. `security` may be null: no TLS, no users.
  // Throws ListenError, or ConfigError for a malformed address.
  HttpServer(std::span<const std::string> addresses, std::vector<HttpRoute> routes,
             HttpObserver observer = {}, const std::shared_ptr<WebSecurity>& security = nullptr,
             ListenOptions options = {});
  ~HttpServer();

  // The addresses with their actual ports: "127.0.0.1:43211", "[::]:10068", "unix:/run/x.sock".
  // Without those that were not known at the start.
  const std::vector<std::string>& addresses() const;

  // A connection to this server, for a check of whether it works: its threads handle it like one
  // that they have accepted, but it counts towards no limit. With security, it starts with the
  // handshake of TLS. Closed after stop(). Throws std::system_error if there are too many
  // descriptors.
  UniqueFd connect();

  // Accepts no new connections, lets requests in progress finish until the timeout, and closes.
  // Returns false if one has no response yet: the program should end without waiting for it.
  bool stop(std::chrono::milliseconds timeout);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rig
