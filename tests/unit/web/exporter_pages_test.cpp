#include "rig/web/exporter_pages.h"

#include <zlib.h>

#include <array>
#include <string>

#include "rig/web/health_check.h"
#include "scrape/test_collector.h"
#include "support/catch.h"
#include "web/gzip.h"
#include "web/http_client.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<Collector> make_one(const RootPaths&, const Config&) {
  return std::make_unique<TestCollector>(
      [](Samples& samples, Deadline) { samples.add(kTestValue, 1, "one"); });
}
std::unique_ptr<Collector> make_two(const RootPaths&, const Config&) {
  return std::make_unique<TestCollector>(
      [](Samples& samples, Deadline) { samples.add(kTestValue, 2, "two"); });
}

constexpr std::array<const MetricInfo*, 1> kMetrics{&kTestValue};
const std::array<CollectorInfo, 2> kCollectors{
    {{"one", "", kMetrics, &make_one}, {"two", "", kMetrics, &make_two}}};

struct Exporter {
  Config config;
  ScrapeScheduler scheduler{kCollectors, config, std::make_shared<Instrumentation>()};
  HttpServer server{std::array{std::string("127.0.0.1:0")}, exporter_routes(scheduler, config)};
  const std::string& at() const { return server.addresses().front(); }
};

std::string unpacked(const std::string& packed) {
  std::string text(1'000'000, '\0');
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

HttpRequest with_timeout(const std::string& seconds) {
  return {"GET", "/metrics", {}, {{"X-Prometheus-Scrape-Timeout-Seconds", seconds}}};
}

}  // namespace

TEST_CASE("The metrics have the content type that Prometheus expects") {
  const Exporter exporter;
  const auto answer = get(exporter.at(), "/metrics");
  CHECK_THAT(answer,
             ContainsSubstring("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  CHECK_THAT(answer, ContainsSubstring("rig_test_value{device=\"one\"} 1\n"));
  CHECK_THAT(answer, ContainsSubstring("rig_test_value{device=\"two\"} 2\n"));
}

TEST_CASE("The metrics are compressed only for clients that accept it") {
  const Exporter exporter;
  const auto packed = get(exporter.at(), "/metrics", "Accept-Encoding: gzip\r\n");
  CHECK_THAT(packed, ContainsSubstring("Content-Encoding: gzip\r\n"));
  CHECK_THAT(unpacked(body_of(packed)), ContainsSubstring("rig_test_value{device=\"one\"} 1\n"));
  CHECK(get(exporter.at(), "/metrics").find("Content-Encoding") == std::string::npos);
}

TEST_CASE("A client that prefers OpenMetrics gets it, compressed or not") {
  const Exporter exporter;
  const std::string accept = "Accept: application/openmetrics-text;version=1.0.0,*/*;q=0.1\r\n";
  const auto plain = get(exporter.at(), "/metrics", accept);
  CHECK_THAT(plain, ContainsSubstring("Content-Type: application/openmetrics-text; version=1.0.0; "
                                      "charset=utf-8\r\n"));
  CHECK_THAT(plain, ContainsSubstring("Vary: Accept, Accept-Encoding\r\n"));
  CHECK(plain.ends_with("\n# EOF\n"));
  const auto packed = get(exporter.at(), "/metrics", accept + "Accept-Encoding: gzip\r\n");
  CHECK(unpacked(body_of(packed)).ends_with("\n# EOF\n"));
}

TEST_CASE("An Accept-Encoding with weight 0 refuses gzip") {
  CHECK(accepts_gzip("gzip"));
  CHECK(accepts_gzip("deflate, gzip;q=0.5, br"));
  CHECK(accepts_gzip("*"));
  CHECK_FALSE(accepts_gzip("gzip;q=0"));
  CHECK_FALSE(accepts_gzip("gzip; q=0.0"));
  CHECK_FALSE(accepts_gzip("identity"));
  CHECK_FALSE(accepts_gzip(""));
}

TEST_CASE("collect[] selects collectors; an unknown one gets a 400 that lists them") {
  const Exporter exporter;
  const auto one = get(exporter.at(), "/metrics?collect[]=one");
  CHECK_THAT(one, ContainsSubstring("{device=\"one\"}"));
  CHECK(one.find("{device=\"two\"}") == std::string::npos);
  const auto both = get(exporter.at(), "/metrics?collect[]=one&collect[]=two");
  CHECK_THAT(both, ContainsSubstring("{device=\"two\"}"));
  const auto unknown = get(exporter.at(), "/metrics?collect[]=three");
  CHECK(status_of(unknown) == 400);
  CHECK_THAT(unknown, ContainsSubstring("running: one, two"));
  CHECK(status_of(get(exporter.at(), "/metrics?colect[]=one")) == 400);
}

TEST_CASE("The timeout of a scrape is that of Prometheus minus a margin") {
  CHECK(scrape_timeout({}, 5s) == 5s);
  CHECK(scrape_timeout(with_timeout("10"), 30s) == 9500ms);
  CHECK(scrape_timeout(with_timeout("1"), 5s) == 900ms);
  CHECK(scrape_timeout(with_timeout("0.01"), 5s) == 250ms);
  for (const char* invalid : {"", "soon", "-1", "0", "nan", "inf"}) {
    CHECK(scrape_timeout(with_timeout(invalid), 5s) == 5s);
  }
  CHECK(scrape_timeout(with_timeout("1e300"), 5s) == 5s);
  CHECK(scrape_timeout(with_timeout("60"), 5s) == 5s);
}

TEST_CASE("There is a page, a health check and a readiness check") {
  Exporter exporter;
  CHECK_THAT(get(exporter.at(), "/"), ContainsSubstring("script-src 'sha256-"));
  exporter.config.web.page = false;
  const auto page = get(exporter.at(), "/");
  CHECK_THAT(page, ContainsSubstring("Content-Type: text/html; charset=utf-8"));
  CHECK_THAT(page, ContainsSubstring("default-src 'none'"));
  CHECK_THAT(page, ContainsSubstring("<a href=\"/metrics\">"));
  CHECK(status_of(get(exporter.at(), "/-/healthy")) == 200);
  CHECK(check_health(exporter.at()).healthy);
  CHECK(status_of(get(exporter.at(), "/-/ready")) == 200);
}
