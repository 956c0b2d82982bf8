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

// libmicrohttpd passes names and values as C strings: one that contains %00 is not decoded, so that
// it matches nothing.
std::size_t unescape(void* /*unused*/, MHD_Connection* /*connection*/, char* text) {
  const std::string_view sent = text;
  return sent.find("%00") == sent.npos ? MHD_http_unescape(text) : sent.size();
}

// libmicrohttpd's own messages, such as those about clients that disconnected.
[[gnu::format(printf, 2, 0)]] void log_from_library(void* /*unused*/, const char* format,
                                                    va_list arguments) {
  std::array<char, 512> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  std::string_view line = text.data();
  while (line.ends_with('\n')) line.remove_suffix(1);
  log_debug(fmt::format("http: {}", line));
}

MHD_Result queue_response(MHD_Connection* connection, const HttpResponse& response) {
  auto* const queued = MHD_create_response_from_buffer(
      response.body.size(), const_cast<char*>(response.body.data()), MHD_RESPMEM_MUST_COPY);
  if (queued == nullptr) return MHD_NO;
  MHD_add_response_header(queued, MHD_HTTP_HEADER_CONTENT_TYPE, response.content_type.c_str());
  for (const auto& [name, value] : response.headers) {
    MHD_add_response_header(queued, name.c_str(), value.c_str());
  }
  const MHD_Result result = MHD_queue_response(connection, response.status, queued);
  MHD_destroy_response(queued);
  return result;
}

HttpResponse handle(const HttpRoute& route, const HttpRequest& request) {
  try {
    return route.handler(request);
  } catch (const std::exception& error) {
    log_error(fmt::format("{}: {}", route.path, error.what()));
    return {500, "text/plain; charset=utf-8", fmt::format("{}\n", error.what()), {}};
  }
}

HttpResponse method_not_allowed(std::string_view method, std::string_view path) {
  return {405,
          "text/plain; charset=utf-8",
          fmt::format("{} is not allowed for {}: use GET or HEAD\n", method, path),
          {{MHD_HTTP_HEADER_ALLOW, "GET, HEAD"}}};
}

HttpResponse too_many_requests() {
  return {503,
          "text/plain; charset=utf-8",
          "too many scrapes at the same time (see --web.max-requests)\n",
          {{MHD_HTTP_HEADER_RETRY_AFTER, "1"}}};
}

// A request and its response. Owned by libmicrohttpd's connection (its "con_cls").
struct Exchange {
  HttpRequest request;
  // Of a slow route: written by a thread of the pool while the connection is suspended.
  std::optional<HttpResponse> response;
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
  Impl(std::span<const std::string> addresses, std::vector<HttpRoute> routes, unsigned max_slow,
       HttpObserver observer)
      : routes_(std::move(routes)), observer_(std::move(observer)), pool_(max_slow) {
    // Opens all sockets first: if one of them cannot be opened, no request has been served on the
    // others.
    for (const auto& address : addresses) {
      const auto socket = listen_on(parse_listen_address(address));
      sockets_.push_back(socket.fd);
      addresses_.push_back(socket.address);
    }
    for (int& socket : sockets_) {
      daemons_.push_back(start_daemon(socket));
      socket = -1;  // owned by the daemon now
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

  bool stop(std::chrono::milliseconds timeout) {
    if (stopped_) return all_finished_;
    stopped_ = true;
    for (std::size_t i = 0; i < daemons_.size(); ++i) {
      sockets_[i] = MHD_quiesce_daemon(daemons_[i]);
      // New connections are refused. It is closed later: the daemon's thread may be about to use
      // it.
      shutdown(sockets_[i], SHUT_RDWR);
    }
    all_finished_ = pool_.stop(timeout);
    // A daemon must not be stopped while a connection is suspended.
    if (all_finished_) {
      for (auto* daemon : daemons_) MHD_stop_daemon(daemon);
    }
    return all_finished_;
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
      throw ListenError("the HTTP server cannot be started: out of memory or threads");
    return daemon;
  }

  // Called with the headers of a request, with each part of its body, and again after the
  // connection was resumed.
  static MHD_Result on_request(void* server, MHD_Connection* connection, const char* path,
                               const char* method, const char* /*version*/, const char* /*body*/,
                               std::size_t* body_size, void** state) {
    try {
      return static_cast<Impl*>(server)->handle_request(connection, path, method, body_size, state);
    } catch (const std::exception& error) {  // no exception may pass through the library
      log_error(fmt::format("http: {}", error.what()));
      return MHD_NO;
    }
  }

  MHD_Result handle_request(MHD_Connection* connection, const char* path, const char* method,
                            std::size_t* body_size, void** state) {
    auto* exchange = static_cast<Exchange*>(*state);
    if (exchange == nullptr) {
      *state = new Exchange{
          {pairs_of(connection, MHD_GET_ARGUMENT_KIND), pairs_of(connection, MHD_HEADER_KIND)},
          std::nullopt};
      return MHD_YES;
    }
    if (*body_size > 0) {  // request bodies are ignored
      *body_size = 0;
      return MHD_YES;
    }
    const auto route = std::ranges::find(routes_, std::string_view(path), &HttpRoute::path);
    const HttpRoute* const known = route == routes_.end() ? nullptr : &*route;
    if (exchange->response) return respond(connection, known, *exchange->response);
    if (known == nullptr) return respond(connection, known, not_found(path));
    if (std::string_view(method) != MHD_HTTP_METHOD_GET &&
        std::string_view(method) != MHD_HTTP_METHOD_HEAD)
      return respond(connection, known, method_not_allowed(method, path));
    if (!known->slow) return respond(connection, known, handle(*known, exchange->request));
    handle_in_pool(connection, *known, *exchange);
    return MHD_YES;
  }

  static void on_completed(void* /*unused*/, MHD_Connection* /*connection*/, void** state,
                           MHD_RequestTerminationCode /*code*/) {
    delete static_cast<Exchange*>(*state);
    *state = nullptr;
  }

  MHD_Result respond(MHD_Connection* connection, const HttpRoute* route,
                     const HttpResponse& response) const {
    if (observer_) observer_(route == nullptr ? "other" : route->path, response.status);
    return queue_response(connection, response);
  }

  // Resumes the connection once there is a response.
  void handle_in_pool(MHD_Connection* connection, const HttpRoute& route, Exchange& exchange) {
    MHD_suspend_connection(connection);
    const bool accepted = pool_.run([&exchange, &route, connection]() noexcept {
      exchange.response = handle(route, exchange.request);
      MHD_resume_connection(connection);
    });
    if (accepted) return;
    exchange.response = too_many_requests();
    MHD_resume_connection(connection);
  }

  HttpResponse not_found(std::string_view path) const {
    std::string known;
    for (const auto& route : routes_) known += " " + route.path;
    return {404,
            "text/plain; charset=utf-8",
            fmt::format("not found: {}; available:{}\n", path, known),
            {}};
  }

  std::vector<HttpRoute> routes_;
  HttpObserver observer_;
  std::vector<int> sockets_;  // -1: owned by a daemon
  std::vector<std::string> addresses_;
  std::vector<MHD_Daemon*> daemons_;
  RequestPool pool_;
  bool stopped_ = false;
  bool all_finished_ = true;
};

HttpServer::HttpServer(std::span<const std::string> addresses, std::vector<HttpRoute> routes,
                       unsigned max_slow, HttpObserver observer)
    : impl_(std::make_unique<Impl>(addresses, std::move(routes), max_slow, std::move(observer))) {}

HttpServer::~HttpServer() {
  // A thread that was left behind may still use it: in that case it is leaked.
  if (!impl_->stop(std::chrono::milliseconds(0))) static_cast<void>(impl_.release());
}

const std::vector<std::string>& HttpServer::addresses() const { return impl_->addresses(); }
bool HttpServer::stop(std::chrono::milliseconds timeout) { return impl_->stop(timeout); }

}  // namespace rig
