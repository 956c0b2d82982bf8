#include "rig/web/live_api.h"

#include <fmt/format.h>
#include <prometheus/metric_family.h>

#include <cmath>
#include <mutex>
#include <optional>
#include <utility>

#include "rig/kernel/files.h"
#include "rig/kernel/problem.h"
#include "rig/kernel/text.h"
#include "rig/live/history_json.h"
#include "rig/live/wall_time.h"
#include "rig/web/exporter_pages.h"
#include "web/findings_refresher.h"
#include "web/guarded_response.h"
#include "web/gzip.h"
#include "web/live_json.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

// In 33,000 years.
constexpr double kMaxUnixSeconds = 1e12;

HttpResponse json_response(const HttpRequest& request, std::string json) {
  HttpResponse response{200, "application/json", std::move(json), {{"Cache-Control", "no-store"}}};
  gzip_if_accepted(response, request);
  return response;
}

HttpResponse invalid_parameter(std::string why) {
  return {400, "text/plain; charset=utf-8", std::move(why) + "\n", {{"Cache-Control", "no-store"}}};
}

// The parameter since, absent if it was not given; or the response to invalid parameters.
struct Since {
  std::optional<milliseconds> time;  // Unix time
  std::optional<HttpResponse> error;
};

Since since_of(const HttpRequest& request) {
  Since since;
  for (const auto& [key, value] : request.query) {
    if (key != "since") {
      since.error =
          invalid_parameter(fmt::format("unknown parameter {}; use since=TIME", quoted_text(key)));
      continue;
    }
    const auto seconds = parse_number<double>(value);
    if (!seconds || !(*seconds >= 0 && *seconds <= kMaxUnixSeconds)) {
      since.error = invalid_parameter(
          fmt::format("since={} is not a Unix time in seconds", quoted_text(value)));
      continue;
    }
    since.time = milliseconds(std::llround(*seconds * 1000));
  }
  return since;
}

class LiveApi {
 public:
  LiveApi(ScrapeScheduler& scheduler, const Config& config, std::shared_ptr<const History> history,
          FindFindings find)
      : scheduler_(scheduler),
        config_(config),
        history_(std::move(history)),
        findings_(std::move(find)) {}

  void live(const HttpRequest& request, const HttpRespond& respond) {
    if (!request.query.empty()) return respond(invalid_parameter("/api/v1/live has no parameters"));
    const auto deadline =
        std::chrono::steady_clock::now() + scrape_timeout(request, scheduler_.limit());
    // A scrape of all collectors is never refused.
    scheduler_.request({}, deadline, [this, &request, respond](const auto& result) {
      respond(guarded_response([&] { return live_response(request, *result); }));
    });
  }

  HttpResponse history(const HttpRequest& request) {
    const auto [time, error] = since_of(request);
    if (error) return *error;
    // One at a time: the text of a big machine has several megabytes.
    const std::lock_guard lock(history_mutex_);
    return json_response(request,
                         history_json(*history_, time, BootClock::now(), wall_time_.difference()));
  }

 private:
  // Called by the scheduler's thread only.
  HttpResponse live_response(const HttpRequest& request, const ScrapeResult& result) {
    const auto families = scheduler_.scrape().families(result);
    return json_response(
        request, live_json({hostname(), config_.web.telemetry_path, BootClock::now(),
                            wall_time_.difference(), result, families, findings_.latest(result)}));
  }

  // Of the machine that is read; empty if a copied machine does not have it.
  std::string hostname() const {
    const auto text = read_text(config_.paths.proc / "sys/kernel/hostname");
    return text ? std::string(trim(*text)) : "";
  }

  ScrapeScheduler& scheduler_;
  const Config& config_;
  const std::shared_ptr<const History> history_;
  std::mutex history_mutex_;
  WallTime wall_time_;
  FindingsRefresher findings_;
};

}  // namespace

std::vector<HttpRoute> live_routes(ScrapeScheduler& scheduler, const Config& config,
                                   std::shared_ptr<const History> history, FindFindings find) {
  const auto api =
      std::make_shared<LiveApi>(scheduler, config, std::move(history), std::move(find));
  return {
      {"/api/v1/live",
       HttpRoute::DeferredHandler([api](const HttpRequest& request, const HttpRespond& respond) {
         api->live(request, respond);
       })},
      {"/api/v1/history", [api](const HttpRequest& request) { return api->history(request); }},
  };
}

}  // namespace rig
