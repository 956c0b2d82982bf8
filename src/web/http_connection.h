// A connection of a client: reads its requests, has them handled, and sends the responses, one
// after the other. Never blocks; used by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rig/kernel/unique_fd.h"
#include "rig/web/web_security.h"
#include "web/client_stream.h"
#include "web/connection_table.h"
#include "web/request_handler.h"
#include "web/request_parser.h"

namespace rig {

class HttpConnection {
 public:
  struct Server {
    std::shared_ptr<RequestHandler> handler;
    std::shared_ptr<ConnectionTable> connections;
    std::shared_ptr<const WebSecurity> security;  // null: no TLS, and our own headers only
  };

  // Takes over a non-blocking socket that is in the table or counts towards no limit. `client`
  // identifies the client as client_network() does. `respond_later` may be called by any thread,
  // and has to lead to a call of on_response(). `server` has to exist as long as the connection.
  // Throws std::exception if memory runs out.
  HttpConnection(const Server& server, UniqueFd socket, std::string client,
                 HttpRespond respond_later);
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;
  // Closes it.
  ~HttpConnection();

  int fd() const { return stream_.fd(); }

  // Those of epoll_ctl(2) that on_events() waits for. 0: only for errors.
  std::uint32_t awaited_events() const;
  void on_events(std::uint32_t events);
  void on_response(HttpResponse response);
  // Whether it can go on without any event: it does a limited amount of work at once, so that a
  // client that sends request after request does not keep others waiting.
  bool can_go_on() const { return can_go_on_; }
  void go_on();

  bool is_closed() const { return state_ == State::closed; }
  // Whether a request has not got all of its response, or the first one is about to arrive: a
  // client that has just connected could not tell that nobody has read it.
  bool owes_response() const {
    return state_ == State::waiting || state_ == State::sending ||
           (!has_responded_ && (state_ == State::handshake || state_ == State::reading));
  }

 private:
  enum class State {
    handshake,
    reading,
    waiting,  // for the response, which another thread makes
    sending,
    closing,  // all is sent; what the client still sends is dropped
    closed
  };

  // One step. Returns whether another one may be possible at once.
  bool advance();
  bool handshake();
  bool read_request();
  bool send_output();
  bool drop_input();

  void on_head();
  std::optional<HttpResponse> check_head();
  void on_request();
  void respond(HttpResponse response, bool keep_alive);
  void on_sent();
  void close_after_client();
  // Takes over from a status which event to wait for, or that the connection has ended. Returns
  // whether there is an event to wait for.
  bool awaits(ClientStream::Status status);
  bool has_part_of_request() const;
  void log_closed_by_client(std::string_view when) const;

  const Server& server_;
  const std::string client_;
  const HttpRespond respond_later_;
  ClientStream stream_;
  State state_ = State::handshake;
  bool awaits_output_ = false;
  bool can_go_on_ = false;

  RequestParser parser_;
  std::string received_;  // not parsed yet
  // Null until its head is complete. Shared with the function that makes a response later.
  std::shared_ptr<HttpRequest> request_;

  std::string head_;
  HttpBody body_;
  std::size_t sent_ = 0;
  bool has_responded_ = false;
  enum class Next { read_body, read_request, close } next_ = Next::read_request;  // once it is sent
};

}  // namespace rig
