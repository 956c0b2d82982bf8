#include "rig/metrics/exposition_text.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <string>
#include <utility>
#include <vector>

#include "rig/metrics/instrumentation.h"
#include "support/catch.h"

using namespace rig;

namespace {

constexpr auto kHeat = gauge("rig_test_heat_celsius", Unit::celsius, "Heat.", "sensor", "gpu");
constexpr auto kWaiting = counter("rig_test_waiting_seconds_total", Unit::seconds, "Time.");

Samples some_samples() {
  Samples samples;
  samples.add(kHeat, 41.5, "edge", "10");
  samples.add(kHeat, 40, "edge", "2");
  samples.add(kHeat, -1, "a\\b \"c\"\nd, Grüße", "2");
  samples.add(kWaiting, 3);
  return samples;
}

template <typename Added>
std::string text_of(ExpositionFormat format, const Added& added) {
  ExpositionText text(format);
  text.add(added);
  return std::move(text).take();
}

}  // namespace

TEST_CASE("Samples as text are sorted, with one head per metric and escaped label values") {
  CHECK(text_of(ExpositionFormat::text, some_samples()) ==
        "# HELP rig_test_heat_celsius Heat.\n"
        "# TYPE rig_test_heat_celsius gauge\n"
        "rig_test_heat_celsius{gpu=\"2\",sensor=\"a\\\\b \\\"c\\\"\\nd, Grüße\"} -1\n"
        "rig_test_heat_celsius{gpu=\"2\",sensor=\"edge\"} 40\n"
        "rig_test_heat_celsius{gpu=\"10\",sensor=\"edge\"} 41.5\n"
        "# HELP rig_test_waiting_seconds_total Time.\n"
        "# TYPE rig_test_waiting_seconds_total counter\n"
        "rig_test_waiting_seconds_total 3\n");
}

TEST_CASE("A label is escaped wherever in it the character is, and kept from the line before") {
  const std::string head =
      "# HELP rig_test_heat_celsius Heat.\n# TYPE rig_test_heat_celsius gauge\n";
  for (std::size_t size = 1; size <= 20; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const auto& [character, escaped] :
           {std::pair("\\", "\\\\"), std::pair("\"", "\\\""), std::pair("\n", "\\n")}) {
        const std::string before(at, 'x');
        const std::string after(size - at - 1, 'x');
        Samples samples;
        samples.add(kHeat, 1, "a", before + character + after);
        samples.add(kHeat, 2, "b", before + character + after);
        const std::string gpu = before + escaped + after;
        REQUIRE(text_of(ExpositionFormat::text, samples) ==
                head + "rig_test_heat_celsius{gpu=\"" + gpu + "\",sensor=\"a\"} 1\n" +
                    "rig_test_heat_celsius{gpu=\"" + gpu + "\",sensor=\"b\"} 2\n");
      }
    }
  }
}

TEST_CASE("Lines differ in any label, however long or empty") {
  const std::string longest(5000, 'y');
  Samples samples;
  samples.add(kHeat, 1, "", "");
  samples.add(kHeat, 2, longest, "");
  samples.add(kHeat, 3, "", longest);
  samples.add(kHeat, 4, longest, longest);
  CHECK(text_of(ExpositionFormat::text, samples) ==
        "# HELP rig_test_heat_celsius Heat.\n# TYPE rig_test_heat_celsius gauge\n"
        "rig_test_heat_celsius{gpu=\"\",sensor=\"\"} 1\n"
        "rig_test_heat_celsius{gpu=\"\",sensor=\"" +
            longest +
            "\"} 2\n"
            "rig_test_heat_celsius{gpu=\"" +
            longest +
            "\",sensor=\"\"} 3\n"
            "rig_test_heat_celsius{gpu=\"" +
            longest + "\",sensor=\"" + longest + "\"} 4\n");
}

TEST_CASE("OpenMetrics has units, counters named without _total, and an end") {
  CHECK(text_of(ExpositionFormat::openmetrics, some_samples()) ==
        "# HELP rig_test_heat_celsius Heat.\n"
        "# TYPE rig_test_heat_celsius gauge\n"
        "# UNIT rig_test_heat_celsius celsius\n"
        "rig_test_heat_celsius{gpu=\"2\",sensor=\"a\\\\b \\\"c\\\"\\nd, Grüße\"} -1\n"
        "rig_test_heat_celsius{gpu=\"2\",sensor=\"edge\"} 40\n"
        "rig_test_heat_celsius{gpu=\"10\",sensor=\"edge\"} 41.5\n"
        "# HELP rig_test_waiting_seconds Time.\n"
        "# TYPE rig_test_waiting_seconds counter\n"
        "# UNIT rig_test_waiting_seconds seconds\n"
        "rig_test_waiting_seconds_total 3\n"
        "# EOF\n");
}

TEST_CASE("Quotes in a help text are escaped in OpenMetrics only") {
  constexpr auto kQuoted = gauge("rig_test_quoted", Unit::none, "Either \"a\" or \"b\".");
  Samples samples;
  samples.add(kQuoted, 1);
  CHECK_THAT(text_of(ExpositionFormat::text, samples),
             ContainsSubstring("# HELP rig_test_quoted Either \"a\" or \"b\".\n"));
  CHECK_THAT(text_of(ExpositionFormat::openmetrics, samples),
             ContainsSubstring("# HELP rig_test_quoted Either \\\"a\\\" or \\\"b\\\".\n"));
}

TEST_CASE("Nothing is an empty text, and in OpenMetrics only the end") {
  CHECK(text_of(ExpositionFormat::text, Samples()).empty());
  CHECK(text_of(ExpositionFormat::openmetrics, Samples()) == "# EOF\n");
}

TEST_CASE("The exporter's samples and their prometheus-cpp families result in the same text") {
  const auto samples = some_samples();
  CHECK(text_of(ExpositionFormat::text, samples) ==
        text_of(ExpositionFormat::text, samples.families()));
}

TEST_CASE("The text is that of prometheus-cpp's serializer") {
  Instrumentation instrumentation;
  instrumentation.observe_scrape(0.004);
  instrumentation.observe_scrape(20);
  instrumentation.count_http_request("/metrics", 200);
  instrumentation.count_http_request("/", 404);
  auto families = instrumentation.families();
  // Its digits differ between versions.
  std::erase_if(families, [](const auto& family) {
    return family.name == "rig_exporter_config_last_reload_timestamp_seconds";
  });
  for (auto& more : some_samples().families()) families.push_back(std::move(more));
  CHECK(text_of(ExpositionFormat::text, families) ==
        prometheus::TextSerializer().Serialize(families));
}

TEST_CASE("The bounds of buckets are floating-point numbers in OpenMetrics") {
  Instrumentation instrumentation;
  instrumentation.observe_scrape(0.004);
  const auto text = text_of(ExpositionFormat::openmetrics, instrumentation.families());
  CHECK_THAT(text, ContainsSubstring("_bucket{le=\"0.005\"} 1\n"));
  CHECK_THAT(text, ContainsSubstring("_bucket{le=\"1.0\"} 1\n"));
  CHECK_THAT(text, ContainsSubstring("_bucket{le=\"+Inf\"} 1\n"));
}
