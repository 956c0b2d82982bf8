#include "web/acceptor.h"

#include <fmt/format.h>
#include <malloc.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "rig/log/log.h"
#include "rig/log/log_rate_limiter.h"
#include "web/client_network.h"
#include "web/response_head.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

constexpr int kAcceptedAtOnce = 64;
constexpr milliseconds kPauseWithoutDescriptors{100};
constexpr milliseconds kPause{2};
constexpr int kMaxPauses = 500;
// A client that sends without end must not keep the thread.
constexpr int kMaxReadsOfRefused = 16;
// A deadline that another thread sets is noticed this much later at most.
constexpr milliseconds kLongestWait{2000};

std::string refusal() {
  const HttpResponse response{503,
                              "text/plain; charset=utf-8",
                              "too many requests are being handled now\n",
                              {{"Retry-After", "1"}}};
  return response_head(response, nullptr, Persistence::close).append(response.body.text());
}

// Not for TLS, whose client would see it as a malformed handshake; it is closed all the same.
void refuse(int fd) {
  std::array<char, 4096> request;
  // A request that has not been read would reset the connection before the client reads the
  // response.
  for (int i = 0; i < kMaxReadsOfRefused; ++i) {
    if (recv(fd, request.data(), request.size(), MSG_DONTWAIT) <= 0) break;
  }
  const auto response = refusal();
  static_cast<void>(send(fd, response.data(), response.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  close(fd);
}

}  // namespace

struct Acceptor::Work {
  Work(std::vector<UniqueFd> own_listeners, std::shared_ptr<ConnectionTable> own_connections,
       OnConnection own_on_connection)
      : listeners(std::move(own_listeners)),
        connections(std::move(own_connections)),
        on_connection(std::move(own_on_connection)) {
    if (!passed_on_event.is_open())
      throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  ~Work() {
    if (passed_on >= 0) close(passed_on);
  }

  std::vector<UniqueFd> listeners;
  std::shared_ptr<ConnectionTable> connections;
  OnConnection on_connection;
  UniqueFd passed_on_event{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::mutex passed_on_mutex{};
  int passed_on = -1;
  LogRateLimiter limiter{};
  bool was_crowded = false;

  void run(const StopToken& stop);
  void take_passed_on();
  void accept_from(int listener, const StopToken& stop);
  bool add(int fd, std::string_view client, const StopToken& stop);
  void handle_error(int error_number, const StopToken& stop);
  int milliseconds_to_wait() const;
  void return_memory();
  void warn(const std::string& message);
};

void Acceptor::Work::warn(const std::string& message) {
  if (limiter.allow(message, LogRateLimiter::Time::clock::now())) log_warn("http: " + message);
}

// Negative: until there is a connection.
int Acceptor::Work::milliseconds_to_wait() const {
  const auto next = connections->close_overdue();
  if (connections->size() == 0) return -1;
  const auto wait = std::chrono::ceil<milliseconds>(next.value_or(kLongestWait));
  return static_cast<int>(std::min(wait, kLongestWait).count());
}

// What many connections have used is free, but in pieces that malloc would keep.
void Acceptor::Work::return_memory() {
  constexpr std::size_t kCrowd = 64;
  const std::size_t open = connections->size();
  was_crowded = was_crowded || open >= kCrowd;
  if (!was_crowded || open > kCrowd / 4) return;
  was_crowded = false;
  malloc_trim(0);
}

void Acceptor::Work::run(const StopToken& stop) {
  std::vector<pollfd> polled;
  for (const auto& listener : listeners) polled.push_back({listener.get(), POLLIN, 0});
  polled.push_back({passed_on_event.get(), POLLIN, 0});
  polled.push_back({stop.fd(), POLLIN, 0});
  while (true) {
    return_memory();
    if (poll(polled.data(), polled.size(), milliseconds_to_wait()) < 0 && errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "poll");
    if (polled.back().revents != 0) return;
    for (const auto& ready : polled) {
      if (ready.revents == 0) continue;
      if (ready.fd == passed_on_event.get()) {
        take_passed_on();
      } else {
        accept_from(ready.fd, stop);
      }
    }
  }
}

void Acceptor::Work::take_passed_on() {
  eventfd_t count = 0;
  eventfd_read(passed_on_event.get(), &count);
  std::unique_lock lock(passed_on_mutex);
  const int fd = std::exchange(passed_on, -1);
  lock.unlock();
  constexpr sockaddr kUnnamed{.sa_family = AF_UNIX, .sa_data = {}};
  if (fd >= 0) on_connection(UniqueFd(fd), kUnnamed);
}

void Acceptor::Work::accept_from(int listener, const StopToken& stop) {
  for (int i = 0; i < kAcceptedAtOnce; ++i) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    auto& client = reinterpret_cast<sockaddr&>(storage);
    const int fd = accept4(listener, &client, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
      handle_error(errno, stop);
      return;
    }
    if (!add(fd, client_network(client), stop)) {
      refuse(fd);
      warn("too many requests at the same time: a connection was refused");
      continue;
    }
    on_connection(UniqueFd(fd), client);
  }
}

// Gives the server time to read what other clients have sent.
bool Acceptor::Work::add(int fd, std::string_view client, const StopToken& stop) {
  for (int i = 0; i < kMaxPauses; ++i) {
    const auto added = connections->add(fd, client);
    if (added != ConnectionTable::Added::not_yet) return added == ConnectionTable::Added::yes;
    if (stop.wait_for(kPause)) return false;
  }
  return false;
}

void Acceptor::Work::handle_error(int error_number, const StopToken& stop) {
  switch (error_number) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      warn(fmt::format("cannot accept connections: {}",
                       std::generic_category().message(error_number)));
      connections->close_longest_waiting();
      stop.wait_for(kPauseWithoutDescriptors);
      return;
    default:  // no more connections, or the client has gone already
      return;
  }
}

Acceptor::Acceptor(std::vector<UniqueFd> listeners, std::shared_ptr<ConnectionTable> connections,
                   OnConnection on_connection)
    : work_(std::make_shared<Work>(std::move(listeners), std::move(connections),
                                   std::move(on_connection))),
      thread_(
          "http-accept", [work = work_](const StopToken& stop) { work->run(stop); },
          [](const std::string& error) { log_error("http: no longer accepting: " + error); }) {}

Acceptor::~Acceptor() { stop(); }

void Acceptor::pass_on(int fd) {
  const std::lock_guard lock(work_->passed_on_mutex);
  if (const int previous = std::exchange(work_->passed_on, fd); previous >= 0) close(previous);
  eventfd_write(work_->passed_on_event.get(), 1);
}

void Acceptor::stop() {
  // Nothing in the thread waits for long.
  if (thread_.stop(std::chrono::seconds(30))) work_->listeners.clear();
}

}  // namespace rig
