#include "web/live_json.h"

#include <nlohmann/json.hpp>

#include "support/catch.h"

using namespace rig;
using Json = nlohmann::json;

namespace {

Json live_of(const ScrapeResult& scrape) {
  return Json::parse(live_json({"",
                                "/metrics",
                                BootClock::time_point(std::chrono::seconds(5)),
                                {std::chrono::seconds(1'764'460'000), 0},
                                scrape,
                                {},
                                nullptr}));
}

}  // namespace

TEST_CASE("What is unknown is left out: host, start and findings") {
  const auto live = live_of({});
  CHECK(live["time"] == 1764460005.0);
  CHECK_FALSE(live["exporter"].contains("hostname"));
  CHECK_FALSE(live["exporter"].contains("started"));
  CHECK_FALSE(live.contains("findings_time"));
  CHECK(live["families"] == Json::object());
  CHECK(live["problems"] == Json::array());
  CHECK(live["findings"] == Json::array());
}

TEST_CASE("The problem of a collector without samples is a timeout or why it was not started") {
  ScrapeResult scrape;
  scrape.collectors.push_back({"raid", nullptr, 1.94});
  scrape.collectors.push_back({"gpu", nullptr, 0, Problem{Reason::failed, "", "no \"thread\""}});
  CHECK(live_of(scrape)["problems"] ==
        Json::parse(R"([{"collector": "raid", "text": "timed out after 1.9 s"},
                        {"collector": "gpu", "text": "no \"thread\""}])"));
}
