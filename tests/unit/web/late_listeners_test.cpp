#include "web/late_listeners.h"

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "rig/web/http_server.h"
#include "support/catch.h"
#include "web/http_client.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

// Reserved for documentation (RFC 5737, RFC 3849): no machine has them.
const std::array kForeignAddresses{std::string("192.0.2.1:0"), std::string("[2001:db8::1]:0")};
const std::string kWithoutInterface = "[fe80::1%no-such-if]:0";

std::vector<HttpRoute> one_route() {
  return {{"/x", [](const HttpRequest&) { return HttpResponse{200, "text/plain", "x", {}}; }}};
}

bool kernel_has_ipv6() {
  const bool has = UniqueFd(socket(AF_INET6, SOCK_STREAM, 0)).is_open();
  if (!has) WARN("not tested: this kernel has no IPv6");
  return has;
}

template <typename Condition>
bool within_seconds(Condition condition) {
  for (int i = 0; i < 200; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(50ms);
  }
  return false;
}

}  // namespace

TEST_CASE("A server whose only address does not exist runs and can be stopped") {
  for (const auto& address : kForeignAddresses) {
    CAPTURE(address);
    if (address.starts_with('[') && !kernel_has_ipv6()) continue;
    HttpServer server(std::array{address}, one_route());
    CHECK(server.addresses().size() == 1);
    CHECK(server.stop(100ms));
  }
  HttpServer server(std::array{kWithoutInterface}, one_route());
  CHECK(server.addresses().empty());
  CHECK(server.stop(100ms));
}

TEST_CASE("Other addresses are served while one does not exist") {
  const std::array addresses{kForeignAddresses[0], kWithoutInterface, std::string("127.0.0.1:0")};
  const HttpServer server(addresses, one_route());
  REQUIRE(server.addresses().size() == 2);
  CHECK(body_of(get(server.addresses()[1], "/x")) == "x");
}

TEST_CASE("An address that is in use ends the start, even if another one does not exist yet") {
  const HttpServer taken(std::array{std::string("127.0.0.1:0")}, one_route());
  const std::array addresses{kForeignAddresses[0], kWithoutInterface, taken.addresses().front()};
  CHECK_THROWS_AS(HttpServer(addresses, one_route()), ListenError);
}

TEST_CASE("A link-local address without its interface ends the start and says what is missing") {
  if (!kernel_has_ipv6()) return;
  for (const auto* text : {"[fe80::1]:0", "[2001:db8::1%no-such-if]:0"}) {
    CAPTURE(text);
    try {
      listen_on(parse_listen_address(text));
      FAIL("listening");
    } catch (const NotYetKnown&) {
      FAIL("it is waited for");
    } catch (const ListenError& error) {
      if (error.error_number() != 0)
        CHECK_THAT(error.what(), ContainsSubstring("needs its network interface"));
    }
  }
}

TEST_CASE("An address that could not be listened on is tried again until it can be") {
  // Nothing but its first attempt tells this address from one that was unknown.
  std::promise<std::pair<std::string, std::string>> listening;
  LateListeners late({{{"127.0.0.1", 0}}}, 1s, [&](const std::string& text, UniqueFd socket) {
    listening.set_value({text, bound_address(socket.get())});
  });
  CHECK(late.waiting_for() == std::vector<std::string>{"127.0.0.1:0"});
  auto bound = listening.get_future();
  REQUIRE(bound.wait_for(10s) == std::future_status::ready);
  const auto [configured, actual] = bound.get();
  CHECK(configured == "127.0.0.1:0");
  CHECK(actual.starts_with("127.0.0.1:"));
  CHECK(within_seconds([&] { return late.waiting_for().empty(); }));
}

TEST_CASE("An address that is in use when it appears is tried again") {
  auto taken = std::make_unique<HttpServer>(std::array{std::string("127.0.0.1:0")}, one_route());
  const auto address = parse_listen_address(taken->addresses().front());
  std::promise<std::string> listening;
  LateListeners late({{address}}, 10ms, [&](const std::string&, UniqueFd socket) {
    listening.set_value(bound_address(socket.get()));
  });
  std::this_thread::sleep_for(100ms);
  CHECK(late.waiting_for().size() == 1);
  taken.reset();
  auto bound = listening.get_future();
  REQUIRE(bound.wait_for(10s) == std::future_status::ready);
  CHECK(bound.get() == to_string(address));
}

TEST_CASE("A socket that cannot be taken over is opened again") {
  int calls = 0;
  std::promise<void> taken_over;
  LateListeners late({{{"127.0.0.1", 0}}}, 10ms, [&](const std::string&, const UniqueFd&) {
    if (++calls == 1) throw std::runtime_error("no thread");
    taken_over.set_value();
  });
  CHECK(taken_over.get_future().wait_for(10s) == std::future_status::ready);
}

TEST_CASE("An address that the machine has is not waited for") {
  CHECK(machine_has({"127.0.0.1", 1}));
  CHECK_FALSE(machine_has({"192.0.2.1", 1}));
  CHECK_FALSE(machine_has({"fe80::1%no-such-if", 1}));
  CHECK_FALSE(machine_has({"no.such.host.invalid", 1}));
  LateListeners late({{{"127.0.0.1", 1}, true, true}}, 10ms, [](const std::string&, UniqueFd) {});
  CHECK(within_seconds([&] { return late.waiting_for().empty(); }));
}

TEST_CASE("Only addresses that do not exist or may go with their interface are looked after") {
  CHECK_FALSE(LateListeners::concerns({{"127.0.0.1", 1}, true, false}));
  CHECK(LateListeners::concerns({{"192.0.2.1", 1}, true, true}));
  CHECK(LateListeners::concerns({{"rig.lan", 1}}));
  CHECK(LateListeners::concerns({{"fe80::1%eth0", 1}, true, false, 7}));
  CHECK_FALSE(LateListeners::concerns({{"fe80::1%7", 1}, true, false, 7}));
  CHECK(find_zone({"fe80::1%lo", 1}).value_or(0) > 0);
  CHECK(find_zone({"fe80::1%no-such-if", 1}) == 0U);
  CHECK_FALSE(find_zone({"2001:db8::1%lo", 1}));
}
