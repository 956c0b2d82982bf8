#include "web/exposition_format.h"

#include "support/catch.h"

using namespace rig;

namespace {

bool prefers_openmetrics(std::string_view accept) {
  return preferred_format(accept) == ExpositionFormat::openmetrics;
}

}  // namespace

TEST_CASE("Prometheus gets OpenMetrics") {
  CHECK(prefers_openmetrics(
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
      "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"));
  CHECK(prefers_openmetrics(
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
      "application/openmetrics-text;version=0.0.1;q=0.4,"
      "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,"
      "*/*;q=0.1"));
  CHECK(prefers_openmetrics("application/openmetrics-text"));
  CHECK(
      prefers_openmetrics("application/openmetrics-text;version=1.0.0;q=0.9,"
                          "application/openmetrics-text;escaping=values;q=0.1,text/plain;q=0.5"));
}

TEST_CASE("Other clients get the text format, and those that want another version of OpenMetrics") {
  for (const auto* const accept :
       {"", "*/*", "text/plain", "text/*;q=0.2", "text/html,*/*;q=0.8", "application/json",
        "application/openmetrics-text;version=0.0.1,text/plain;version=0.0.4;q=0.5",
        "application/openmetrics-text;q=0", "application/openmetrics-text;q=0.5,*/*",
        "application/openmetrics-text;q=0.2,*/*;q=0.1,text/plain;q=0.3",
        "text/plain,application/openmetrics-text"}) {
    INFO(accept);
    CHECK_FALSE(prefers_openmetrics(accept));
  }
}

TEST_CASE("The most specific range has the weight of the text format") {
  CHECK(prefers_openmetrics("application/openmetrics-text;q=0.5,*/*,text/plain;q=0.3"));
  CHECK(prefers_openmetrics("text/plain;q=0.3,application/openmetrics-text;q=0.5,text/*"));
}
