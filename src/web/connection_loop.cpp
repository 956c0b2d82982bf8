#include "web/connection_loop.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <exception>
#include <mutex>
#include <system_error>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rig/log/log.h"
#include "rig/threads/wakeup_event.h"
#include "web/client_network.h"

namespace rig {
namespace {

using Clock = std::chrono::steady_clock;

// Identify the descriptors of epoll_wait(2). Connections have larger numbers, each its own.
constexpr std::uint64_t kMailboxId = 0;
constexpr std::uint64_t kStopId = 1;
constexpr std::uint64_t kFirstConnectionId = 2;

constexpr std::size_t kEventsAtOnce = 64;
// How long clients may take to receive their responses when the server stops.
constexpr std::chrono::milliseconds kTimeToFinish{250};

void control(int epoll, int operation, int fd, std::uint32_t events, std::uint64_t id) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  if (epoll_ctl(epoll, operation, fd, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

}  // namespace

// What other threads pass on to the thread of the loop. Responses that are made after its end are
// dropped.
struct ConnectionLoop::Mailbox {
  struct Accepted {
    UniqueFd socket;
    std::string client;
  };
  struct Response {
    std::uint64_t connection;
    HttpResponse response;
  };

  std::mutex mutex;
  std::vector<Accepted> accepted;
  std::vector<Response> responses;
  WakeupEvent not_empty;

  void put(std::uint64_t connection, HttpResponse response) {
    const std::lock_guard lock(mutex);
    responses.push_back({connection, std::move(response)});
    not_empty.signal();
  }
};

class ConnectionLoop::Work {
 public:
  Work(HttpConnection::Server server, std::shared_ptr<Mailbox> mailbox)
      : server_(std::move(server)),
        mailbox_(std::move(mailbox)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (!epoll_.is_open()) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    control(epoll_.get(), EPOLL_CTL_ADD, mailbox_->not_empty.fd(), EPOLLIN, kMailboxId);
  }

  void run(const StopToken& stop) {
    control(epoll_.get(), EPOLL_CTL_ADD, stop.fd(), EPOLLIN, kStopId);
    while (handle_events(-1)) continue;
    control(epoll_.get(), EPOLL_CTL_DEL, stop.fd(), 0, kStopId);
    finish();
  }

 private:
  struct Connection {
    std::unique_ptr<HttpConnection> http;
    std::uint32_t events;  // that are waited for
    bool is_unfinished = false;
  };

  void finish() {
    const auto end = Clock::now() + kTimeToFinish;
    take_mail();
    while (true) {
      std::erase_if(connections_,
                    [](const auto& entry) { return !entry.second.http->owes_response(); });
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
      if (connections_.empty() || left <= 0) break;
      handle_events(static_cast<int>(left));
    }
    connections_.clear();
  }

  // Returns false once the thread has to stop.
  bool handle_events(int timeout_milliseconds) {
    std::array<epoll_event, kEventsAtOnce> events;
    const int count = epoll_wait(epoll_.get(), events.data(), events.size(),
                                 unfinished_.empty() ? timeout_milliseconds : 0);
    if (count < 0 && errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "epoll_wait");
    bool goes_on = true;
    for (int i = 0; i < count; ++i) {
      const auto& event = events.at(static_cast<std::size_t>(i));
      if (event.data.u64 == kStopId) {
        goes_on = false;
      } else if (event.data.u64 == kMailboxId) {
        take_mail();
      } else {
        change(event.data.u64, [&](HttpConnection& http) { http.on_events(event.events); });
      }
    }
    go_on();
    return goes_on;
  }

  void go_on() {
    for (const auto id : std::exchange(unfinished_, {})) {
      if (const auto found = connections_.find(id); found != connections_.end())
        found->second.is_unfinished = false;
      change(id, [](HttpConnection& http) { http.go_on(); });
    }
  }

  void take_mail() {
    mailbox_->not_empty.clear();
    std::unique_lock lock(mailbox_->mutex);
    auto accepted = std::exchange(mailbox_->accepted, {});
    auto responses = std::exchange(mailbox_->responses, {});
    lock.unlock();
    for (auto& connection : accepted) add(std::move(connection));
    for (auto& made : responses)
      change(made.connection, [&](auto& http) { http.on_response(std::move(made.response)); });
  }

  void add(Mailbox::Accepted accepted) {
    const int fd = accepted.socket.get();
    const auto id = next_id_++;
    try {
      const auto respond_later = [mailbox = mailbox_, id](HttpResponse response) {
        mailbox->put(id, std::move(response));
      };
      auto http = std::make_unique<HttpConnection>(server_, std::move(accepted.socket),
                                                   std::move(accepted.client), respond_later);
      control(epoll_.get(), EPOLL_CTL_ADD, fd, EPOLLIN, id);
      connections_.emplace(id, Connection{.http = std::move(http), .events = EPOLLIN});
    } catch (const std::exception& error) {
      log_error(fmt::format("http: a connection was closed: {}", error.what()));
      server_.connections->remove(fd);
    }
  }

  // Lets a connection do something, and waits for the events that it awaits then.
  template <typename Change>
  void change(std::uint64_t id, Change&& change) {
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;  // closed in the meantime
    auto& connection = found->second;
    try {
      change(*connection.http);
      if (!connection.http->is_closed()) {
        await_events(id, connection);
        if (connection.http->can_go_on() && !std::exchange(connection.is_unfinished, true))
          unfinished_.push_back(id);
        return;
      }
    } catch (const std::exception& error) {
      log_error(fmt::format("http: a connection was closed: {}", error.what()));
    }
    connections_.erase(found);
  }

  void await_events(std::uint64_t id, Connection& connection) {
    const auto events = connection.http->awaited_events();
    if (std::exchange(connection.events, events) != events)
      control(epoll_.get(), EPOLL_CTL_MOD, connection.http->fd(), events, id);
  }

  const HttpConnection::Server server_;
  const std::shared_ptr<Mailbox> mailbox_;
  const UniqueFd epoll_;
  std::unordered_map<std::uint64_t, Connection> connections_;
  std::vector<std::uint64_t> unfinished_;  // connections that can go on without an event
  std::uint64_t next_id_ = kFirstConnectionId;
};

ConnectionLoop::ConnectionLoop(HttpConnection::Server server)
    : mailbox_(std::make_shared<Mailbox>()),
      thread_(
          "http",
          [work = std::make_shared<Work>(std::move(server), mailbox_)](const StopToken& stop) {
            work->run(stop);
          },
          [](const std::string& error) { log_error("http: no longer serving: " + error); }) {}

ConnectionLoop::~ConnectionLoop() { stop(); }

bool ConnectionLoop::stop() { return thread_.stop(2 * kTimeToFinish); }

void ConnectionLoop::add(UniqueFd socket, const sockaddr& client) {
  auto network = client_network(client);
  const std::lock_guard lock(mailbox_->mutex);
  mailbox_->accepted.push_back({std::move(socket), std::move(network)});
  mailbox_->not_empty.signal();
}

}  // namespace rig
