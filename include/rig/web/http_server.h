// A small HTTP server on libmicrohttpd for an exporter: it stays reachable whatever clients and
// drivers do.
//
// One thread per address waits for all of its connections. A route that may take time is handled in
// a thread of a pool while its connection is suspended; at most `max_slow` at once, one more gets
// 503. Paths are matched exactly. Methods other than GET and HEAD get 405, unknown paths 404.
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
#include <vector>

namespace rig {

struct HttpRequest {
  // Decoded, in order; a key may occur several times.
  std::vector<std::pair<std::string, std::string>> query;
  std::vector<std::pair<std::string, std::string>> headers;  // as sent

  // The first header of that name, case-insensitive.
  std::optional<std::string_view> header(std::string_view name) const;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct HttpRoute {
  std::string path;
  bool slow = false;  // may take time: handled in a thread of the pool
  std::function<HttpResponse(const HttpRequest&)> handler;
};

// Called with each response: the path of its route ("other" for a path without one) and its status
// code. Any thread of the server.
using HttpObserver = std::function<void(std::string_view handler, unsigned code)>;

// An address that cannot be listened on. what() says which, why, and what to do.
class ListenError : public std::runtime_error {
 public:
  // `error_number` is the errno, 0 when it was not the kernel that refused.
  explicit ListenError(const std::string& what, int error_number = 0)
      : std::runtime_error(what), error_number_(error_number) {}

  int error_number() const { return error_number_; }

 private:
  int error_number_;
};

// Throws what an HttpServer for that address would throw, without listening. May wait for a name
// server.
void check_listen_address(const std::string& address);

class HttpServer {
 public:
  // Listens on each address and serves from then on. Throws ListenError, or ConfigError for a
  // malformed address.
  HttpServer(std::span<const std::string> addresses, std::vector<HttpRoute> routes,
             unsigned max_slow, HttpObserver observer = {});
  ~HttpServer();

  // The addresses with the port that was chosen: "127.0.0.1:43211", "[::]:10068".
  const std::vector<std::string>& addresses() const;

  // Accepts no new connections, lets requests in progress finish until the timeout, and closes.
  // False when one is still running: its thread is left behind, and the program should end without
  // waiting for it.
  bool stop(std::chrono::milliseconds timeout);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rig
