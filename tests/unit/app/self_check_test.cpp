#include "app/self_check.h"

#include <array>
#include <cstdio>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include "rig/metrics/instrumentation.h"
#include "support/catch.h"
#include "support/temporary_directory.h"
#include "web/http_client.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

constexpr auto kWatchdogTimeout = 3s;

// Blocks a thread until it is opened.
class Gate {
 public:
  void pass() {
    entered_.set_value();
    opened_.wait();
  }
  void wait_until_entered() { entered_.get_future().wait(); }
  void open() { open_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> open_;
  std::shared_future<void> opened_ = open_.get_future().share();
};

std::vector<HttpRoute> healthy_and(HttpRoute other) {
  return {{std::string(kHealthyPath),
           [](const HttpRequest&) {
             return HttpResponse{200, "text/plain", std::string(kHealthyBody), {}};
           }},
          std::move(other)};
}

HttpRoute nothing_else() {
  return {"/other", [](const HttpRequest&) { return HttpResponse{}; }};
}

// A server, a scheduler without collectors, and the check of both.
struct Checked {
  explicit Checked(const std::vector<std::string>& addresses = {"127.0.0.1:0"},
                   HttpRoute route = nothing_else(), std::span<const CollectorInfo> collectors = {})
      : scheduler(collectors, Config{}, std::make_shared<Instrumentation>()),
        server(addresses, healthy_and(std::move(route))) {}

  const std::string& at() const { return server.addresses().front(); }
  bool healthy_at_its_address() const { return check_own_health(at(), nullptr, 10s).healthy; }

  ScrapeScheduler scheduler;
  HttpServer server;
  std::function<Health()> check = self_check(server, scheduler, nullptr, kWatchdogTimeout);
};

Gate* hanging_collector_gate = nullptr;

class HangingCollector : public Collector {
 public:
  void collect(Samples& /*samples*/, Deadline /*deadline*/) override {
    hanging_collector_gate->pass();
  }
};

CollectorInfo hanging_collector() {
  return {.name = "hangs",
          .help = "",
          .metrics = {},
          .make = [](const RootPaths&, const Config&) -> std::unique_ptr<Collector> {
            return std::make_unique<HangingCollector>();
          }};
}

}  // namespace

TEST_CASE("An exporter that serves is healthy, at addresses of every kind") {
  const TemporaryDirectory directory;
  const auto unix_address = "unix:" + (directory.path() / "socket").string();
  for (const auto& addresses :
       std::vector<std::vector<std::string>>{{"127.0.0.1:0"},
                                             {":0"},
                                             {"[::]:0"},
                                             {"0.0.0.0:0"},
                                             {unix_address},
                                             {unix_address, "127.0.0.1:0"}}) {
    Checked checked(addresses);
    CAPTURE(checked.at());
    for (int i = 0; i < 3; ++i) CHECK(checked.check().healthy);
    CHECK(checked.healthy_at_its_address());
  }
}

TEST_CASE("An exporter whose requests are no longer handled is not healthy") {
  Gate gate;
  Checked checked({"127.0.0.1:0"}, {"/hangs", [&](const HttpRequest&) {
                                      gate.pass();  // in the thread of all connections
                                      return HttpResponse{};
                                    }});
  const HttpClient client(checked.at());
  client.send_text("GET /hangs HTTP/1.1\r\nHost: test\r\n\r\n");
  gate.wait_until_entered();
  const auto health = checked.check();
  CHECK_FALSE(health.healthy);
  CHECK_THAT(health.message, ContainsSubstring("its own connection"));
  gate.open();
  CHECK(checked.check().healthy);
}

TEST_CASE("An exporter whose server has stopped is not healthy") {
  Checked checked;
  CHECK(checked.server.stop(0ms));
  CHECK_FALSE(checked.check().healthy);
}

TEST_CASE("An exporter whose scrapes are no longer run is not healthy") {
  Checked checked;
  Gate gate;
  checked.scheduler.call([&] { gate.pass(); });
  gate.wait_until_entered();
  CHECK_THAT(checked.check().message, ContainsSubstring("scrapes"));
  gate.open();
  CHECK(checked.check().healthy);
}

TEST_CASE("A collector that hangs does not make the exporter unhealthy") {
  static auto& gate = *new Gate;  // the thread of the collector may outlive the test
  hanging_collector_gate = &gate;
  const std::array<CollectorInfo, 1> collectors{hanging_collector()};
  Checked checked({"127.0.0.1:0"}, nothing_else(), collectors);
  std::promise<void> ended;
  checked.scheduler.request({}, std::chrono::steady_clock::now() + 300ms,
                            [&](const auto&) { ended.set_value(); });
  gate.wait_until_entered();
  CHECK(checked.check().healthy);
  ended.get_future().wait();
  CHECK(checked.check().healthy);
  gate.open();
}

TEST_CASE("As many requests as are allowed do not make the exporter unhealthy") {
  std::mutex mutex;
  std::vector<HttpRespond> waiting;
  Checked checked(
      {"127.0.0.1:0"},
      {"/slow", HttpRoute::DeferredHandler([&](const HttpRequest&, const HttpRespond& respond) {
         const std::lock_guard lock(mutex);
         waiting.push_back(respond);
       })});
  std::vector<std::unique_ptr<HttpClient>> clients;
  while (checked.healthy_at_its_address()) {
    for (int i = 0; i < 64; ++i) {
      clients.push_back(std::make_unique<HttpClient>(checked.at()));
      clients.back()->send_text("GET /slow HTTP/1.1\r\nHost: test\r\n\r\n");
    }
    REQUIRE(clients.size() < 2048);
  }
  for (int i = 0; i < 3; ++i) CHECK(checked.check().healthy);
  CHECK_FALSE(checked.healthy_at_its_address());
  const std::lock_guard lock(mutex);
  for (const auto& respond : waiting) respond({});
}

TEST_CASE("An address that is gone does not make the exporter unhealthy") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "socket";
  Checked checked({"unix:" + path.string()});
  CHECK(std::remove(path.c_str()) == 0);
  CHECK_FALSE(checked.healthy_at_its_address());
  CHECK(checked.check().healthy);
}
