#include "gpu/supervisor/probe_supervisor.h"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "gpu/supervisor/probe_child.h"
#include "gpu/supervisor/probe_command.h"
#include "gpu/supervisor/probe_session.h"
#include "gpu/supervisor/restart_policy.h"
#include "gpu/supervisor/snapshot_store.h"
#include "rig/kernel/unique_fd.h"
#include "rig/log/log.h"
#include "rig/log/log_rate_limiter.h"
#include "rig/threads/timed_task.h"

namespace rig {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Processes that were killed and are not dead yet are looked after so often.
constexpr milliseconds kReap{1000};
// And so long when we stop, that none is left a zombie.
constexpr milliseconds kLastReap{100};
// stop() waits no longer for its thread.
constexpr milliseconds kStopPatience{450};

// A thread inherits the signal mask of who starts it: signals are for the main thread.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

double seconds(milliseconds time) { return std::chrono::duration<double>(time).count(); }

std::filesystem::path own_program() {
  std::error_code ignored;
  return std::filesystem::read_symlink(RootPaths{}.proc / "self" / "exe", ignored);
}

}  // namespace

// The thread's work, and the board that it shares with those who ask.
class ProbeSupervisor::Watch {
 public:
  explicit Watch(ProbeOptions options);

  void run();
  void ask_to_stop() { eventfd_write(wake_.get(), 1); }
  bool wait_for_end(milliseconds patience);
  const SnapshotStore& board() const { return board_; }

 private:
  milliseconds live_once();
  ProbeExit watch(ProbeSession& life, bool with_library);
  milliseconds fail_to_start(const std::string& why);
  milliseconds bury(ProbeSession& life, const ProbeExit& death, bool with_library);
  void learn_from(const ProbeExit& death, bool library_in_use);
  bool rest(milliseconds time);
  void reap_leftovers();

  const ProbeOptions options_;
  const std::filesystem::path own_program_ = own_program();
  UniqueFd wake_;  // readable once we are to stop
  SnapshotStore board_;

  RestartBackoff pause_;
  LibraryCircuitBreaker trust_;
  LogRateLimiter messages_;
  std::string start_error_;
  std::vector<ProbeChild> leftovers_;  // killed and not dead yet

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
};

ProbeSupervisor::Watch::Watch(ProbeOptions options)
    : options_(std::move(options)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      board_(options_.sample_interval, options_.peak_window),
      pause_(options_.limits),
      trust_(options_.limits) {
  if (!wake_.is_open()) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void ProbeSupervisor::Watch::run() {
  name_this_thread("gpu probe");
  while (rest(live_once())) {
  }
  const auto patience = Clock::now() + kLastReap;
  while (reap_leftovers(), !leftovers_.empty() && Clock::now() < patience) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

bool ProbeSupervisor::Watch::wait_for_end(milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return ended_; });
}

// From one start until the end of that probe. Gives the pause before the next.
milliseconds ProbeSupervisor::Watch::live_once() {
  if (leftovers_.size() >= options_.limits.unkillable) {
    return fail_to_start(fmt::format(
        "{} of its processes hang in the kernel and cannot be killed: a GPU's driver is stuck (see "
        "dmesg); often only a reboot helps",
        leftovers_.size()));
  }
  const bool with_library = !trust_.given_up(Clock::now());
  const ProbeCommand command = probe_command(options_, own_program_, with_library);
  if (!command.error.empty()) return fail_to_start(command.error);
  auto started = ProbeChild::start(command.arguments, options_.send_signal);
  if (!started.child) return fail_to_start(command.arguments.front() + ": " + started.error);

  start_error_.clear();
  board_.started();
  ProbeSession life(std::move(*started.child), options_, wake_, board_, messages_,
                    with_library ? "" : trust_.reason());
  const ProbeExit death = watch(life, with_library);
  return bury(life, death, with_library);
}

ProbeExit ProbeSupervisor::Watch::watch(ProbeSession& life, bool with_library) {
  while (true) {
    if (auto death = life.watch(Clock::now() + kReap)) return *std::move(death);
    reap_leftovers();
    if (!with_library && !trust_.given_up(Clock::now())) {
      board_.forget("rig_gpu_probe is started again, to try rocm_smi");
      return {ProbeExit::Kind::renewed, "is started again, to try rocm_smi"};
    }
  }
}

milliseconds ProbeSupervisor::Watch::fail_to_start(const std::string& why) {
  const std::string problem = "rig_gpu_probe cannot be started: " + why;
  if (why != start_error_) log_error(problem);  // once, not at every try
  start_error_ = why;
  board_.not_startable(problem);
  return pause_.after_life_of({});
}

// Makes sure that it ends, learns from how it ended, and gives the pause before the next start.
milliseconds ProbeSupervisor::Watch::bury(ProbeSession& life, const ProbeExit& death,
                                          bool with_library) {
  using Kind = ProbeExit::Kind;
  if (death.kind == Kind::stopped) {
    life.end_politely();
    return {};
  }
  const auto age = life.age();
  if (auto undead = life.kill()) leftovers_.push_back(*std::move(undead));
  if (death.kind == Kind::renewed) {
    log_info("rig_gpu_probe " + death.words);
    return {};
  }
  const auto pause = pause_.after_life_of(age);
  log_warn(
      fmt::format("rig_gpu_probe {}: it is started again in {} s", death.words, seconds(pause)));
  if (with_library) learn_from(death, life.library_in_use());
  return pause;
}

// Gives rocm-smi up when it may be to blame, and has been too often.
void ProbeSupervisor::Watch::learn_from(const ProbeExit& death, bool library_in_use) {
  using Kind = ProbeExit::Kind;
  if (death.kind != Kind::crashed && death.kind != Kind::hung) return;
  std::string_view how = death.words;
  if (how.starts_with("was ")) how.remove_prefix(4);
  const auto what = fmt::format("{} {}", library_in_use ? "rocm_smi" : "rig_gpu_probe",
                                death.kind == Kind::crashed ? "crashed" : "hung");
  const auto now = Clock::now();
  trust_.failed(what, how, now);
  if (trust_.given_up(now)) log_warn("GPUs are read without rocm_smi now: " + trust_.reason());
}

// False when we are to stop.
bool ProbeSupervisor::Watch::rest(milliseconds time) {
  const auto end = Clock::now() + time;
  while (true) {
    reap_leftovers();
    const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
    pollfd wake{wake_.get(), POLLIN, 0};
    if (poll(&wake, 1, static_cast<int>(std::clamp(left, milliseconds(0), kReap).count())) > 0) {
      return false;
    }
    if (Clock::now() >= end) return true;
  }
}

void ProbeSupervisor::Watch::reap_leftovers() {
  std::erase_if(leftovers_, [](ProbeChild& child) { return child.ended().has_value(); });
}

ProbeSupervisor::ProbeSupervisor(ProbeOptions options) {
  if (!options.send_signal) options.send_signal = ::kill;
  watch_ = std::make_shared<Watch>(std::move(options));
  const SignalsBlocked blocked;
  thread_ = std::thread([watch = watch_] { watch->run(); });
}

ProbeSupervisor::~ProbeSupervisor() { stop(); }

ProbeSnapshot ProbeSupervisor::snapshot() const { return watch_->board().snapshot(); }

bool ProbeSupervisor::wait(Clock::time_point deadline,
                           const std::function<bool(const ProbeSnapshot&)>& enough) const {
  return watch_->board().wait(deadline, enough);
}

void ProbeSupervisor::stop() {
  if (!thread_.joinable()) return;
  watch_->ask_to_stop();
  // The thread waits for nothing of the probe's, but it writes to the log and starts programs,
  // which may hang on their file systems.
  if (watch_->wait_for_end(kStopPatience)) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

}  // namespace rig
