#include "web/http_daemon.h"

#include <fmt/format.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "rig/log/log.h"
#include "rig/web/health_check.h"
#include "web/client_network.h"
#include "web/http_request.h"
#include "web/response_headers.h"
#include "web/security/web_policy.h"

namespace rig {
namespace {

// More than a ConnectionTable allows: those that it has shut down are still open for a moment.
constexpr unsigned kMaxConnections = 4096;
// Of the head of a request: longer ones get 414 or 431.
constexpr std::size_t kConnectionMemory = 65536;

using HeaderPairs = std::vector<std::pair<std::string, std::string>>;

MHD_Result append_pair(void* pairs, MHD_ValueKind /*kind*/, const char* key, const char* value) {
  static_cast<HeaderPairs*>(pairs)->emplace_back(key, value == nullptr ? "" : value);
  return MHD_YES;
}

HeaderPairs headers_of(MHD_Connection* connection) {
  HeaderPairs pairs;
  MHD_get_connection_values(connection, MHD_HEADER_KIND, &append_pair, &pairs);
  return pairs;
}

int descriptor_of(MHD_Connection* connection) {
  const auto* const info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info == nullptr ? -1 : info->connect_fd;
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

const sockaddr* address_of(MHD_Connection* connection) {
  const auto* const info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info == nullptr ? nullptr : info->client_addr;
}

// Null without TLS.
gnutls_session_t session_of(MHD_Connection* connection) {
  const auto* const info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
  return info == nullptr ? nullptr : static_cast<gnutls_session_t>(info->tls_session);
}

MHD_Result queue_response(MHD_Connection* connection, const HttpResponse& response,
                          const WebPolicy* policy) {
  auto* const queued = MHD_create_response_from_buffer(
      response.body.size(), const_cast<char*>(response.body.data()), MHD_RESPMEM_MUST_COPY);
  if (queued == nullptr) return MHD_NO;
  MHD_add_response_header(queued, MHD_HTTP_HEADER_CONTENT_TYPE, response.content_type.c_str());
  for (const auto& [name, value] :
       response_headers(response, policy == nullptr ? nullptr : &policy->config))
    MHD_add_response_header(queued, name.c_str(), value.c_str());
  const MHD_Result result = MHD_queue_response(connection, response.status, queued);
  MHD_destroy_response(queued);
  return result;
}

HttpResponse only_healthy() {
  return {403,
          "text/plain; charset=utf-8",
          "the server's own certificate is accepted for its health check only\n",
          {{"Connection", "close"}}};
}

HttpResponse unsupported_target(std::string_view target) {
  return {400,
          "text/plain; charset=utf-8",
          fmt::format("unsupported request target: {}\n", target),
          {{"Connection", "close"}}};
}

}  // namespace

// A request and its response. Belongs to libmicrohttpd's connection (its "con_cls").
struct HttpDaemon::Exchange {
  std::string target;
  bool parsed = false;
  HttpRequest request;
  std::size_t body_bytes = 0;
  bool read_completely = false;
  // Of a slow route: written by another thread while the connection is suspended.
  std::optional<HttpResponse> response;
};

// The policy that a TLS session uses. Belongs to libmicrohttpd's connection (its "socket_context").
struct HttpDaemon::Handshake {
  std::shared_ptr<const WebPolicy> policy;
};

// What libmicrohttpd calls. No exception may pass through it.
struct HttpDaemon::Callbacks {
  // Called with the request line.
  static void* on_target(void* /*daemon*/, const char* target, MHD_Connection* /*connection*/) {
    try {
      auto exchange = std::make_unique<Exchange>();
      exchange->target = target;
      return exchange.release();
    } catch (const std::exception&) {
      return nullptr;
    }
  }

  // Called with the headers of a request, with each part of its body, at its end, and again after
  // the connection was resumed.
  static MHD_Result on_request(void* daemon, MHD_Connection* connection, const char* /*path*/,
                               const char* method, const char* version, const char* /*body*/,
                               std::size_t* body_size, void** state) {
    auto* const exchange = static_cast<Exchange*>(*state);
    if (exchange == nullptr) return MHD_NO;
    try {
      const Request request{*static_cast<HttpDaemon*>(daemon), connection, *exchange};
      if (!exchange->parsed) return request.parse(method, version);
      if (*body_size > 0) return request.ignore_body(*body_size);
      return request.handle();
    } catch (const std::exception& error) {
      log_error(fmt::format("http: {}", error.what()));
      return MHD_NO;
    }
  }

  static void on_completed(void* daemon, MHD_Connection* connection, void** state,
                           MHD_RequestTerminationCode /*code*/) {
    delete static_cast<Exchange*>(*state);
    *state = nullptr;
    static_cast<HttpDaemon*>(daemon)->connections_->response_complete(descriptor_of(connection));
  }

  static void on_connection(void* self, MHD_Connection* connection, void** context,
                            MHD_ConnectionNotificationCode code) {
    auto& daemon = *static_cast<HttpDaemon*>(self);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
      daemon.connections_->started(descriptor_of(connection));
      if (const auto session = session_of(connection)) *context = start_tls(daemon, session);
    } else {
      daemon.connections_->remove(descriptor_of(connection));
      if (*context == nullptr) return;
      if (const auto session = session_of(connection)) gnutls_credentials_clear(session);
      delete static_cast<Handshake*>(*context);
    }
  }

  // Returns null, so that the handshake fails for lack of a certificate, if memory runs out.
  static Handshake* start_tls(const HttpDaemon& daemon, gnutls_session_t session) {
    try {
      auto handshake = std::make_unique<Handshake>(Handshake{daemon.security_->policy()});
      handshake->policy->tls->set_up(session);
      return handshake.release();
    } catch (const std::exception&) {
      return nullptr;
    }
  }

  // The certificate before start_tls() has set ours. Never asked for otherwise.
  static int no_certificate(gnutls_session_t /*session*/, const gnutls_datum_t* /*names*/,
                            int /*name_count*/, const gnutls_pk_algorithm_t* /*algorithms*/,
                            int /*algorithm_count*/, gnutls_pcert_st** /*certificates*/,
                            unsigned* /*certificate_count*/, gnutls_privkey_t* /*key*/) {
    return -1;
  }

  // The steps of one request.
  struct Request {
    HttpDaemon& daemon;
    MHD_Connection* connection;
    Exchange& exchange;

    MHD_Result parse(const char* method, const char* version) const {
      exchange.parsed = true;
      exchange.request.method = method;
      exchange.request.headers = headers_of(connection);
      if (const auto* const address = address_of(connection))
        exchange.request.client = client_network(*address);
      if (const auto rejected = reject_request(version, exchange.target, exchange.request))
        return respond(*rejected);
      auto target = parse_request_target(exchange.target);
      if (!target) return respond(unsupported_target(exchange.target));
      exchange.request.path = std::move(target->path);
      exchange.request.query = std::move(target->query);
      return exchange.request.path != kHealthyPath && is_self() ? respond(only_healthy()) : MHD_YES;
    }

    // A client that was accepted for no other reason than that it has the server's own certificate.
    bool is_self() const {
      const auto* const info =
          MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
      if (info == nullptr || info->socket_context == nullptr) return false;
      return static_cast<Handshake*>(info->socket_context)
          ->policy->tls->is_self(session_of(connection));
    }

    MHD_Result ignore_body(std::size_t& size) const {
      exchange.body_bytes += size;
      size = 0;
      return exchange.body_bytes > kMaxBodyBytes ? MHD_NO : MHD_YES;
    }

    MHD_Result handle() const {
      if (exchange.response) return respond(*exchange.response);
      // A connection that is suspended at once is read when it is resumed, and closed if the client
      // has shut down its side. In the next round the library no longer wants to read.
      if (!std::exchange(exchange.read_completely, true)) return MHD_YES;
      daemon.connections_->request_complete(descriptor_of(connection));
      auto handled = daemon.handler_->handle(exchange.request);
      if (const auto* const response = std::get_if<HttpResponse>(&handled))
        return respond(*response);
      MHD_suspend_connection(connection);
      std::get<RequestHandler::Later>(handled)(
          [this_exchange = &exchange, connection = connection](HttpResponse response) {
            this_exchange->response = std::move(response);
            MHD_resume_connection(connection);
          });
      return MHD_YES;
    }

    MHD_Result respond(const HttpResponse& response) const {
      daemon.handler_->observe(exchange.request, response);
      daemon.connections_->response_begins(descriptor_of(connection));
      const auto policy = daemon.security_ ? daemon.security_->policy() : nullptr;
      return queue_response(connection, response, policy.get());
    }
  };
};

HttpDaemon::HttpDaemon(std::shared_ptr<RequestHandler> handler,
                       std::shared_ptr<ConnectionTable> connections,
                       std::shared_ptr<const WebSecurity> security)
    : handler_(std::move(handler)),
      connections_(std::move(connections)),
      security_(std::move(security)),
      daemon_(start()) {
  if (daemon_ == nullptr)
    throw ListenError("the HTTP server cannot be started: out of memory or threads");
}

MHD_Daemon* HttpDaemon::start() {
  const bool tls = security_ && security_->uses_tls();
  unsigned flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC |
                   MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
  if (tls) flags |= MHD_USE_TLS;
  const std::array<MHD_OptionItem, 2> tls_options{{
      {tls ? MHD_OPTION_HTTPS_CERT_CALLBACK : MHD_OPTION_END, 0,
       reinterpret_cast<void*>(&Callbacks::no_certificate)},
      {MHD_OPTION_END, 0, nullptr},
  }};
  return MHD_start_daemon(flags, 0, nullptr, nullptr, &Callbacks::on_request, this,       //
                          MHD_OPTION_EXTERNAL_LOGGER, &log_from_library, nullptr,         //
                          MHD_OPTION_URI_LOG_CALLBACK, &Callbacks::on_target, this,       //
                          MHD_OPTION_NOTIFY_COMPLETED, &Callbacks::on_completed, this,    //
                          MHD_OPTION_NOTIFY_CONNECTION, &Callbacks::on_connection, this,  //
                          MHD_OPTION_STRICT_FOR_CLIENT, 1,                                //
                          MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory,          //
                          MHD_OPTION_CONNECTION_LIMIT, kMaxConnections,                   //
                          MHD_OPTION_ARRAY, tls_options.data(), MHD_OPTION_END);
}

HttpDaemon::~HttpDaemon() { MHD_stop_daemon(daemon_); }

bool HttpDaemon::add(int fd, const sockaddr& client, socklen_t size) {
  return MHD_add_connection(daemon_, fd, &client, size) == MHD_YES;
}

}  // namespace rig
