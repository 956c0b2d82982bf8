#include "app/reload.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>

#include <exception>
#include <iterator>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "rig/config/config_error.h"
#include "rig/log/log.h"
#include "rig/threads/timed_task.h"
#include "rig/threads/wakeup_event.h"

namespace rig {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kPlainText = "text/plain; charset=utf-8";
const ReloadResult kStopped{{"the exporter is shutting down"}, true};

}  // namespace

class Reloader::State {
 public:
  State(std::vector<ReloadPart> parts, std::shared_ptr<Instrumentation> instrumentation,
        ReloadOptions options)
      : parts_(std::make_shared<const std::vector<ReloadPart>>(std::move(parts))),
        instrumentation_(std::move(instrumentation)),
        options_(std::move(options)) {}

  void request(Done done) {
    {
      const std::lock_guard lock(mutex_);
      if (!stopped_) {
        waiting_.push_back(std::move(done));
        event_->signal();
        return;
      }
    }
    if (done) done(kStopped);
  }

  void record(const std::set<std::string>& failed, const std::set<std::string>& successful) {
    const std::lock_guard lock(mutex_);
    failed_.insert(failed.begin(), failed.end());
    for (const auto& part : successful) failed_.erase(part);
    if (failed_.empty()) {
      instrumentation_->configuration_loaded(std::chrono::system_clock::now());
    } else {
      instrumentation_->configuration_not_loaded();
    }
  }

  void run(const StopToken& stop) {
    while (!poll_until_stopped(stop, event_->fd(), POLLIN, std::chrono::milliseconds(-1)).stop) {
      event_->clear();
      const auto waiting = take_waiting(false);
      if (!waiting.empty()) answer(waiting, reload(stop));
    }
  }

  void stop() { answer(take_waiting(true), kStopped); }
  bool hangs() const { return task_.running_for().has_value(); }

 private:
  struct PreparedParts {
    std::vector<CommitReload> commits;
    std::vector<std::string> errors;
    std::set<std::string> failed;  // names of parts
  };

  using Task = TimedTask<std::shared_ptr<const PreparedParts>>;

  // The part that is being prepared.
  class CurrentPart {
   public:
    void set(const std::string& name) {
      const std::lock_guard lock(mutex_);
      name_ = name;
    }

    std::string get() const {
      const std::lock_guard lock(mutex_);
      return name_;
    }

   private:
    mutable std::mutex mutex_;
    std::string name_;
  };

  static std::shared_ptr<const PreparedParts> prepare_all(const std::vector<ReloadPart>& parts,
                                                          CurrentPart& current) {
    auto prepared = std::make_shared<PreparedParts>();
    for (const auto& part : parts) {
      current.set(part.name);
      try {
        prepared->commits.push_back(part.prepare());
        continue;
      } catch (const ConfigErrors& error) {
        std::ranges::copy(error.errors(), std::back_inserter(prepared->errors));
      } catch (const std::exception& error) {
        prepared->errors.push_back(fmt::format("{}: {}", part.name, error.what()));
      }
      prepared->failed.insert(part.name);
    }
    return prepared;
  }

  std::vector<Done> take_waiting(bool stopped) {
    const std::lock_guard lock(mutex_);
    stopped_ = stopped_ || stopped;
    return std::exchange(waiting_, {});
  }

  static void answer(const std::vector<Done>& waiting, const ReloadResult& result) {
    for (const auto& done : waiting) {
      if (done) done(result);
    }
  }

  ReloadResult reload(const StopToken& stop) {
    if (options_.on_begin) options_.on_begin();
    auto result = prepare_and_commit(stop);
    if (!result.stopped) log_result(result);
    if (options_.on_end) options_.on_end(result);
    return result;
  }

  ReloadResult prepare_and_commit(const StopToken& stop) {
    const auto deadline = Clock::now() + options_.timeout;
    const auto ticket =
        task_.start([parts = parts_, current = current_] { return prepare_all(*parts, *current); });
    while (!task_.settled(ticket)) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
      if (left.count() <= 0) break;
      if (poll_until_stopped(stop, event_->fd(), POLLIN, left).stop) return kStopped;
      event_->clear();
    }
    const auto prepared = task_.result(ticket, Clock::now());
    event_->signal();  // requests that have come meanwhile
    if (prepared) return commit(**prepared);
    record({current_->get()}, {});
    if (!prepared.timed_out()) return {{to_string(*prepared.problem())}};
    return {{fmt::format("still reading {}", current_->get())}};
  }

  ReloadResult commit(const PreparedParts& prepared) {
    if (!prepared.errors.empty()) {
      record(prepared.failed, {});
      return {prepared.errors};
    }
    std::set<std::string> names;
    for (const auto& part : *parts_) names.insert(part.name);
    for (const auto& commit : prepared.commits) commit();
    record({}, names);
    return {};
  }

  static void log_result(const ReloadResult& result) {
    for (const auto& error : result.errors) log_error("reload: " + error);
    if (result.errors.empty()) {
      log_info("configuration reloaded");
    } else {
      log_error("reload failed: the previous configuration stays in effect");
    }
  }

  const std::shared_ptr<const std::vector<ReloadPart>> parts_;
  const std::shared_ptr<Instrumentation> instrumentation_;
  const ReloadOptions options_;
  const std::shared_ptr<const WakeupEvent> event_ =
      std::make_shared<const WakeupEvent>();  // of requests, and of the task
  const std::shared_ptr<CurrentPart> current_ = std::make_shared<CurrentPart>();
  Task task_{"config", {}, {{}, [event = event_] { event->signal(); }}};
  std::mutex mutex_;
  std::vector<Done> waiting_;
  bool stopped_ = false;
  std::set<std::string> failed_;  // parts whose latest reload has failed
};

Reloader::Reloader(std::vector<ReloadPart> parts, std::shared_ptr<Instrumentation> instrumentation,
                   ReloadOptions options)
    : state_(std::make_shared<State>(std::move(parts), std::move(instrumentation),
                                     std::move(options))),
      thread_(
          "reload", [state = state_](const StopToken& stop) { state->run(stop); },
          [](const std::string& error) { log_error("reload: " + error); }) {}

Reloader::~Reloader() { stop(); }

void Reloader::request(Done done) { state_->request(std::move(done)); }

std::function<void(bool)> Reloader::recorder(std::string part) const {
  return [state = state_, part = std::move(part)](bool successful) {
    const std::set<std::string> parts{part};
    state->record(successful ? std::set<std::string>() : parts,
                  successful ? parts : std::set<std::string>());
  };
}

bool Reloader::stop() {
  const bool ended = thread_.stop(std::chrono::milliseconds(200));
  state_->stop();
  return ended && !state_->hangs();
}

HttpRoute reload_route(Reloader& reloader, bool enabled) {
  const auto respond_later = [&reloader, enabled](const HttpRequest&, const HttpRespond& respond) {
    if (!enabled) {
      return respond({403,
                      kPlainText,
                      "reloading by request is not enabled: set --web.enable-lifecycle\n",
                      {}});
    }
    reloader.request([respond](const ReloadResult& result) {
      if (result.errors.empty()) return respond({200, kPlainText, "configuration reloaded\n", {}});
      const unsigned status = result.stopped ? 503 : 500;
      respond({status, kPlainText, fmt::format("{}\n", fmt::join(result.errors, "\n")), {}});
    });
  };
  return {"/-/reload", HttpRoute::DeferredHandler(respond_later), {"POST", "PUT"}};
}

}  // namespace rig
