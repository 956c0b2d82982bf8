#include "rig/web/http_server.h"

#include <fmt/format.h>
#include <microhttpd.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <exception>

#include "rig/log/log.h"
#include "web/listening_socket.h"
#include "web/request_pool.h"

namespace rig {
namespace {

constexpr unsigned kMaxConnections = 512;
constexpr unsigned kIdleSeconds = 10;

using Pairs = std::vector<std::pair<std::string, std::string>>;

MHD_Result append_pair(void* pairs, MHD_ValueKind /*kind*/, const char* key, const char* value) {
  static_cast<Pairs*>(pairs)->emplace_back(key, value == nullptr ? "" : value);
  return MHD_YES;
}

Pairs pairs_of(MHD_Connection* connection, MHD_ValueKind kind) {
  Pairs pairs;
  MHD_get_connection_values(connection, kind, &append_pair, &pairs);
  return pairs;
}

// Names and values arrive as C strings: what holds a %00 stays as it was sent, and means nothing
// here.
std::size_t unescape(void* /*unused*/, MHD_Connection* /*connection*/, char* text) {
  const std::string_view sent = text;
  return sent.find("%00") == sent.npos ? MHD_http_unescape(text) : sent.size();
}

// libmicrohttpd's words on clients that went away and the like.
void log_from_library(void* /*unused*/, const char* format, va_list arguments) {
  std::array<char, 512> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  std::string_view line = text.data();
  while (line.ends_with('\n')) line.remove_suffix(1);
  log_debug(fmt::format("http: {}", line));
}

MHD_Result send(MHD_Connection* connection, const HttpResponse& response) {
  auto* const answer = MHD_create_response_from_buffer(
      response.body.size(), const_cast<char*>(response.body.data()), MHD_RESPMEM_MUST_COPY);
  if (answer == nullptr) return MHD_NO;
  MHD_add_response_header(answer, MHD_HTTP_HEADER_CONTENT_TYPE, response.content_type.c_str());
  for (const auto& [name, value] : response.headers) {
    MHD_add_response_header(answer, name.c_str(), value.c_str());
  }
  const MHD_Result result = MHD_queue_response(connection, response.status, answer);
  MHD_destroy_response(answer);
  return result;
}

HttpResponse guarded_answer(const HttpRoute& route, const HttpRequest& request) {
  try {
    return route.answer(request);
  } catch (const std::exception& error) {
    log_error(fmt::format("{}: {}", route.path, error.what()));
    return {500, "text/plain; charset=utf-8", fmt::format("{}\n", error.what()), {}};
  }
}

// One request, from its first byte to its answer. Owned by libmicrohttpd's connection (its
// "con_cls").
struct Exchange {
  HttpRequest request;
  std::optional<HttpResponse>
      response;  // written by the answering thread while the connection is suspended
};

}  // namespace

std::optional<std::string_view> HttpRequest::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& header) {
    return header.first.size() == name.size() &&
           strncasecmp(header.first.data(), name.data(), name.size()) == 0;
  });
  if (found == headers.end()) return std::nullopt;
  return found->second;
}

class HttpServer::Impl {
 public:
  Impl(std::span<const std::string> addresses, std::vector<HttpRoute> routes, unsigned max_slow)
      : routes_(std::move(routes)), threads_(max_slow) {
    // All sockets first: where one of them is refused, nothing has been answered at another.
    for (const auto& address : addresses) {
      const auto socket = listen_at(parse_listen_address(address));
      sockets_.push_back(socket.fd);
      addresses_.push_back(socket.address);
    }
    for (int& socket : sockets_) {
      daemons_.push_back(start_daemon(socket));
      socket = -1;  // the daemon's now
    }
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    for (const int socket : sockets_) {
      if (socket >= 0) close(socket);
    }
  }

  const std::vector<std::string>& addresses() const { return addresses_; }

  bool stop(std::chrono::milliseconds grace) {
    if (stopped_) return clean_;
    stopped_ = true;
    for (std::size_t i = 0; i < daemons_.size(); ++i) {
      sockets_[i] = MHD_quiesce_daemon(daemons_[i]);
      // Refuses who comes now. It is closed later: the daemon's thread may be about to use it.
      shutdown(sockets_[i], SHUT_RDWR);
    }
    clean_ = threads_.stop(grace);
    // A daemon must not be stopped while a connection is suspended: its answer is still being made.
    if (clean_) {
      for (auto* daemon : daemons_) MHD_stop_daemon(daemon);
    }
    return clean_;
  }

 private:
  MHD_Daemon* start_daemon(int socket) {
    auto* const daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, nullptr,
        nullptr, &Impl::on_request, this,                           //
        MHD_OPTION_EXTERNAL_LOGGER, &log_from_library, nullptr,     //
        MHD_OPTION_UNESCAPE_CALLBACK, &unescape, nullptr,           //
        MHD_OPTION_LISTEN_SOCKET, socket,                           //
        MHD_OPTION_NOTIFY_COMPLETED, &Impl::on_completed, nullptr,  //
        MHD_OPTION_CONNECTION_LIMIT, kMaxConnections,               //
        MHD_OPTION_CONNECTION_TIMEOUT, kIdleSeconds, MHD_OPTION_END);
    if (daemon == nullptr)
      throw ListenError("the HTTP server does not start: out of memory or threads");
    return daemon;
  }

  // Called for a request's headers, again for each part of a body, and again after the connection
  // was resumed.
  static MHD_Result on_request(void* server, MHD_Connection* connection, const char* path,
                               const char* method, const char* /*version*/, const char* /*body*/,
                               std::size_t* body_size, void** state) {
    try {
      return static_cast<Impl*>(server)->proceed(connection, path, method, body_size, state);
    } catch (const std::exception& error) {  // no exception may pass through the library
      log_error(fmt::format("http: {}", error.what()));
      return MHD_NO;
    }
  }

  MHD_Result proceed(MHD_Connection* connection, const char* path, const char* method,
                     std::size_t* body_size, void** state) {
    auto* exchange = static_cast<Exchange*>(*state);
    if (exchange == nullptr) {
      *state = new Exchange{
          {pairs_of(connection, MHD_GET_ARGUMENT_KIND), pairs_of(connection, MHD_HEADER_KIND)},
          std::nullopt};
      return MHD_YES;
    }
    if (*body_size > 0) {  // nothing here takes a body
      *body_size = 0;
      return MHD_YES;
    }
    if (exchange->response) return send(connection, *exchange->response);
    return begin(connection, path, method, *exchange);
  }

  static void on_completed(void* /*unused*/, MHD_Connection* /*connection*/, void** state,
                           MHD_RequestTerminationCode /*code*/) {
    delete static_cast<Exchange*>(*state);
    *state = nullptr;
  }

  MHD_Result begin(MHD_Connection* connection, std::string_view path, std::string_view method,
                   Exchange& exchange) {
    const auto route =
        std::find_if(routes_.begin(), routes_.end(), [&](const auto& r) { return r.path == path; });
    if (route == routes_.end()) return send(connection, not_found(path));
    if (method != MHD_HTTP_METHOD_GET && method != MHD_HTTP_METHOD_HEAD) {
      return send(connection, {405,
                               "text/plain; charset=utf-8",
                               fmt::format("{} is not for {}: use GET or HEAD\n", method, path),
                               {{MHD_HTTP_HEADER_ALLOW, "GET, HEAD"}}});
    }
    if (!route->slow) return send(connection, guarded_answer(*route, exchange.request));

    MHD_suspend_connection(connection);
    const bool taken = threads_.run([&exchange, &route = *route, connection] {
      exchange.response = guarded_answer(route, exchange.request);
      MHD_resume_connection(connection);
    });
    if (taken) return MHD_YES;
    exchange.response = {503,
                         "text/plain; charset=utf-8",
                         "too many scrapes at the same time (see --web.max-requests)\n",
                         {{MHD_HTTP_HEADER_RETRY_AFTER, "1"}}};
    MHD_resume_connection(connection);
    return MHD_YES;
  }

  HttpResponse not_found(std::string_view path) const {
    std::string known;
    for (const auto& route : routes_) known += " " + route.path;
    return {404,
            "text/plain; charset=utf-8",
            fmt::format("nothing is at {}; there are{}\n", path, known),
            {}};
  }

  std::vector<HttpRoute> routes_;
  std::vector<int> sockets_;  // -1: a daemon has it
  std::vector<std::string> addresses_;
  std::vector<MHD_Daemon*> daemons_;
  RequestPool threads_;
  bool stopped_ = false;
  bool clean_ = true;
};

HttpServer::HttpServer(std::span<const std::string> addresses, std::vector<HttpRoute> routes,
                       unsigned max_slow)
    : impl_(std::make_unique<Impl>(addresses, std::move(routes), max_slow)) {}

HttpServer::~HttpServer() {
  // What still has a thread in it must stay: it is left to the end of the program.
  if (!impl_->stop(std::chrono::milliseconds(0))) static_cast<void>(impl_.release());
}

const std::vector<std::string>& HttpServer::addresses() const { return impl_->addresses(); }
bool HttpServer::stop(std::chrono::milliseconds grace) { return impl_->stop(grace); }

}  // namespace rig
