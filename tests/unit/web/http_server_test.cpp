#include "rig/web/http_server.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "rig/web/health_check.h"
#include "support/catch.h"
#include "web/http_client.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

const std::array<std::string, 1> kAnyPort{"127.0.0.1:0"};

HttpResponse text(std::string body) { return {200, "text/plain", std::move(body), {}}; }

// Responds from a thread of its own.
HttpRoute::DeferredHandler deferred(HttpRoute::Handler handler) {
  return [handler = std::move(handler)](const HttpRequest& request, HttpRespond respond) {
    std::thread([handler, &request, respond] { respond(handler(request)); }).detach();
  };
}

std::vector<HttpRoute> simple_routes() {
  return {
      {"/quick", [](const HttpRequest&) { return text("quick"); }},
      {"/slow", deferred([](const HttpRequest&) { return text("slow"); })},
      {"/throws", [](const HttpRequest&) -> HttpResponse { throw std::runtime_error("it broke"); }},
      {"/throws-later", HttpRoute::DeferredHandler([](const HttpRequest&, const HttpRespond&) {
         throw std::runtime_error("it broke, too");
       })}};
}

}  // namespace

TEST_CASE("Paths are matched exactly, and a 404 lists the available ones") {
  const HttpServer server(kAnyPort, simple_routes());
  const auto& at = server.addresses().front();
  CHECK(body_of(get(at, "/quick")) == "quick");
  CHECK(body_of(get(at, "/slow")) == "slow");
  for (const char* wrong : {"/slowly", "//slow", "/slow/", "/SLOW", "/"}) {
    const auto answer = get(at, wrong);
    CHECK(status_of(answer) == 404);
    CHECK_THAT(body_of(answer), ContainsSubstring("/slow"));
  }
}

TEST_CASE("HEAD has the headers of GET and no body; other methods get 405") {
  const HttpServer server(kAnyPort, simple_routes());
  const auto& at = server.addresses().front();
  for (const char* path : {"/quick", "/slow"}) {
    const auto head = ask(at, "HEAD", path);
    CHECK(status_of(head) == 200);
    CHECK_THAT(
        head, ContainsSubstring("Content-Length: " + std::to_string(std::string(path).size() - 1)));
    CHECK(body_of(head).empty());
    const auto post = ask(at, "POST", path, "Content-Length: 0\r\n");
    CHECK(status_of(post) == 405);
    CHECK_THAT(post, ContainsSubstring("Allow: GET, HEAD"));
    CHECK(status_of(ask(at, "DELETE", path)) == 405);
  }
}

TEST_CASE("A request that is not HTTP gets 400") {
  const HttpServer server(kAnyPort, simple_routes());
  const HttpClient client(server.addresses().front());
  client.send_text("GET /quick HTTP/1.1\r\nHost test\r\n\r\n");
  CHECK(status_of(client.read_all()) == 400);
}

TEST_CASE("An exception in a handler becomes a 500 with its message") {
  const HttpServer server(kAnyPort, simple_routes());
  const auto& at = server.addresses().front();
  CHECK(status_of(get(at, "/throws")) == 500);
  CHECK(body_of(get(at, "/throws")) == "it broke\n");
  CHECK(status_of(get(at, "/throws-later")) == 500);
  CHECK(body_of(get(at, "/throws-later")) == "it broke, too\n");
}

TEST_CASE("Parameters are decoded and in order; header names are case-insensitive") {
  HttpRequest seen;
  const HttpServer server(kAnyPort, {{"/", [&](const HttpRequest& request) {
                                        seen = request;
                                        return text("");
                                      }}});
  get(server.addresses().front(), "/?collect%5B%5D=gpu&collect[]=r%20d&flag", "X-Thing: 7\r\n");
  CHECK(seen.method == "GET");
  CHECK(seen.path == "/");
  CHECK(seen.query == std::vector<std::pair<std::string, std::string>>{
                          {"collect[]", "gpu"}, {"collect[]", "r d"}, {"flag", ""}});
  CHECK(seen.header("x-THING") == "7");
  CHECK_FALSE(seen.header("x-other"));
}

TEST_CASE("A header that is a list may be in several lines") {
  HttpRequest seen;
  const HttpServer server(kAnyPort, {{"/", [&](const HttpRequest& request) {
                                        seen = request;
                                        return text("");
                                      }}});
  get(server.addresses().front(), "/", "Accept-Encoding: br\r\naccept-encoding: gzip\r\n");
  CHECK(seen.list_header("Accept-Encoding") == "br, gzip");
  CHECK(seen.list_header("Accept").empty());
}

TEST_CASE("A path or value that contains %00 is not truncated there") {
  std::string seen;
  const HttpServer server(kAnyPort, {{"/metrics", [&](const HttpRequest& request) {
                                        if (!request.query.empty())
                                          seen = request.query.front().second;
                                        return text("");
                                      }}});
  const auto& at = server.addresses().front();
  CHECK(status_of(get(at, "/metrics%00")) == 404);
  CHECK(status_of(get(at, "/metrics?collect[]=gpu%00")) == 200);
  CHECK(seen == "gpu%00");
}

TEST_CASE("Idle and half-sent connections do not delay other requests") {
  const HttpServer server(kAnyPort, simple_routes());
  const auto& at = server.addresses().front();
  std::vector<std::unique_ptr<HttpClient>> idle;
  for (int i = 0; i < 50; ++i) {
    idle.push_back(std::make_unique<HttpClient>(at));
    if (i % 2 == 0) idle.back()->send_text("GET /slow HTT");
  }
  CHECK(body_of(get(at, "/slow")) == "slow");
}

TEST_CASE("A client that disconnects during its request does not affect the server") {
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  std::atomic<int> inside = 0;
  const HttpServer server(kAnyPort, {{"/slow", deferred([&](const HttpRequest&) {
                                        ++inside;
                                        opened.wait();
                                        return text(std::string(1'000'000, 'x'));
                                      })}});
  const auto& at = server.addresses().front();
  {
    const HttpClient client(at);
    client.send_text("GET /slow HTTP/1.1\r\nHost: test\r\n\r\n");
    while (inside == 0) std::this_thread::sleep_for(1ms);
  }
  gate.set_value();
  CHECK(body_of(get(at, "/slow")).size() == 1'000'000);
}

TEST_CASE("Stopping does not wait for a handler that hangs") {
  auto gate = std::make_shared<std::promise<void>>();
  const auto opened = gate->get_future().share();
  auto inside = std::make_shared<std::atomic<int>>(0);
  HttpServer server(kAnyPort, {{"/slow", deferred([opened, inside](const HttpRequest&) {
                                  ++*inside;
                                  opened.wait();
                                  return text("late");
                                })}});
  const HttpClient client(server.addresses().front());
  client.send_text("GET /slow HTTP/1.1\r\nHost: test\r\n\r\n");
  while (*inside == 0) std::this_thread::sleep_for(1ms);
  CHECK_FALSE(server.stop(10ms));
  gate->set_value();
}

TEST_CASE("The error for a port in use contains what to do") {
  const HttpServer server(kAnyPort, simple_routes());
  const std::array taken{server.addresses().front()};
  try {
    const HttpServer second(taken, simple_routes());
    FAIL("two servers listen at one address");
  } catch (const ListenError& error) {
    CHECK_THAT(error.what(),
               ContainsSubstring("cannot listen on " + taken[0] + ": Address already in use"));
    CHECK_THAT(error.what(), ContainsSubstring("--web.listen-address"));
  }
}

TEST_CASE("Without a host the server listens on every address") {
  const std::array any{std::string(":0")};
  const HttpServer server(any, simple_routes());
  CHECK(body_of(get(server.addresses().front(), "/quick")) == "quick");  // over IPv4
}

TEST_CASE("Several addresses are served at once") {
  const std::array two{std::string("127.0.0.1:0"), std::string("127.0.0.1:0")};
  const HttpServer server(two, simple_routes());
  REQUIRE(server.addresses().size() == 2);
  for (const auto& address : server.addresses()) CHECK(body_of(get(address, "/quick")) == "quick");
}

TEST_CASE("The health check accepts a healthy exporter and explains every failure") {
  std::string address;
  {
    const HttpServer server(kAnyPort,
                            {{"/-/healthy", [](const HttpRequest&) { return text("healthy\n"); }}});
    address = server.addresses().front();
    CHECK(check_health(address).healthy);
    CHECK(check_health(address.substr(address.rfind(':'))).healthy);
  }
  const auto gone = check_health(address);
  CHECK_FALSE(gone.healthy);
  CHECK_THAT(gone.message, ContainsSubstring("Connection refused"));

  const HttpServer other(kAnyPort, simple_routes());
  CHECK_THAT(check_health(other.addresses().front()).message, ContainsSubstring("404"));
}

TEST_CASE("The health check accepts a healthy exporter whose response has long headers") {
  const HttpServer server(kAnyPort, {{std::string(kHealthyPath), [](const HttpRequest&) {
                                        return HttpResponse{200,
                                                            "text/plain",
                                                            std::string(kHealthyBody),
                                                            {{"X-Long", std::string(9000, 'x')}}};
                                      }}});
  CHECK(check_health(server.addresses().front()).healthy);
}

TEST_CASE("A server handles a connection that it is given by its own program") {
  HttpServer server(kAnyPort, {{std::string(kHealthyPath), [](const HttpRequest& request) {
                                  CHECK(request.client.empty());
                                  return text(std::string(kHealthyBody));
                                }}});
  // One that is not used, and one that is given up, are no obstacle.
  const auto unused = server.connect();
  server.connect();
  for (int i = 0; i < 3; ++i) CHECK(check_own_health(server.connect(), nullptr, 5s).healthy);
  CHECK(server.stop(0ms));
  CHECK_FALSE(check_own_health(server.connect(), nullptr, 5s).healthy);
}

TEST_CASE("Another program with a /-/healthy is not a healthy exporter") {
  const HttpServer prometheus(
      kAnyPort,
      {{"/-/healthy", [](const HttpRequest&) { return text("Prometheus Server is Healthy.\n"); }}});
  const auto& at = prometheus.addresses().front();
  const auto health = check_health(at);
  CHECK_FALSE(health.healthy);
  CHECK(health.message == "another program responds on " + at + ": \"HTTP/1.1 200 OK\"");
}

TEST_CASE("An address can be checked without listening on it") {
  std::string address;
  {
    const HttpServer server(kAnyPort, simple_routes());
    address = server.addresses().front();
    try {
      check_listen_address(address);
      FAIL("an address that is taken is called free");
    } catch (const ListenError& error) {
      CHECK(error.error_number() == EADDRINUSE);
    }
    // The server that uses the address is not affected.
    CHECK(body_of(get(address, "/quick")) == "quick");
  }
  CHECK_NOTHROW(check_listen_address(address));
  CHECK_THROWS_AS(HttpClient(address), std::runtime_error);
  CHECK_THROWS_AS(check_listen_address("192.0.2.1:0"), ListenError);
  CHECK_THROWS_AS(check_listen_address("no.such.host.invalid:0"), ListenError);
}
