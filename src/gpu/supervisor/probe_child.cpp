#include "gpu/supervisor/probe_child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace rig {
namespace {

std::string error_text(int error_number) { return std::generic_category().message(error_number); }

// Above 2, so that handing it to the child as 0, 1 or 2 overwrites none of the others: we may have
// been started with those closed.
UniqueFd above_standard(UniqueFd descriptor) {
  if (descriptor.get() > STDERR_FILENO || !descriptor.is_open()) return descriptor;
  return UniqueFd(fcntl(descriptor.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

struct Pipe {
  UniqueFd read;
  UniqueFd write;
  bool is_open() const { return read.is_open() && write.is_open(); }
};

Pipe make_pipe() {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  UniqueFd read(ends[0]);
  UniqueFd write(ends[1]);
  return {above_standard(std::move(read)), above_standard(std::move(write))};
}

// Ours only: the child's end stays as programs expect it.
bool set_non_blocking(const UniqueFd& descriptor) {
  return fcntl(descriptor.get(), F_SETFL, O_NONBLOCK) == 0;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const auto& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> child_environment() {
  std::vector<std::string> kept;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    if (!variable.starts_with("RSMI_DEBUG_")) kept.emplace_back(variable);
  }
  return kept;
}

// What posix_spawn() is to do in the child.
class SpawnPlan {
 public:
  SpawnPlan(int input, int output, int errors) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);

    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

std::string ProcessEnd::words() const {
  if (signal) {
    const char* const name = sigabbrev_np(*signal);
    return "was killed by " +
           (name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(*signal));
  }
  if (status) return "exited with status " + std::to_string(*status);
  return "ended";
}

bool ProcessEnd::crashed() const {
  if (!signal) return false;
  constexpr std::array kOwnFaults{SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP};
  for (const int fault : kOwnFaults) {
    if (*signal == fault) return true;
  }
  return false;
}

ProbeChild::ProbeChild(pid_t pid, UniqueFd input, UniqueFd output, UniqueFd errors,
                       SendSignal send_signal)
    : pid_(pid),
      input_(std::move(input)),
      output_(std::move(output)),
      errors_(std::move(errors)),
      send_signal_(std::move(send_signal)) {}

ProbeChild::ProbeChild(ProbeChild&& other) noexcept = default;
ProbeChild& ProbeChild::operator=(ProbeChild&& other) noexcept = default;

ProbeChild::Started ProbeChild::start(const std::vector<std::string>& arguments,
                                      SendSignal send_signal) {
  Pipe input = make_pipe();
  Pipe output = make_pipe();
  Pipe errors = make_pipe();
  if (!input.is_open() || !output.is_open() || !errors.is_open() ||
      !set_non_blocking(output.read) || !set_non_blocking(errors.read)) {
    return {std::nullopt, "no pipe to it: " + error_text(errno)};
  }
  const SpawnPlan plan(input.read.get(), output.write.get(), errors.write.get());
  const auto environment = child_environment();
  pid_t pid = -1;
  const int error = posix_spawn(&pid, arguments.front().c_str(), plan.actions(), plan.attributes(),
                                pointers(arguments).data(), pointers(environment).data());
  if (error != 0) return {std::nullopt, error_text(error)};
  return {ProbeChild(pid, std::move(input.write), std::move(output.read), std::move(errors.read),
                     std::move(send_signal)),
          {}};
}

void ProbeChild::close_pipes() {
  input_.reset();
  output_.reset();
  errors_.reset();
}

void ProbeChild::signal(int number) const {
  if (pid_ < 0) return;
  if (send_signal_(-pid_, number) != 0) send_signal_(pid_, number);  // it left its group
}

std::optional<ProcessEnd> ProbeChild::ended() {
  if (pid_ < 0) return end_;
  siginfo_t info{};
  int result = 0;
  do {
    result = waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  } while (result != 0 && errno == EINTR);
  if (result != 0) {  // reaped behind our back, as where SIGCHLD is ignored
    pid_ = -1;
    return end_.emplace();
  }
  if (info.si_pid == 0) return std::nullopt;
  // While it is a zombie the number of its group can belong to nobody else.
  signal(SIGKILL);
  waitpid(pid_, nullptr, WNOHANG);
  pid_ = -1;
  end_.emplace();
  if (info.si_code == CLD_EXITED) {
    end_->status = info.si_status;
  } else {
    end_->signal = info.si_status;
  }
  return end_;
}

}  // namespace rig
