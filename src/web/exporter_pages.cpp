#include "rig/web/exporter_pages.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "rig/kernel/text.h"
#include "rig/metrics/build_info.h"
#include "rig/web/health_check.h"
#include "web/gzip.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr double kShortestBudgetSeconds = 0.25;
constexpr double kLongestBudgetSeconds = 300;

// The collectors that ?collect[]=NAME chose, or the answer to one that is not running.
struct Choice {
  std::vector<std::string> names;
  std::optional<HttpResponse> refusal;
};

HttpResponse bad_request(std::string why) {
  return {400, "text/plain; charset=utf-8", std::move(why), {}};
}

Choice chosen_collectors(const HttpRequest& request, const Scrape& scrape) {
  const auto running = scrape.names();
  Choice choice;
  for (const auto& [key, value] : request.query) {
    if (key != "collect[]") {
      choice.refusal =
          bad_request(fmt::format("unknown parameter \"{}\"; there is collect[]=NAME\n", key));
    } else if (std::find(running.begin(), running.end(), value) == running.end()) {
      choice.refusal = bad_request(fmt::format("no collector \"{}\" is running; there are: {}\n",
                                               value, fmt::join(running, ", ")));
    } else {
      choice.names.push_back(value);
    }
  }
  return choice;
}

HttpResponse metrics_page(const HttpRequest& request, Scrape& scrape, milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + scrape_budget(request, timeout);
  auto [names, refusal] = chosen_collectors(request, scrape);
  if (refusal) return *std::move(refusal);

  HttpResponse response;
  response.content_type = kExpositionType;
  response.body = scrape.collect(names, deadline);
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (accepts_gzip(request.header("Accept-Encoding").value_or(""))) {
    if (auto packed = gzip(response.body)) {
      response.body = *std::move(packed);
      response.headers.emplace_back("Content-Encoding", "gzip");
    }
  }
  return response;
}

HttpResponse landing_page(const Scrape& scrape, const std::string& telemetry_path) {
  std::string collectors;
  for (const auto name : scrape.names()) {
    collectors +=
        fmt::format("<li><a href=\"{0}?collect[]={1}\">{1}</a></li>\n", telemetry_path, name);
  }
  return {200,
          std::string(kHtml),
          fmt::format(R"(<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>rig_exporter</title></head>
<body>
<h1>rig_exporter</h1>
<p>Version {} ({}), built with {}.</p>
<p><a href="{}">Metrics</a>, or those of one collector:</p>
<ul>
{}</ul>
<p><a href="/-/healthy">Healthy?</a> <a href="/-/ready">Ready?</a></p>
</body>
</html>
)",
                      kVersion, kRevision, kCompiler, telemetry_path, collectors),
          {}};
}

HttpResponse ready_page(const Scrape& scrape) {
  if (scrape.ready()) return {200, "text/plain; charset=utf-8", "ready\n", {}};
  return {503, "text/plain; charset=utf-8", "not ready: the GPUs have not been read yet\n", {}};
}

}  // namespace

milliseconds scrape_budget(const HttpRequest& request, milliseconds otherwise) {
  const auto header = request.header("X-Prometheus-Scrape-Timeout-Seconds");
  const auto seconds = header ? parse_number<double>(*header) : std::nullopt;
  if (!seconds || !std::isfinite(*seconds) || *seconds <= 0) return otherwise;
  const double margin = std::clamp(*seconds * 0.05, 0.1, 0.5);
  const double budget = std::max(*seconds - margin, kShortestBudgetSeconds);
  return milliseconds(static_cast<long>(std::min(budget, kLongestBudgetSeconds) * 1000));
}

std::vector<HttpRoute> exporter_pages(Scrape& scrape, const Config& config) {
  return {
      {config.web.telemetry_path, true,
       [&scrape, timeout = config.scrape_timeout](const HttpRequest& request) {
         return metrics_page(request, scrape, timeout);
       }},
      {"/", false,
       [&scrape, path = config.web.telemetry_path](const HttpRequest&) {
         return landing_page(scrape, path);
       }},
      {"/-/healthy", false,
       [](const HttpRequest&) {
         return HttpResponse{200, "text/plain; charset=utf-8", std::string(kHealthyAnswer), {}};
       }},
      {"/-/ready", false, [&scrape](const HttpRequest&) { return ready_page(scrape); }},
  };
}

}  // namespace rig
