#include "web/connection_table.h"

#include <sys/socket.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace rig {
namespace {

// The end of the stream counts: the server is about to close the connection.
bool has_unread_data(int fd) {
  char byte = 0;
  return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

}  // namespace

// The thread that reads from the connection notices the end of the stream, and closes the
// descriptor.
void ConnectionTable::shut_down(int fd, Connection& connection) {
  connection.closing = true;
  connection.deadline.reset();
  shutdown(fd, SHUT_RDWR);
}

// The number of a client's connections; of all without a client.
std::size_t ConnectionTable::open(const std::string* client) const {
  return static_cast<std::size_t>(std::ranges::count_if(connections_, [&](const auto& entry) {
    const auto& connection = entry.second;
    return !connection.closing && (client == nullptr || connection.client == *client);
  }));
}

ConnectionTable::Added ConnectionTable::close_longest_waiting_of(const std::string* client,
                                                                 Clock::time_point now) {
  std::vector<std::pair<Clock::time_point, int>> waiting;
  for (const auto& [fd, connection] : connections_) {
    if (!connection.closing && connection.waiting &&
        (client == nullptr || connection.client == *client))
      waiting.emplace_back(connection.since, fd);
  }
  if (waiting.empty()) return Added::no;
  std::ranges::sort(waiting);
  const bool busy = std::ranges::any_of(waiting, [&](const auto& entry) {
    return !connections_.at(entry.second).started || has_unread_data(entry.second);
  });
  const auto newest = now - (busy ? limits_.busy_grace : limits_.grace);
  const std::size_t most = std::max<std::size_t>(limits_.per_client / 16, 1);
  std::size_t closed = 0;
  for (const auto& [since, fd] : waiting) {
    auto& connection = connections_.at(fd);
    if (since > newest || closed == most) break;
    if (!connection.started || has_unread_data(fd)) continue;
    shut_down(fd, connection);
    ++closed;
  }
  return closed > 0 ? Added::yes : Added::not_yet;
}

ConnectionTable::Added ConnectionTable::make_room(const std::string& client,
                                                  Clock::time_point now) {
  if (!client.empty() && open(&client) >= limits_.per_client) {
    if (const auto made = close_longest_waiting_of(&client, now); made != Added::yes) return made;
  }
  return open(nullptr) < limits_.total ? Added::yes : close_longest_waiting_of(nullptr, now);
}

ConnectionTable::Added ConnectionTable::add(int fd, std::string_view client,
                                            Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const std::string key(client);
  if (const auto room = make_room(key, now); room != Added::yes) return room;
  Connection connection;
  connection.client = key;
  connection.since = now;
  connection.deadline = now + limits_.request;
  connections_.insert_or_assign(fd, std::move(connection));
  return Added::yes;
}

void ConnectionTable::started(int fd) {
  const std::lock_guard lock(mutex_);
  if (const auto found = connections_.find(fd); found != connections_.end())
    found->second.started = true;
}

void ConnectionTable::request_complete(int fd) {
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(fd);
  if (found == connections_.end()) return;
  found->second.waiting = false;
  found->second.deadline.reset();
}

void ConnectionTable::response_begins(int fd, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(fd);
  if (found == connections_.end() || found->second.closing) return;
  found->second.waiting = false;
  found->second.deadline = now + limits_.response;
}

void ConnectionTable::wait_for_client(int fd, Clock::time_point now, Clock::duration timeout) {
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(fd);
  if (found == connections_.end() || found->second.closing) return;
  found->second.waiting = true;
  found->second.since = now;
  found->second.deadline = now + timeout;
}

void ConnectionTable::response_complete(int fd, Clock::time_point now) {
  wait_for_client(fd, now, limits_.idle);
}

void ConnectionTable::closing_begins(int fd, Clock::time_point now) {
  wait_for_client(fd, now, limits_.closing);
}

void ConnectionTable::remove(int fd) {
  const std::lock_guard lock(mutex_);
  connections_.erase(fd);
}

std::optional<ConnectionTable::Clock::duration> ConnectionTable::close_overdue(
    Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  std::optional<Clock::time_point> next;
  for (auto& [fd, connection] : connections_) {
    if (connection.deadline && *connection.deadline <= now) {
      shut_down(fd, connection);
    }
    if (connection.deadline && (!next || *connection.deadline < *next)) next = connection.deadline;
  }
  if (!next) return std::nullopt;
  return *next - now;
}

void ConnectionTable::close_longest_waiting(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  close_longest_waiting_of(nullptr, now);
}

std::size_t ConnectionTable::size() const {
  const std::lock_guard lock(mutex_);
  return connections_.size();
}

}  // namespace rig
