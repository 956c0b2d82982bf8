#include "rig/metrics/json_text.h"

#include <prometheus/metric_family.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "metrics/number_text.h"
#include "rig/metrics/exposition_text.h"
#include "rig/metrics/instrumentation.h"
#include "rig/metrics/samples.h"
#include "support/catch.h"

using namespace rig;
using Json = nlohmann::json;

namespace {

constexpr auto kJsonLevel = gauge("rig_level", Unit::none, "A level.", "device");
constexpr auto kJsonEvents = counter("rig_events_total", Unit::none, "Events.");

std::string json_number(double value) {
  std::string json;
  append_json_number(json, value);
  return json;
}

std::string json_string(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

// The names of the samples in the text format, without labels.
std::set<std::string> names_in(const std::string& text) {
  std::set<std::string> names;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    if (text[at] != '#') names.insert(text.substr(at, text.find_first_of("{ ", at) - at));
  }
  return names;
}

}  // namespace

TEST_CASE("Numbers have the same digits in JSON as in the text format") {
  for (const double value : {0.0, 68.0, 0.1 + 0.2, 1e15, 1e-7, -40.5, 1.5e308}) {
    std::string text;
    append_number(text, value);
    CHECK(json_number(value) == text);
    CHECK(Json::parse(json_number(value)) == Json(value));
  }
}

TEST_CASE("Values that JSON has no number for are strings") {
  CHECK(json_number(std::nan("")) == "\"NaN\"");
  CHECK(json_number(std::numeric_limits<double>::infinity()) == "\"+Inf\"");
  CHECK(json_number(-std::numeric_limits<double>::infinity()) == "\"-Inf\"");
}

TEST_CASE("Any text becomes a valid JSON string with the same characters") {
  CHECK(json_string("") == "\"\"");
  CHECK(json_string("md0") == "\"md0\"");
  for (const std::string text :
       {"a \"b\" \\ c", "line\nfeed\ttab", "\x01\x1f\x7f", "Grüße, 東京"}) {
    CHECK(Json::parse(json_string(text)).get<std::string>() == text);
  }
  CHECK(Json::parse(json_string("bad \xff byte")).get<std::string>() == "bad \xEF\xBF\xBD byte");
}

TEST_CASE("Samples are pairs of labels and value, in the order of the text format") {
  Samples samples;
  samples.add(kJsonLevel, 2, "sd10");
  samples.add(kJsonLevel, 1.5, "sd\"2");
  samples.add(kJsonEvents, 7);
  CHECK(families_json(samples.families()) ==
        R"({"rig_events_total":[[{},7]],)"
        R"("rig_level":[[{"device":"sd\"2"},1.5],[{"device":"sd10"},2]]})");
  CHECK(families_json({}) == "{}");
}

TEST_CASE("A histogram has the same samples in JSON as in the text format") {
  Instrumentation instrumentation;
  instrumentation.observe_scrape(0.004);
  instrumentation.count_http_request("/metrics", 200);
  const auto families = instrumentation.families();
  const auto json = Json::parse(families_json(families));
  std::set<std::string> names;
  for (const auto& [name, samples] : json.items()) names.insert(name);
  ExpositionText text(ExpositionFormat::text);
  text.add(families);
  CHECK(names == names_in(std::move(text).take()));
  const auto& buckets = json["rig_exporter_scrape_duration_seconds_bucket"];
  CHECK(buckets[0] == Json::parse(R"([{"le": "0.001"}, 0])"));
  CHECK(buckets[2] == Json::parse(R"([{"le": "0.005"}, 1])"));
  CHECK(buckets.back() == Json::parse(R"([{"le": "+Inf"}, 1])"));
  CHECK(json["rig_exporter_scrape_duration_seconds_sum"] == Json::parse("[[{}, 0.004]]"));
}
