#include "web/http_connection.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <utility>
#include <variant>

#include "rig/log/log.h"
#include "rig/web/health_check.h"
#include "web/http_request.h"
#include "web/response_head.h"

namespace rig {
namespace {

using Status = ClientStream::Status;

// About four requests.
constexpr int kStepsAtOnce = 16;

constexpr const char* kText = "text/plain; charset=utf-8";

HttpResponse only_healthy() {
  return {403, kText, "the server's own certificate is accepted for its health check only\n", {}};
}

HttpResponse unsupported_target(std::string_view target) {
  return {400, kText, fmt::format("unsupported request target: {}\n", target), {}};
}

HttpResponse only_https() { return {400, kText, "this address serves HTTPS, not HTTP\n", {}}; }

std::shared_ptr<const WebPolicy> policy_of(const HttpConnection::Server& server) {
  return server.security ? server.security->policy() : nullptr;
}

std::shared_ptr<const WebPolicy> tls_policy_of(const HttpConnection::Server& server) {
  return server.security && server.security->uses_tls() ? server.security->policy() : nullptr;
}

}  // namespace

HttpConnection::HttpConnection(const Server& server, UniqueFd socket, std::string client,
                               HttpRespond respond_later)
    : server_(server),
      client_(std::move(client)),
      respond_later_(std::move(respond_later)),
      stream_(std::move(socket), tls_policy_of(server_)) {
  server_.connections->started(fd());
}

HttpConnection::~HttpConnection() { server_.connections->remove(fd()); }

std::uint32_t HttpConnection::awaited_events() const {
  if (state_ == State::waiting) return 0;
  return awaits_output_ ? EPOLLOUT : EPOLLIN;
}

void HttpConnection::on_events(std::uint32_t events) {
  // It would be reported again and again.
  if (state_ == State::waiting && (events & (EPOLLERR | EPOLLHUP)) != 0) {
    log_closed_by_client("before the response");
    state_ = State::closed;
  }
  go_on();
}

void HttpConnection::on_response(HttpResponse response) {
  if (state_ != State::waiting) return;
  respond(std::move(response), parser_.keep_alive());
  go_on();
}

void HttpConnection::go_on() {
  can_go_on_ = true;
  for (int i = 0; i < kStepsAtOnce && can_go_on_; ++i) can_go_on_ = advance();
}

bool HttpConnection::advance() {
  switch (state_) {
    case State::handshake:
      return handshake();
    case State::reading:
      return read_request();
    case State::sending:
      return send_output();
    case State::closing:
      return drop_input();
    case State::waiting:
    case State::closed:
      return false;
  }
  return false;
}

bool HttpConnection::awaits(Status status) {
  awaits_output_ = status == Status::wants_to_write;
  if (status == Status::ended) state_ = State::closed;
  return status == Status::wants_to_read || status == Status::wants_to_write;
}

bool HttpConnection::handshake() {
  const auto status = stream_.handshake();
  if (status == Status::done) {
    state_ = State::reading;
  } else if (status == Status::plain_text) {
    respond(only_https(), false);
  } else if (status == Status::ended) {  // the client may still have to read an alert
    close_after_client();
  } else {
    return !awaits(status);
  }
  return true;
}

bool HttpConnection::read_request() {
  switch (parser_.parse(received_)) {
    case RequestParser::Progress::head:
      on_head();
      return true;
    case RequestParser::Progress::complete:
      on_request();
      return true;
    case RequestParser::Progress::malformed:
      respond(parser_.rejection(), false);
      return true;
    case RequestParser::Progress::incomplete:
      break;
  }
  const auto status = stream_.read(received_);
  if (status == Status::done) return true;
  if (status == Status::ended) {
    if (has_part_of_request()) log_closed_by_client("within a request");
    stream_.end_output();
  }
  awaits(status);
  return false;
}

bool HttpConnection::has_part_of_request() const {
  return request_ || !received_.empty() || !parser_.method().empty();
}

void HttpConnection::log_closed_by_client(std::string_view when) const {
  log_debug(fmt::format("http: {} closed the connection {}", client_.empty() ? "a client" : client_,
                        when));
}

void HttpConnection::on_head() {
  request_ = std::make_shared<HttpRequest>(parser_.take_request());
  request_->client = client_;
  if (auto rejection = check_head()) {
    respond(*std::move(rejection), false);
  } else if (received_.empty() && parser_.expects_continue()) {
    head_ = "HTTP/1.1 100 Continue\r\n\r\n";
    next_ = Next::read_body;
    state_ = State::sending;
  }
}

std::optional<HttpResponse> HttpConnection::check_head() {
  if (auto rejection = reject_request(parser_.version(), parser_.target(), *request_))
    return rejection;
  auto target = parse_request_target(parser_.target());
  if (!target) return unsupported_target(parser_.target());
  request_->path = std::move(target->path);
  request_->query = std::move(target->query);
  if (request_->path != kHealthyPath && stream_.is_self()) return only_healthy();
  return std::nullopt;
}

void HttpConnection::on_request() {
  server_.connections->request_complete(fd());
  auto handled = server_.handler->handle(*request_);
  if (auto* const response = std::get_if<HttpResponse>(&handled)) {
    respond(std::move(*response), parser_.keep_alive());
    return;
  }
  state_ = State::waiting;
  std::get<RequestHandler::Later>(handled)(
      [request = request_, later = respond_later_](HttpResponse response) {
        later(std::move(response));
      });
}

void HttpConnection::respond(HttpResponse response, bool keep_alive) {
  const HttpRequest unknown{};
  server_.handler->observe(request_ ? *request_ : unknown, response);
  server_.connections->response_begins(fd());
  const auto policy = policy_of(server_);
  const bool close = !keep_alive || closes(response);
  auto persistence = Persistence::close;
  if (!close)
    persistence = parser_.version() == "HTTP/1.1" ? Persistence::keep_alive
                                                  : Persistence::explicit_keep_alive;
  head_ = response_head(response, policy ? &policy->config : nullptr, persistence);
  const auto method = request_ ? request_->method : parser_.method();
  const bool omits_body = method == "HEAD" || !has_body(response.status);
  body_ = omits_body ? HttpBody() : std::move(response.body);
  next_ = close ? Next::close : Next::read_request;
  state_ = State::sending;
}

bool HttpConnection::send_output() {
  const auto status = stream_.write(head_, body_.text(), sent_);
  if (status != Status::done) {
    if (status == Status::ended) log_closed_by_client("within the response");
    awaits(status);
    return false;
  }
  awaits_output_ = false;
  on_sent();
  return state_ != State::reading || !received_.empty() || stream_.has_buffered_input();
}

void HttpConnection::on_sent() {
  head_ = std::string();  // unlike clear(), this frees the memory
  body_ = HttpBody();
  sent_ = 0;
  state_ = State::reading;
  if (next_ == Next::read_body) return;
  has_responded_ = true;
  if (next_ == Next::close) {
    stream_.end_output();
    close_after_client();
    return;
  }
  server_.connections->response_complete(fd());
  parser_.reset();
  request_.reset();
}

void HttpConnection::close_after_client() {
  server_.connections->closing_begins(fd());
  state_ = State::closing;
  awaits_output_ = false;
}

bool HttpConnection::drop_input() {
  awaits(stream_.discard());
  return false;
}

}  // namespace rig
