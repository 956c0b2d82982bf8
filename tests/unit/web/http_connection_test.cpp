#include "web/http_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

// A connection to a server that responds to /now at once with `body`, and to /later once
// `respond_later` is called.
class Client {
 public:
  Client() : server_{make_handler(), std::make_shared<ConnectionTable>(limits()), nullptr} {
    std::array<int, 2> ends{};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
    socket_ = UniqueFd(ends[0]);
    REQUIRE(server_.connections->add(ends[1], "client") == ConnectionTable::Added::yes);
    connection_.emplace(server_, UniqueFd(ends[1]), "client", [this](HttpResponse response) {
      responses.push_back(std::move(response));
    });
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(const std::string& bytes) {
    REQUIRE(::send(socket_.get(), bytes.data(), bytes.size(), 0) ==
            static_cast<ssize_t>(bytes.size()));
    connection_->on_events(EPOLLIN);
  }
  std::string receive() {
    std::string received;
    std::array<char, 65536> bytes{};
    ssize_t count = 0;
    while ((count = recv(socket_.get(), bytes.data(), bytes.size(), 0)) > 0)
      received.append(bytes.data(), static_cast<std::size_t>(count));
    has_ended = count == 0;
    return received;
  }
  void leave() {
    socket_.reset();
    connection_->on_events(EPOLLIN | EPOLLHUP);
  }
  HttpConnection& connection() { return *connection_; }
  ConnectionTable& table() { return *server_.connections; }
  void drop_connection() { connection_.reset(); }

  std::string body = "hello\n";
  std::vector<HttpResponse> responses;  // that were passed on
  HttpRespond respond_later;
  std::vector<std::pair<std::string, unsigned>> observed;
  bool has_ended = false;

 private:
  static ConnectionTable::Limits limits() {
    ConnectionTable::Limits limits;
    limits.closing = 3s;
    return limits;
  }

  std::shared_ptr<RequestHandler> make_handler() {
    return std::make_shared<RequestHandler>(
        std::vector<HttpRoute>{
            {"/now",
             [this](const HttpRequest&) {
               return HttpResponse{200, "text/plain", body, {}};
             }},
            {"/later", HttpRoute::DeferredHandler([this](const HttpRequest&, HttpRespond respond) {
               respond_later = std::move(respond);
             })}},
        [this](std::string_view handler, unsigned code) { observed.emplace_back(handler, code); });
  }

  HttpConnection::Server server_;
  UniqueFd socket_;
  std::optional<HttpConnection> connection_;
};

std::string request_for(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

}  // namespace

TEST_CASE("Requests are answered one after the other, and the connection stays open") {
  Client client;
  client.send(request_for("/now") + request_for("/missing") + request_for("/now").substr(0, 10));
  const auto received = client.receive();
  CHECK_THAT(received, StartsWith("HTTP/1.1 200 OK\r\n") && ContainsSubstring("\r\n\r\nhello\n") &&
                           ContainsSubstring("HTTP/1.1 404 Not Found\r\n"));
  client.send(request_for("/now").substr(10));
  CHECK_THAT(client.receive(), StartsWith("HTTP/1.1 200 OK\r\n"));
  CHECK_FALSE(client.connection().is_closed());
  CHECK(client.observed == std::vector<std::pair<std::string, unsigned>>{
                               {"/now", 200}, {"other", 404}, {"/now", 200}});
}

TEST_CASE("A server that stops waits for the first request of a connection, not for another one") {
  Client client;
  CHECK(client.connection().owes_response());
  client.send(request_for("/now").substr(0, 10));
  CHECK(client.connection().owes_response());
  client.send(request_for("/now").substr(10));
  CHECK_FALSE(client.connection().owes_response());
  client.send(request_for("/now").substr(0, 10));
  CHECK_FALSE(client.connection().owes_response());
}

TEST_CASE("While a response is made, the connection waits for nothing, and then goes on") {
  Client client;
  client.send(request_for("/later") + request_for("/now"));
  CHECK(client.connection().awaited_events() == 0);
  CHECK(client.connection().owes_response());
  client.respond_later({200, "text/plain", "late\n", {}});
  REQUIRE(client.responses.size() == 1);
  CHECK(client.receive().empty());
  client.connection().on_response(client.responses[0]);
  const auto received = client.receive();
  CHECK(received.find("late\n") < received.find("hello\n"));
  CHECK(client.connection().awaited_events() == EPOLLIN);
  CHECK_FALSE(client.connection().owes_response());
}

TEST_CASE("A client that leaves while its response is made is not waited for") {
  Client client;
  client.send(request_for("/later"));
  client.leave();
  CHECK(client.connection().is_closed());
  client.respond_later({});
  client.connection().on_response({});  // has no effect
  CHECK(client.connection().is_closed());
}

TEST_CASE("The request exists until its response was passed on, even if the connection is closed") {
  Client client;
  client.send(request_for("/later"));
  client.drop_connection();
  client.respond_later({});
  CHECK(client.responses.size() == 1);
}

TEST_CASE("A response that the client does not read is sent as far as possible") {
  Client client;
  client.body = std::string(4'000'000, 'x');
  client.send(request_for("/now"));
  CHECK(client.connection().awaited_events() == EPOLLOUT);
  CHECK(client.connection().owes_response());
  std::string received;
  while (client.connection().awaited_events() == EPOLLOUT) {
    received += client.receive();
    client.connection().on_events(EPOLLOUT);
  }
  received += client.receive();
  CHECK(received.ends_with("\r\n\r\n" + client.body));
  CHECK(client.connection().awaited_events() == EPOLLIN);
}

TEST_CASE("After the last response, the connection ends once the client has left") {
  Client client;
  client.send("GET /now HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n\r\n");
  CHECK_THAT(client.receive(), ContainsSubstring("Connection: close\r\n\r\nhello\n"));
  CHECK(client.has_ended);
  CHECK_FALSE(client.connection().is_closed());
  client.leave();
  CHECK(client.connection().is_closed());
  client.drop_connection();
  CHECK(client.table().size() == 0);
}

TEST_CASE("A client that sends request after request is served in turns") {
  Client client;
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += request_for("/now");
  client.send(requests);
  CHECK(client.observed.size() < 10);
  int turns = 1;
  while (client.connection().can_go_on()) {
    client.connection().go_on();
    ++turns;
  }
  CHECK(turns > 10);
  CHECK(client.observed.size() == 100);
}

TEST_CASE("After a malformed request, what the client still sends is dropped until it leaves") {
  Client client;
  client.send("GET / HTTP/9.9\r\n\r\n");
  CHECK_THAT(client.receive(), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(client.has_ended);
  client.send(request_for("/now"));
  CHECK(client.receive().empty());
  CHECK_FALSE(client.connection().is_closed());
  CHECK(client.observed == std::vector<std::pair<std::string, unsigned>>{{"other", 400}});
  client.leave();
  CHECK(client.connection().is_closed());
}

TEST_CASE("A client that does not leave after the last response is cut off") {
  Client client;
  client.send("GET / HTTP/9.9\r\n\r\n");
  const auto now = ConnectionTable::Clock::now();
  CHECK(client.table().close_overdue(now) <= 3s);
  client.table().close_overdue(now + 4s);
  client.connection().on_events(EPOLLIN | EPOLLHUP);
  CHECK(client.connection().is_closed());
}

TEST_CASE("The response to a malformed HEAD has no body") {
  Client client;
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n");
  CHECK_THAT(client.receive(), StartsWith("HTTP/1.1 400 ") && EndsWith("\r\n\r\n"));
}

TEST_CASE("A client without a body is not told to go on, but gets its response") {
  for (const char* header : {"", "Content-Length: 0\r\n"}) {
    Client client;
    client.send(std::string("GET /now HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n") + header +
                "\r\n");
    CHECK_THAT(client.receive(), StartsWith("HTTP/1.1 200 OK\r\n"));
  }
}

TEST_CASE("A client that waits to send its body is told to go on, once") {
  Client client;
  client.send("POST /now HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(client.receive() == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("x");
  CHECK(client.receive().empty());
  client.send("y");
  CHECK_THAT(client.receive(), StartsWith("HTTP/1.1 405 "));
}
