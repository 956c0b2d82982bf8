// rig_exporter: parse flags, start the collectors and the HTTP server, wait for a signal.
#include <fmt/format.h>
#include <malloc.h>
#include <prometheus/metric_family.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#ifdef RIG_ADDRESS_SANITIZER
#include <sanitizer/lsan_interface.h>
#endif

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "app/collectors.h"
#include "app/endpoints.h"
#include "app/error_output.h"
#include "app/examination.h"
#include "app/health_command.h"
#include "app/omission_log.h"
#include "app/reload.h"
#include "app/service.h"
#include "app/service_environment.h"
#include "app/service_manager.h"
#include "app/settings_reload.h"
#include "rig/config/command_line.h"
#include "rig/config/config_error.h"
#include "rig/config/privacy.h"
#include "rig/doctor/doctor.h"
#include "rig/kernel/cached_structure.h"
#include "rig/kernel/kept_descriptors.h"
#include "rig/kernel/standard_descriptors.h"
#include "rig/live/history.h"
#include "rig/live/history_recorder.h"
#include "rig/log/log.h"
#include "rig/metrics/build_info.h"
#include "rig/metrics/instrumentation.h"
#include "rig/metrics/metric_table.h"
#include "rig/metrics/process_metrics.h"
#include "rig/scrape/scrape.h"
#include "rig/scrape/scrape_scheduler.h"
#include "rig/web/exporter_pages.h"
#include "rig/web/http_server.h"
#include "rig/web/live_api.h"
#include "rig/web/web_security.h"

namespace rig {
namespace {

using namespace std::chrono_literals;

// The exit status if the flags or the configuration file are invalid.
constexpr int kUsageError = 2;
// The time limit for requests in progress at shutdown; the whole shutdown takes less than a second.
constexpr auto kShutdownTimeout = 300ms;
// The time limit for lines of the log that are not written yet: at shutdown, and otherwise.
constexpr auto kLogShutdownTimeout = 200ms;
constexpr auto kLogTimeout = 5s;

// Blocked in every thread, so that only main receives them, with sigwait(3).
sigset_t block_termination_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGHUP);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGCHLD, SIG_DFL);  // if it were ignored, the exit status of the GPU probe would be lost
  return signals;
}

// SIGHUP is blocked (SIG_BLOCK) from the beginning, so that one that is sent during the start does
// not end the exporter: it is received later. Whatever else the program does, it ends it.
void mask_hangup(int how) {
  sigset_t hangup;
  sigemptyset(&hangup);
  sigaddset(&hangup, SIGHUP);
  pthread_sigmask(how, &hangup, nullptr);
}

// Exits without waiting for threads that hang in the kernel and without destroying what they use.
// Does not call _Exit(): the thread sanitizer does not intercept it, so that its reports would not
// change the exit status.
[[noreturn]] void exit_now(int status) {
  flush_log(kLogShutdownTimeout);
  std::fflush(nullptr);
#ifdef RIG_ADDRESS_SANITIZER
  __lsan_do_leak_check();  // run by exit() otherwise
#endif
  _exit(status);
}

int print(const std::string& text) {
  flush_log(kLogTimeout);  // standard error may be the same pipe
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
    return EXIT_SUCCESS;
  fmt::print(stderr, "rig_exporter: cannot write to standard output\n");
  return EXIT_FAILURE;
}

int print_diagnosis(const Config& config) {
  const auto [text, healthy] = diagnose(all_collectors(), config);
  const int status = print(text);
  return healthy ? status : EXIT_FAILURE;
}

int print_once(const Config& config) {
  Scrape scrape(all_collectors(), config, std::make_shared<Instrumentation>());
  scrape.wait_until_ready(std::chrono::steady_clock::now() + config.scrape_timeout);
  const auto result = scrape.collect({}, std::chrono::steady_clock::now() + config.scrape_timeout);
  return print(scrape.exposition_text(result, ExpositionFormat::text));
}

// Returns SIGINT or SIGTERM. SIGHUP, which a terminal sends as well when it is closed, does not end
// the exporter.
int wait_for_termination(const sigset_t& signals, Reloader& reloader) {
  while (true) {
    int received = 0;
    sigwait(&signals, &received);
    if (received != SIGHUP) return received;
    reloader.request();
  }
}

// Null without a web configuration file.
std::shared_ptr<WebSecurity> make_security(const Config& config, Instrumentation* instrumentation) {
  if (config.web.config_file.empty()) return nullptr;
  return std::make_shared<WebSecurity>(config.web.config_file, instrumentation);
}

// Evaluated at each scrape, because the users may change while the exporter runs.
std::function<bool()> serves_strangers(const Endpoints& endpoints,
                                       const std::shared_ptr<WebSecurity>& security) {
  return [security, reachable = reachable_from_elsewhere(endpoints.all)] {
    return reachable && !(security && security->authenticates_clients());
  };
}

std::vector<ReloadPart> reload_parts(std::span<const char* const> arguments,
                                     const CommandLine& command, ScrapeScheduler& scheduler,
                                     const std::shared_ptr<WebSecurity>& security,
                                     const std::shared_ptr<OmissionLog>& omission_log,
                                     const std::shared_ptr<Examination>& examination) {
  std::vector<ReloadPart> parts;
  // Preparing the settings starts collectors: it comes last.
  if (security) {
    parts.push_back({command.config.web.config_file, [=]() -> CommitReload {
                       return [omission_log, commit = security->prepare_reload()] {
                         commit();
                         omission_log->update();
                       };
                     }});
  }
  parts.push_back({command.config_file.empty() ? "the flags" : command.config_file,
                   settings_reload(arguments, all_collectors(), command.config, scheduler,
                                   [examination](const Config& next) {
                                     return examination->prepare_reload(next);
                                   })});
  return parts;
}

int serve(std::span<const char* const> arguments, CommandLine command) {
  auto& config = command.config;
  const auto signals = block_termination_signals();
  auto endpoints = find_endpoints(config);
  const auto environment = take_service_environment();
  ServiceManager manager(environment);
  log_info(fmt::format("rig_exporter {} ({})", kVersion, kRevision));
  const auto instrumentation = std::make_shared<Instrumentation>();
  const auto security = make_security(config, instrumentation.get());
  config.privacy.serves_strangers = serves_strangers(endpoints, security);
  const auto omission_log = std::make_shared<OmissionLog>(config.privacy);
  const auto history = config.web.page ? std::make_shared<History>() : nullptr;
  ScrapeScheduler scheduler(all_collectors(), config, instrumentation,
                            history ? make_history_recorder(history) : nullptr);
  const auto examination = std::make_shared<Examination>(all_collectors(), config);
  Reloader reloader(
      reload_parts(arguments, command, scheduler, security, omission_log, examination),
      instrumentation, reload_notifications(manager));
  auto routes = exporter_routes(scheduler, config);
  routes.push_back(reload_route(reloader, config.web.lifecycle));
  if (history)
    std::ranges::move(live_routes(scheduler, config, history,
                                  [examination](const ScrapeResult& scrape) {
                                    return examination->findings(scrape);
                                  }),
                      std::back_inserter(routes));
  HttpServer server(
      endpoints.to_open, std::move(routes),
      [instrumentation](std::string_view handler, unsigned code) {
        instrumentation->count_http_request(handler, code);
      },
      security, std::move(endpoints.options));
  keep_attributes_open(config.paths.sys);
  cache_structure(config.paths);
  const bool tls = security && security->uses_tls();
  for (const auto& address : server.addresses()) {
    log_info(fmt::format("listening on {}{}, metrics at {}", address, tls ? " with TLS" : "",
                         config.web.telemetry_path));
  }
  if (security) {
    security->watch([omission_log, record = reloader.recorder(config.web.config_file)](bool ok) {
      record(ok);
      omission_log->update();
    });
  }
  manager.ready(exporter_service(server, scheduler, security, environment.watchdog_timeout));
  const int received = wait_for_termination(signals, reloader);
  log_info(fmt::format("shutting down on SIG{}", sigabbrev_np(received)));
  const bool checks_ended = manager.stop();
  const bool reloads_ended = reloader.stop();
  // A request, a reload or a check is still running: what it uses must not be destroyed.
  if (!server.stop(kShutdownTimeout) || !reloads_ended || !checks_ended) exit_now(EXIT_SUCCESS);
  return EXIT_SUCCESS;
}

std::string list_metrics() {
  std::vector<MetricGroup> groups{{"(always)", scrape_metrics()},
                                  {"(always)", process_metrics()},
                                  {"(always)", Instrumentation::metrics()},
                                  {"(--web.config.file)", WebSecurity::metrics()}};
  for (const auto& info : all_collectors()) groups.push_back({info.name, info.metrics});
  return metric_table(groups);
}

int run(std::span<const char* const> arguments) {
  const auto command = parse_command_line(arguments, collector_switches(all_collectors()));
  const auto& config = command.config;
  if (command.action != Action::serve) mask_hangup(SIG_UNBLOCK);
  // The doctor itself reports what would be logged.
  const bool quiet = command.action == Action::doctor;
  set_up_log(quiet ? LogLevel::error : config.log.level, config.log.format);
  switch (command.action) {
    case Action::show_help:
    case Action::print_manual:
    case Action::print_config:
    case Action::print_example:
    case Action::print_completion:
      return print(command.output);
    case Action::show_version:
      return print(
          fmt::format("rig_exporter {} ({}), built with {}\n", kVersion, kRevision, kCompiler));
    case Action::list_metrics:
      return print(list_metrics());
    case Action::check_config:
      make_security(config, nullptr);
      return print("the configuration is valid\n");
    case Action::check_health:
      // Without other flags, those of the exporter that is running.
      return arguments.size() > 2
                 ? print_health(config)
                 : print_health_of_running(config, collector_switches(all_collectors()));
    case Action::doctor:
      return print_diagnosis(config);
    case Action::once:
      return print_once(config);
    case Action::serve:
      return serve(arguments, command);
  }
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace rig

int main(int argc, char** argv) {
  rig::mask_hangup(SIG_BLOCK);
  rig::open_missing_standard_descriptors();
  // Many threads that allocate little: an arena per thread would take more memory than they use.
  mallopt(M_ARENA_MAX, 2);
  // Each scrape allocates and frees the same few hundred kilobytes: returning them to the kernel in
  // between costs page faults.
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
  int status = EXIT_FAILURE;
  try {
    status = rig::run(std::span<const char* const>(argv, static_cast<std::size_t>(argc)));
  } catch (const rig::ConfigErrors& error) {
    rig::print_errors(error.errors());
    status = rig::kUsageError;
  } catch (const std::exception& error) {
    rig::print_errors({error.what()});
  }
  rig::exit_now(status);  // a thread that hangs may still return
}
