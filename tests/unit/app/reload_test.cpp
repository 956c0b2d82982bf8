#include "app/reload.h"

#include <prometheus/metric_family.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

#include "rig/config/config_error.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

double own_value(const Instrumentation& instrumentation, std::string_view name) {
  for (const auto& family : instrumentation.families()) {
    if (family.name == name) return family.metric.front().gauge.value;
  }
  throw std::runtime_error("no such metric");
}

bool last_successful(const Instrumentation& instrumentation) {
  return own_value(instrumentation, "rig_exporter_config_last_reload_successful") == 1;
}

double last_time(const Instrumentation& instrumentation) {
  return own_value(instrumentation, "rig_exporter_config_last_reload_timestamp_seconds");
}

// Requests a reload and waits for it.
ReloadResult reload_now(Reloader& reloader) {
  std::promise<ReloadResult> promise;
  reloader.request([&](const ReloadResult& result) { promise.set_value(result); });
  return promise.get_future().get();
}

// A part that counts what is done with it.
struct CountedPart {
  std::atomic<int> prepared = 0;
  std::atomic<int> committed = 0;
  std::atomic<bool> invalid = false;
  std::atomic<bool> hangs = false;

  ReloadPart part(const std::string& name) {
    return {name, [this] {
              ++prepared;
              hangs.wait(true);
              if (invalid) throw ConfigErrors({"first error", "second error"});
              return [this] { ++committed; };
            }};
  }

  void release() {
    hangs = false;
    hangs.notify_all();
  }
};

std::shared_ptr<Instrumentation> new_instrumentation() {
  return std::make_shared<Instrumentation>();
}

}  // namespace

TEST_CASE("A reload prepares every part and then commits all of them") {
  const auto instrumentation = new_instrumentation();
  CHECK(last_successful(*instrumentation));
  const double start = last_time(*instrumentation);
  CountedPart one;
  CountedPart other;
  std::string order;
  Reloader reloader({one.part("one"), other.part("other")}, instrumentation,
                    {.on_begin = [&] { order += "begin "; },
                     .on_end = [&](const ReloadResult&) { order += "end"; }});
  CHECK(reload_now(reloader).errors.empty());
  CHECK(one.committed == 1);
  CHECK(other.committed == 1);
  CHECK(last_successful(*instrumentation));
  CHECK(last_time(*instrumentation) >= start);
  CHECK(reloader.stop());
  CHECK(order == "begin end");
}

TEST_CASE("If one part is invalid, nothing is committed, and all errors are reported") {
  const auto instrumentation = new_instrumentation();
  const double start = last_time(*instrumentation);
  CountedPart valid;
  CountedPart invalid;
  invalid.invalid = true;
  const ReloadPart throwing{"throwing",
                            []() -> CommitReload { throw std::runtime_error("no memory"); }};
  Reloader reloader({valid.part("valid"), invalid.part("invalid"), throwing}, instrumentation);
  CHECK(reload_now(reloader).errors ==
        std::vector<std::string>{"first error", "second error", "throwing: no memory"});
  CHECK(valid.prepared == 1);
  CHECK(valid.committed == 0);
  CHECK_FALSE(last_successful(*instrumentation));
  CHECK(last_time(*instrumentation) == start);
}

TEST_CASE("After a failed reload, a successful one makes the metric 1 again") {
  const auto instrumentation = new_instrumentation();
  CountedPart part;
  part.invalid = true;
  Reloader reloader({part.part("file")}, instrumentation);
  CHECK_FALSE(reload_now(reloader).errors.empty());
  part.invalid = false;
  CHECK(reload_now(reloader).errors.empty());
  CHECK(last_successful(*instrumentation));
}

TEST_CASE("A part that reloads itself does not hide that another one has failed") {
  const auto instrumentation = new_instrumentation();
  CountedPart settings;
  CountedPart web;
  Reloader reloader({settings.part("settings"), web.part("web")}, instrumentation);
  const auto record_web = reloader.recorder("web");
  record_web(false);
  CHECK_FALSE(last_successful(*instrumentation));
  record_web(true);
  CHECK(last_successful(*instrumentation));
  settings.invalid = true;
  CHECK_FALSE(reload_now(reloader).errors.empty());
  record_web(true);
  CHECK_FALSE(last_successful(*instrumentation));
  settings.invalid = false;
  reload_now(reloader);
  CHECK(last_successful(*instrumentation));
}

TEST_CASE("Requests that come before a reload begins share it; those during it get another one") {
  CountedPart part;
  part.hangs = true;
  Reloader reloader({part.part("file")}, new_instrumentation());
  std::promise<void> first;
  reloader.request([&](const ReloadResult&) { first.set_value(); });
  while (part.prepared == 0) std::this_thread::yield();
  constexpr int kLater = 20;
  std::atomic<int> answered = 0;
  for (int i = 0; i < kLater; ++i) reloader.request([&](const ReloadResult&) { ++answered; });
  CHECK(answered == 0);
  part.release();
  first.get_future().get();
  while (answered < kLater) std::this_thread::yield();
  CHECK(part.prepared == 2);
  CHECK(part.committed == 2);
}

TEST_CASE("A part that hangs is reported after the time limit and commits nothing, even later") {
  const auto instrumentation = new_instrumentation();
  CountedPart part;
  part.hangs = true;
  Reloader reloader({part.part("/nfs/rig.yml")}, instrumentation, {.timeout = 50ms});
  CHECK(reload_now(reloader).errors == std::vector<std::string>{"still reading /nfs/rig.yml"});
  CHECK_FALSE(last_successful(*instrumentation));
  CHECK(reload_now(reloader).errors == std::vector<std::string>{"still reading /nfs/rig.yml"});
  CHECK(part.prepared == 1);
  CHECK_FALSE(reloader.stop());
  part.release();
  while (!reloader.stop()) std::this_thread::yield();
  CHECK(part.committed == 0);
}

TEST_CASE("A part that hung and has returned can be reloaded again") {
  CountedPart part;
  part.hangs = true;
  Reloader reloader({part.part("file")}, new_instrumentation(), {.timeout = 50ms});
  CHECK_FALSE(reload_now(reloader).errors.empty());
  part.release();
  while (!reload_now(reloader).errors.empty()) std::this_thread::yield();
  CHECK(part.committed == 1);
}

TEST_CASE("Stopping does not wait for a part that hangs, and answers those who wait") {
  CountedPart part;
  part.hangs = true;
  Reloader reloader({part.part("file")}, new_instrumentation());
  std::atomic<int> answered = 0;
  const auto count = [&](const ReloadResult& result) {
    if (result.stopped) ++answered;
  };
  reloader.request(count);
  while (part.prepared == 0) std::this_thread::yield();
  reloader.request(count);
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(reloader.stop());
  CHECK(std::chrono::steady_clock::now() - start < 1s);
  CHECK(answered == 2);
  reloader.request(count);
  CHECK(answered == 3);
  part.release();
  while (!reloader.stop()) std::this_thread::yield();
  CHECK(part.committed == 0);
}

TEST_CASE("The route /-/reload takes POST and PUT and reports all errors") {
  CountedPart part;
  Reloader reloader({part.part("file")}, new_instrumentation());
  const auto route = reload_route(reloader, true);
  CHECK(route.methods == std::vector<std::string>{"POST", "PUT"});
  const auto post = [&](const HttpRoute& to) {
    std::promise<HttpResponse> promise;
    const HttpRequest request{.method = "POST", .path = to.path, .query = {}, .headers = {}};
    std::get<HttpRoute::DeferredHandler>(to.handler)(
        request, [&](HttpResponse response) { promise.set_value(std::move(response)); });
    return promise.get_future().get();
  };
  CHECK(post(route).status == 200);
  part.invalid = true;
  const auto failed = post(route);
  CHECK(failed.status == 500);
  CHECK(failed.body.text() == "first error\nsecond error\n");
  const auto disabled = post(reload_route(reloader, false));
  CHECK(disabled.status == 403);
  CHECK_THAT(std::string(disabled.body.text()), ContainsSubstring("--web.enable-lifecycle"));
  CHECK(part.prepared == 2);
  CHECK(reloader.stop());
  CHECK(post(route).status == 503);
}
