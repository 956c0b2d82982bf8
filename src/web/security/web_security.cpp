#include "rig/web/web_security.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "rig/config/config_error.h"
#include "rig/log/log.h"
#include "web/security/web_policy.h"

namespace rig {
namespace {

using namespace std::chrono_literals;

constexpr auto kAuthenticationFailures =
    counter("rig_exporter_http_authentication_failures_total", Unit::none,
            "HTTP requests with a wrong user name or password.");

}  // namespace

struct WebSecurity::State {
  explicit State(std::filesystem::path path) : file(std::move(path)) {}

  const std::filesystem::path file;
  std::mutex mutex;
  std::shared_ptr<const WebPolicy> policy;

  std::shared_ptr<const WebPolicy> current() {
    const std::lock_guard lock(mutex);
    return policy;
  }

  void set(std::shared_ptr<const WebPolicy> changed) {
    const std::lock_guard lock(mutex);
    policy = std::move(changed);
  }

  std::shared_ptr<const WebPolicy> read();
  void watch(const StopToken& stop, const OnReload& on_reload);
};

std::shared_ptr<const WebPolicy> WebSecurity::State::read() {
  auto changed = std::make_shared<const WebPolicy>(file);
  if (changed->is_empty())  // it may have been truncated to be written
    throw ConfigErrors(
        {fmt::format("{} is empty: write {{}} to remove all settings", file.string())});
  if ((changed->tls != nullptr) != (current()->tls != nullptr))
    throw ConfigErrors({fmt::format("{}: TLS cannot be turned {} at run time: restart the exporter",
                                    file.string(), changed->tls ? "on" : "off")});
  return changed;
}

// inotify would miss changes behind symbolic links and on network filesystems.
void WebSecurity::State::watch(const StopToken& stop, const OnReload& on_reload) {
  auto known = current()->files;
  while (!stop.wait_for(1s)) {
    auto found = current()->files_now();
    if (found == known) continue;
    // Somebody may be writing: a certificate and its key are two files.
    for (auto previous = std::move(found); true; previous = std::move(found)) {
      if (stop.wait_for(200ms)) return;
      found = current()->files_now();
      if (found == previous) break;
    }
    try {
      set(read());
      log_info(fmt::format("{} has changed: reloaded", file.string()));
      on_reload(true);
    } catch (const ConfigErrors& error) {
      for (const auto& each : error.errors())
        log_error(fmt::format("{}; the previous web configuration stays in effect", each));
      on_reload(false);
    }
    known = std::move(found);
  }
}

WebSecurity::WebSecurity(const std::filesystem::path& file, Instrumentation* instrumentation)
    : state_(std::make_shared<State>(file)) {
  state_->policy = std::make_shared<const WebPolicy>(file);
  if (instrumentation != nullptr)
    authentication_failures_ = instrumentation->add_counter(kAuthenticationFailures);
}

WebSecurity::~WebSecurity() = default;

bool WebSecurity::uses_tls() const { return policy()->tls != nullptr; }
bool WebSecurity::has_users() const { return !policy()->config.users.empty(); }

bool WebSecurity::authenticates_clients() const {
  const auto current = policy();
  const auto& [tls, users, headers, rate_limit] = current->config;
  return !users.empty() || (tls && tls->client_auth == WebConfig::ClientAuth::require_and_verify);
}

std::shared_ptr<const WebPolicy> WebSecurity::policy() const { return state_->current(); }

std::function<void()> WebSecurity::prepare_reload() {
  return [state = state_, changed = state_->read()] { state->set(changed); };
}

void WebSecurity::count_authentication_failure() {
  authentication_failures_.increase_to(static_cast<double>(++failure_count_));
}

std::span<const MetricInfo* const> WebSecurity::metrics() {
  static constexpr std::array<const MetricInfo*, 1> kMetrics{&kAuthenticationFailures};
  return kMetrics;
}

void WebSecurity::watch(OnReload on_reload) {
  watcher_ = std::make_unique<StoppableThread>(
      "web-config",
      [state = state_, on_reload = std::move(on_reload)](const StopToken& stop) {
        state->watch(stop, on_reload);
      },
      [](const std::string& error) {
        log_error("no longer watching the web configuration: " + error);
      });
}

}  // namespace rig
