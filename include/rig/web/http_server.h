// A small HTTP server over libmicrohttpd, made for an exporter: it stays reachable whatever its
// clients and the machine's drivers do.
//
// One thread waits for all connections of an address; an answer that may take time is made in a
// thread of its own while its connection is put aside, at most `max_slow` at once (one more gets
// 503). Paths are matched exactly; other methods than GET and HEAD get 405, unknown paths 404.
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
  std::vector<std::pair<std::string, std::string>>
      query;  // in order, decoded; a key may stand several times
  std::vector<std::pair<std::string, std::string>> headers;  // as sent

  // The first header of that name, whatever its case.
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
  bool slow = false;  // may take time: answered in a thread of its own
  std::function<HttpResponse(const HttpRequest&)> answer;
};

// An address that cannot be listened at. what() says which, why, and what to do.
class ListenError : public std::runtime_error {
 public:
  // `error_number` is the kernel's errno, 0 when it was not the kernel that refused.
  explicit ListenError(const std::string& what, int error_number = 0)
      : std::runtime_error(what), error_number_(error_number) {}

  int error_number() const { return error_number_; }

 private:
  int error_number_;
};

// Throws what an HttpServer would throw that is to listen there, and listens nowhere itself. Waits
// for a name server.
void check_listen_address(const std::string& address);

class HttpServer {
 public:
  // Listens at each address and answers from then on. Throws ListenError, or ConfigError for an
  // address that is none.
  HttpServer(std::span<const std::string> addresses, std::vector<HttpRoute> routes,
             unsigned max_slow);
  ~HttpServer();

  // Where it listens, with the port that was picked: "127.0.0.1:43211", "[::]:10068".
  const std::vector<std::string>& addresses() const;

  // Takes no new connections, gives answers under way `grace` to be made, and closes. False when
  // one was still under way then: its thread is left behind, and the program should end without
  // waiting for it.
  bool stop(std::chrono::milliseconds grace);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rig
