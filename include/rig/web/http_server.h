// A small HTTP server based on libmicrohttpd, for an exporter. Neither slow clients nor hung
// drivers make it unreachable.
//
// One thread per address handles all connections of the address. A route that may take time is
// handled in a thread of a pool while its connection is suspended; at most `max_slow` of these
// requests run at the same time, and further ones get 503. Paths are matched exactly. Methods other
// than GET and HEAD get 405, unknown paths 404.
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

// Throws the exception that an HttpServer for that address would throw, without listening. May wait
// for a name server.
void check_listen_address(const std::string& address);

class HttpServer {
 public:
  // Listens on each address and starts serving requests. Throws ListenError, or ConfigError for a
  // malformed address.
  HttpServer(std::span<const std::string> addresses, std::vector<HttpRoute> routes,
             unsigned max_slow, HttpObserver observer = {});
  ~HttpServer();

  // The addresses with their actual ports: "127.0.0.1:43211", "[::]:10068".
  const std::vector<std::string>& addresses() const;

  // Accepts no new connections, lets requests in progress finish until the timeout, and closes.
  // Returns false if one is still running: its thread is left behind, and the program should end
  // without waiting for it.
  bool stop(std::chrono::milliseconds timeout);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rig
