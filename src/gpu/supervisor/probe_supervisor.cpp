#include "gpu/supervisor/probe_supervisor.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "gpu/supervisor/probe_child.h"
#include "gpu/supervisor/probe_command.h"
#include "gpu/supervisor/probe_session.h"
#include "gpu/supervisor/restart_policy.h"
#include "gpu/supervisor/snapshot_store.h"
#include "rig/log/log.h"
#include "rig/log/log_rate_limiter.h"
#include "rig/threads/wakeup_event.h"

namespace rig {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// How often killed processes that have not exited yet are polled.
constexpr milliseconds kReapInterval{1000};
// How long stopping waits for them, so that no zombie is left behind.
constexpr milliseconds kFinalReapTimeout{100};
constexpr milliseconds kStopTimeout{450};
// A service manager may send SIGTERM to all processes of a service at once: the exporter, which
// first completes responses, stops the supervisor within this time.
constexpr milliseconds kStoppingTime{1000};

double seconds(milliseconds time) { return std::chrono::duration<double>(time).count(); }

ProbeOptions with_send_signal(ProbeOptions options) {
  if (!options.send_signal) options.send_signal = ::kill;
  return options;
}

std::filesystem::path own_program() {
  std::error_code ignored;
  return std::filesystem::read_symlink(RootPaths{}.proc / "self" / "exe", ignored);
}

}  // namespace

// Runs in the supervisor's thread.
class ProbeSupervisor::Loop {
 public:
  explicit Loop(ProbeOptions options);

  void run(const StopToken& stop);
  // Called if run() throws.
  void handle_error(const std::string& error);
  const SnapshotStore& store() const { return store_; }
  void request_sample() const { requests_.signal(); }

 private:
  milliseconds run_probe(const StopToken& stop);
  ProbeExit monitor(ProbeSession& session, bool with_library);
  ProbeExit run_session(ProbeSession& session, bool with_library);
  milliseconds handle_start_failure(const std::string& reason);
  milliseconds handle_exit(ProbeSession& session, const ProbeExit& exit, bool with_library,
                           const StopToken& stop);
  void record_library_failure(const ProbeExit& exit, bool library_in_use);
  bool sleep(milliseconds time, const StopToken& stop);
  void reap_killed();

  const ProbeOptions options_;
  const std::filesystem::path own_program_ = own_program();
  SnapshotStore store_;
  const WakeupEvent requests_;

  RestartBackoff backoff_;
  LibraryCircuitBreaker library_breaker_;
  LogRateLimiter log_limiter_;
  std::string start_error_;
  std::vector<ProbeChild> killed_;  // not reaped yet
};

ProbeSupervisor::Loop::Loop(ProbeOptions options)
    : options_(with_send_signal(std::move(options))),
      store_(options_.sample_interval, options_.peak_window, options_.on_reading),
      backoff_(options_.limits),
      library_breaker_(options_.limits) {}

void ProbeSupervisor::Loop::run(const StopToken& stop) {
  while (sleep(run_probe(stop), stop)) {
  }
  const auto deadline = Clock::now() + kFinalReapTimeout;
  while (reap_killed(), !killed_.empty() && Clock::now() < deadline) {
    std::this_thread::sleep_for(milliseconds(1));
  }
}

void ProbeSupervisor::Loop::handle_error(const std::string& error) {
  const std::string problem = "rig_gpu_probe is no longer supervised: " + error;
  log_error(problem);
  store_.clear(problem);
  store_.record_start_failure(problem);
}

// Starts the probe and monitors it until it exits. Returns the delay before the next start.
milliseconds ProbeSupervisor::Loop::run_probe(const StopToken& stop) {
  if (killed_.size() >= options_.limits.max_unkillable) {
    return handle_start_failure(fmt::format(
        "{} earlier processes are hung in the kernel and cannot be killed; the driver of a GPU is "
        "hung (see dmesg), which often requires a reboot",
        killed_.size()));
  }
  const bool with_library = !library_breaker_.is_open(Clock::now());
  const ProbeCommand command = probe_command(options_, own_program_, with_library);
  if (!command.error.empty()) return handle_start_failure(command.error);
  auto started = ProbeChild::start(command.arguments, options_.send_signal);
  if (!started.child) return handle_start_failure(command.arguments.front() + ": " + started.error);

  start_error_.clear();
  store_.record_start();
  ProbeSession session(std::move(*started.child), options_, stop, requests_, store_, log_limiter_,
                       with_library ? "" : library_breaker_.reason());
  return handle_exit(session, monitor(session, with_library), with_library, stop);
}

ProbeExit ProbeSupervisor::Loop::monitor(ProbeSession& session, bool with_library) {
  try {
    return run_session(session, with_library);
  } catch (...) {  // out of memory: the probe must not outlive its supervision
    if (auto child = session.kill()) killed_.push_back(*std::move(child));
    throw;
  }
}

ProbeExit ProbeSupervisor::Loop::run_session(ProbeSession& session, bool with_library) {
  while (true) {
    if (auto exit = session.run_until(Clock::now() + kReapInterval)) return *std::move(exit);
    reap_killed();
    if (!with_library && !library_breaker_.is_open(Clock::now())) {
      const std::string description = "is being restarted to retry rocm_smi";
      store_.clear("rig_gpu_probe " + description);
      return {ProbeExit::Kind::restarted, description};
    }
  }
}

milliseconds ProbeSupervisor::Loop::handle_start_failure(const std::string& reason) {
  const std::string problem = "rig_gpu_probe cannot be started: " + reason;
  if (reason != start_error_) log_error(problem);  // once, not at every attempt
  start_error_ = reason;
  store_.record_start_failure(problem);
  return backoff_.next_delay({});
}

// Makes sure that the probe has terminated. Returns the delay before the next start.
milliseconds ProbeSupervisor::Loop::handle_exit(ProbeSession& session, const ProbeExit& exit,
                                                bool with_library, const StopToken& stop) {
  using Kind = ProbeExit::Kind;
  if (exit.kind == Kind::stopped) {
    session.terminate_gracefully();
    return {};
  }
  const auto uptime = session.uptime();
  if (auto child = session.kill()) killed_.push_back(*std::move(child));
  if (exit.kind == Kind::restarted) {
    log_info("rig_gpu_probe " + exit.description);
    return {};
  }
  if (exit.kind == Kind::terminated && stop.wait_for(kStoppingTime)) return {};
  const auto delay = backoff_.next_delay(uptime);
  log_warn(fmt::format("rig_gpu_probe {}; restarting in {} s", exit.description, seconds(delay)));
  if (with_library) record_library_failure(exit, session.library_in_use());
  return delay;
}

void ProbeSupervisor::Loop::record_library_failure(const ProbeExit& exit, bool library_in_use) {
  using Kind = ProbeExit::Kind;
  if (exit.kind != Kind::crashed && exit.kind != Kind::hung) return;
  std::string_view detail = exit.description;
  if (detail.starts_with("was ")) detail.remove_prefix(4);
  const auto kind = fmt::format("{} {}", library_in_use ? "rocm_smi" : "rig_gpu_probe",
                                exit.kind == Kind::crashed ? "crashed" : "hung");
  const auto now = Clock::now();
  library_breaker_.record_failure(kind, detail, now);
  if (library_breaker_.is_open(now)) {
    log_warn("reading GPUs without rocm_smi from now on: " + library_breaker_.reason());
  }
}

// Returns false if stop was requested.
bool ProbeSupervisor::Loop::sleep(milliseconds time, const StopToken& stop) {
  const auto end = Clock::now() + time;
  while (true) {
    reap_killed();
    const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
    const auto timeout = std::clamp(left, milliseconds(0), kReapInterval);
    if (stop.wait_for(timeout)) return false;
    if (Clock::now() >= end) return true;
  }
}

void ProbeSupervisor::Loop::reap_killed() {
  std::erase_if(killed_, [](ProbeChild& child) { return child.poll_exit().has_value(); });
}

ProbeSupervisor::ProbeSupervisor(ProbeOptions options)
    : loop_(std::make_shared<Loop>(std::move(options))),
      thread_(
          "gpu probe", [loop = loop_](const StopToken& stop) { loop->run(stop); },
          [loop = loop_](const std::string& error) { loop->handle_error(error); }) {}

ProbeSupervisor::~ProbeSupervisor() { stop(); }

ProbeSnapshot ProbeSupervisor::snapshot() const { return loop_->store().snapshot(); }

bool ProbeSupervisor::wait(Clock::time_point deadline,
                           const std::function<bool(const ProbeSnapshot&)>& condition) const {
  return loop_->store().wait(deadline, condition);
}

void ProbeSupervisor::request_sample() const { loop_->request_sample(); }

void ProbeSupervisor::stop() {
  // The thread never waits for the probe, but writing to the log or starting a program may hang on
  // a filesystem.
  thread_.stop(kStopTimeout);
}

}  // namespace rig
