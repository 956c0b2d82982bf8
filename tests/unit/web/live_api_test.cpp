#include "rig/web/live_api.h"

#include <array>
#include <chrono>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "rig/live/history_recorder.h"
#include "rig/web/exporter_pages.h"
#include "scrape/test_collector.h"
#include "support/catch.h"
#include "support/temporary_directory.h"
#include "web/http_client.h"

using namespace rig;
using namespace std::chrono_literals;
using Json = nlohmann::json;

namespace {

constexpr auto kAvailable =
    gauge("rig_memory_available_bytes", Unit::bytes, "A metric that the history contains.");

std::unique_ptr<Collector> make_level(const RootPaths&, const Config&) {
  return std::make_unique<TestCollector>([](Samples& samples, Deadline) {
    samples.add(kTestValue, 0.1, "a \"b\"");
    samples.add(kAvailable, 4096);
  });
}
std::unique_ptr<Collector> make_failing(const RootPaths&, const Config&) {
  return std::make_unique<TestCollector>([](Samples& samples, Deadline) {
    samples.add_problem({Reason::permission_denied, "/sys/x", "Permission denied"});
  });
}
std::promise<void> live_gate;
std::unique_ptr<Collector> make_hanging(const RootPaths&, const Config&) {
  return std::make_unique<TestCollector>(
      [opened = live_gate.get_future().share()](Samples&, Deadline) { opened.wait(); });
}

constexpr std::array<const MetricInfo*, 2> kLiveMetrics{&kTestValue, &kAvailable};
const std::array<CollectorInfo, 2> kLiveCollectors{
    {{"level", "", kLiveMetrics, &make_level}, {"failing", "", kLiveMetrics, &make_failing}}};

std::vector<LiveFinding> find_one(const ScrapeResult& scrape) {
  return {{"problem", "RAID", std::to_string(scrape.collectors.size()), "see \"dmesg\""}};
}

std::vector<HttpRoute> all_routes(ScrapeScheduler& scheduler, const Config& config,
                                  const std::shared_ptr<History>& history) {
  auto routes = exporter_routes(scheduler, config);
  std::ranges::move(live_routes(scheduler, config, history, &find_one), std::back_inserter(routes));
  return routes;
}

struct LiveExporter {
  explicit LiveExporter(std::span<const CollectorInfo> collectors = kLiveCollectors)
      : scheduler(collectors, config, std::make_shared<Instrumentation>(),
                  make_history_recorder(history)) {}

  Json live() const { return Json::parse(body_of(get(at(), "/api/v1/live"))); }
  const std::string& at() const { return server.addresses().front(); }

  Config config;
  std::shared_ptr<History> history = std::make_shared<History>();
  ScrapeScheduler scheduler;
  HttpServer server{std::array{std::string("127.0.0.1:0")}, all_routes(scheduler, config, history)};
};

double unix_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

}  // namespace

TEST_CASE("/api/v1/live has the samples of all families and the problems of the collectors") {
  const LiveExporter exporter;
  const auto live = exporter.live();
  CHECK(live["time"].get<double>() == Approx(unix_now()).margin(5));
  CHECK(live["families"]["rig_test_value"] == Json::parse(R"([[{"device": "a \"b\""}, 0.1]])"));
  CHECK(live["families"]["rig_collector_success"] ==
        Json::parse(R"([[{"collector": "failing"}, 0], [{"collector": "level"}, 1]])"));
  CHECK(live["families"].contains("rig_exporter_build_info"));
  CHECK(live["problems"] ==
        Json::parse(R"([{"collector": "failing", "text": "/sys/x: Permission denied"}])"));
  CHECK(live["exporter"]["telemetry_path"] == "/metrics");
  CHECK(live["exporter"]["started"] == live["families"]["process_start_time_seconds"][0][1]);
  CHECK_FALSE(live["exporter"]["hostname"].get<std::string>().empty());
}

TEST_CASE("A collector that timed out is a problem, and the response has the others") {
  const std::array<CollectorInfo, 2> collectors{
      {{"level", "", kLiveMetrics, &make_level}, {"hanging", "", kLiveMetrics, &make_hanging}}};
  {
    const LiveExporter exporter(collectors);
    const auto live = Json::parse(body_of(
        get(exporter.at(), "/api/v1/live", "X-Prometheus-Scrape-Timeout-Seconds: 0.3\r\n")));
    CHECK(live["families"].contains("rig_test_value"));
    REQUIRE(live["problems"].size() == 1);
    CHECK(live["problems"][0]["collector"] == "hanging");
    CHECK_THAT(live["problems"][0]["text"].get<std::string>(),
               Matches("timed out after [0-9]\\.[0-9] s"));
  }
  live_gate.set_value();
}

TEST_CASE("Findings are in a later response, with the time at which they were determined") {
  const LiveExporter exporter;
  auto live = exporter.live();
  for (int i = 0; i < 1000 && !live.contains("findings_time"); ++i) {
    CHECK(live["findings"] == Json::array());
    std::this_thread::sleep_for(10ms);
    live = exporter.live();
  }
  CHECK(live["findings_time"].get<double>() == Approx(unix_now()).margin(20));
  CHECK(live["findings"] == Json::parse(R"([{"level": "problem", "subject": "RAID", "what": "2",
                                             "advice": "see \"dmesg\""}])"));
}

TEST_CASE("/api/v1/history has what each collection contained, also one for /metrics") {
  const LiveExporter exporter;
  const auto history = [&](const std::string& query = "") {
    return Json::parse(body_of(get(exporter.at(), "/api/v1/history" + query)));
  };
  CHECK(history()["series"] == Json::array());
  get(exporter.at(), "/metrics");
  const auto after = history();
  REQUIRE(after["series"].size() == 1);
  const auto& series = after["series"][0];
  CHECK(series["metric"] == "rig_memory_available_bytes");
  CHECK(series["labels"] == Json::object());
  CHECK(series["values"] == Json::array({4096}));
  const double time = series["times"][0].get<double>();
  CHECK(time == Approx(unix_now()).margin(5));
  CHECK(history("?since=" + series["times"][0].dump())["series"].empty());
  CHECK(history("?since=" + std::to_string(time - 0.001))["series"].size() == 1);
  CHECK(history("?since=0")["series"].size() == 1);
}

TEST_CASE("Responses are JSON that is not stored, and compressed for clients that accept it") {
  const LiveExporter exporter;
  for (const std::string path : {"/api/v1/live", "/api/v1/history"}) {
    const auto plain = get(exporter.at(), path);
    CHECK(status_of(plain) == 200);
    CHECK_THAT(plain, ContainsSubstring("Content-Type: application/json\r\n"));
    CHECK_THAT(plain, ContainsSubstring("Cache-Control: no-store\r\n"));
    CHECK(plain.find("Content-Encoding") == std::string::npos);
    CHECK_THAT(get(exporter.at(), path, "Accept-Encoding: gzip\r\n"),
               ContainsSubstring("Content-Encoding: gzip\r\n"));
  }
}

TEST_CASE("An invalid parameter gets status 400 and one line that says what is wrong") {
  const LiveExporter exporter;
  for (const std::string since :
       {"", "soon", "-1", "nan", "inf", "1e300", "1,5", "0x10", "1e400"}) {
    const auto answer = get(exporter.at(), "/api/v1/history?since=" + since);
    CHECK(status_of(answer) == 400);
    CHECK(body_of(answer) == "since=\"" + since + "\" is not a Unix time in seconds\n");
  }
  const auto unknown = get(exporter.at(), "/api/v1/history?from=1");
  CHECK(status_of(unknown) == 400);
  CHECK(body_of(unknown) == "unknown parameter \"from\"; use since=TIME\n");
  CHECK(status_of(get(exporter.at(), "/api/v1/live?since=1")) == 400);
}

TEST_CASE("A copied machine without its host's name has none in the response") {
  const TemporaryDirectory copy;
  Config config;
  config.paths.proc = copy.path();
  const auto history = std::make_shared<History>();
  ScrapeScheduler scheduler(kLiveCollectors, config, std::make_shared<Instrumentation>());
  const auto routes = live_routes(scheduler, config, history, {});
  const auto hostname = [&] {
    std::promise<std::string> body;
    const HttpRequest request;
    std::get<HttpRoute::DeferredHandler>(routes.front().handler)(
        request,
        [&](const HttpResponse& response) { body.set_value(std::string(response.body.text())); });
    const auto exporter = Json::parse(body.get_future().get())["exporter"];
    return exporter.value("hostname", "none");
  };
  CHECK(hostname() == "none");
  std::filesystem::create_directories(copy.path() / "sys/kernel");
  std::ofstream(copy.path() / "sys/kernel/hostname") << "rig7\n";
  CHECK(hostname() == "rig7");
}
