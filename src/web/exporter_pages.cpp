#include "rig/web/exporter_pages.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "rig/kernel/text.h"
#include "rig/log/log.h"
#include "rig/metrics/build_info.h"
#include "rig/metrics/exposition_text.h"
#include "rig/web/health_check.h"
#include "web/exposition_format.h"
#include "web/guarded_response.h"
#include "web/gzip.h"
#include "web/live_page.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr double kMinTimeoutSeconds = 0.25;

// The collectors that ?collect[]=NAME selects, or the response to an invalid selection.
struct Selection {
  std::vector<std::string> names;
  std::optional<HttpResponse> error;
};

HttpResponse bad_request(std::string why) {
  return {400, "text/plain; charset=utf-8", std::move(why), {}};
}

Selection selected_collectors(const HttpRequest& request, const Scrape& scrape) {
  const auto running = scrape.names();
  Selection selection;
  for (const auto& [key, value] : request.query) {
    if (key != "collect[]") {
      selection.error =
          bad_request(fmt::format("unknown parameter \"{}\"; use collect[]=NAME\n", key));
    } else if (std::find(running.begin(), running.end(), value) == running.end()) {
      selection.error = bad_request(fmt::format("collector \"{}\" is not running; running: {}\n",
                                                value, fmt::join(running, ", ")));
    } else {
      selection.names.push_back(value);
    }
  }
  return selection;
}

HttpResponse too_many_scrapes() {
  return {503,
          "text/plain; charset=utf-8",
          "too many scrapes of different collectors at the same time (see --web.max-requests)\n",
          {{"Retry-After", "1"}}};
}

// A scrape in one format.
struct RenderedScrape {
  HttpBody text;
  std::optional<HttpBody> compressed;  // with gzip, once a client has asked for it
};

// Scrapes as responses. Requests that share a scrape get the same text, which is rendered and
// compressed once.
class MetricsPage {
 public:
  explicit MetricsPage(ScrapeScheduler& scheduler) : scheduler_(scheduler) {}

  void respond(const HttpRequest& request, const HttpRespond& respond) {
    const auto deadline =
        std::chrono::steady_clock::now() + scrape_timeout(request, scheduler_.limit());
    auto [names, error] = selected_collectors(request, scheduler_.scrape());
    if (error) return respond(*std::move(error));
    const auto format = preferred_format(request.list_header("Accept"));
    const bool compressed = accepts_gzip(request.list_header("Accept-Encoding"));
    if (!scheduler_.request(std::move(names), deadline, [=, this](const auto& result) {
          respond(guarded_response([&] { return response(result, format, compressed); }));
        })) {
      log_debug("http: 503: too many scrapes of different collectors at the same time");
      respond(too_many_scrapes());
    }
  }

 private:
  // Called by the scheduler's thread only.
  HttpResponse response(const std::shared_ptr<const ScrapeResult>& result, ExpositionFormat format,
                        bool compressed) {
    auto& rendered = rendered_scrape(result, format);
    HttpResponse response;
    response.content_type = content_type(format);
    response.headers.emplace_back("Vary", "Accept, Accept-Encoding");
    if (compressed && !rendered.compressed) rendered.compressed = gzip(rendered.text.text());
    if (compressed && rendered.compressed) {
      response.headers.emplace_back("Content-Encoding", "gzip");
      response.body = *rendered.compressed;
    } else {
      response.body = rendered.text;
    }
    return response;
  }

  RenderedScrape& rendered_scrape(const std::shared_ptr<const ScrapeResult>& result,
                                  ExpositionFormat format) {
    if (result != result_) {
      result_ = result;
      rendered_.clear();
    }
    const auto known = rendered_.find(format);
    if (known != rendered_.end()) return known->second;
    return rendered_[format] = {scheduler_.scrape().exposition_text(*result, format), std::nullopt};
  }

  ScrapeScheduler& scheduler_;
  std::shared_ptr<const ScrapeResult> result_;  // of `rendered_`
  std::map<ExpositionFormat, RenderedScrape> rendered_;
};

HttpResponse landing_page(const Scrape& scrape, const std::string& telemetry_path) {
  std::string collectors;
  for (const auto& name : scrape.names()) {
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

milliseconds scrape_timeout(const HttpRequest& request, milliseconds limit) {
  const auto header = request.header("X-Prometheus-Scrape-Timeout-Seconds");
  const auto seconds = header ? parse_number<double>(*header) : std::nullopt;
  if (!seconds || !std::isfinite(*seconds) || *seconds <= 0) return limit;
  const double margin = std::clamp(*seconds * 0.05, 0.1, 0.5);
  const double timeout = std::max(*seconds - margin, kMinTimeoutSeconds);
  const double limit_seconds = std::chrono::duration<double>(limit).count();
  return milliseconds(static_cast<long>(std::min(timeout, limit_seconds) * 1000));
}

std::vector<HttpRoute> exporter_routes(ScrapeScheduler& scheduler, const Config& config) {
  auto& scrape = scheduler.scrape();
  const auto metrics = std::make_shared<MetricsPage>(scheduler);
  return {
      {config.web.telemetry_path, HttpRoute::DeferredHandler([metrics](const HttpRequest& request,
                                                                       const HttpRespond& respond) {
         metrics->respond(request, respond);
       })},
      {"/",
       [&scrape, &config](const HttpRequest& request) {
         return config.web.page ? live_page(request)
                                : landing_page(scrape, config.web.telemetry_path);
       }},
      {std::string(kHealthyPath),
       [](const HttpRequest&) {
         return HttpResponse{200, "text/plain; charset=utf-8", std::string(kHealthyBody), {}};
       }},
      {"/-/ready", [&scrape](const HttpRequest&) { return ready_page(scrape); }},
  };
}

}  // namespace rig
