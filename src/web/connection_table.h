// The open connections of a server. Limits their number, in total and per client, and how long a
// client may take to send a request and to receive the response.
//
// A connection without a complete request costs the server nothing but its slot. If all slots are
// taken, the one that has waited longest is closed to make room for a new one, so that a client
// that holds connections, or sends its requests slowly, keeps nobody else out.
//
// All functions may be called from any thread. A descriptor must be removed before it is closed.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace rig {

class ConnectionTable {
 public:
  using Clock = std::chrono::steady_clock;

  struct Limits {
    std::size_t total = 1024;
    std::size_t per_client = 512;
    // How long a connection is new, and is not closed to make room.
    Clock::duration grace = std::chrono::milliseconds(50);
    // The same while the server is behind with reading: the slots of clients that have already left
    // become free by themselves, and a client that has just connected may wait for a CPU as well.
    Clock::duration busy_grace = std::chrono::seconds(1);
    // From the acceptance of a connection until its first request is complete.
    Clock::duration request = std::chrono::seconds(10);
    // From a response until the next request is complete. Longer than usual scrape intervals, so
    // that scrapers can reuse their connection.
    Clock::duration idle = std::chrono::minutes(3);
    // From the start of a response until the client has received it.
    Clock::duration response = std::chrono::seconds(30);
    // From the end of the last response until the client closes its side.
    Clock::duration closing = std::chrono::seconds(2);
  };

  enum class Added {
    yes,
    not_yet,  // others are new, or the server has not read yet what they have sent: try again
    no        // all others have a complete request
  };

  explicit ConnectionTable(const Limits& limits) : limits_(limits) {}

  // Adds a connection that was accepted, and closes another one if a limit is exceeded. `client`
  // identifies the client; connections of an empty one are only limited in total.
  Added add(int fd, std::string_view client, Clock::time_point now = Clock::now());
  // The thread that reads from connections has taken over the descriptor. Before that, it is not
  // closed to make room.
  void started(int fd);
  void request_complete(int fd);
  void response_begins(int fd, Clock::time_point now = Clock::now());
  void response_complete(int fd, Clock::time_point now = Clock::now());
  // The last response is complete, and the client is expected to close the connection.
  void closing_begins(int fd, Clock::time_point now = Clock::now());
  void remove(int fd);

  // Shuts down all connections whose time is up. Returns how long until the next one; absent if no
  // connection has a deadline.
  std::optional<Clock::duration> close_overdue(Clock::time_point now = Clock::now());

  // Shuts down the connection that has waited longest for its client, if there is one.
  void close_longest_waiting(Clock::time_point now = Clock::now());

  std::size_t size() const;

 private:
  struct Connection {
    std::string client;
    bool started = false;
    bool closing = false;                         // shut down; its slot counts as free
    bool waiting = true;                          // for a complete request
    Clock::time_point since{};                    // of `waiting`
    std::optional<Clock::time_point> deadline{};  // absent while the response is being prepared
  };

  static void shut_down(int fd, Connection& connection);
  void wait_for_client(int fd, Clock::time_point now, Clock::duration timeout);
  std::size_t open(const std::string* client) const;
  Added close_longest_waiting_of(const std::string* client, Clock::time_point now);
  Added make_room(const std::string& client, Clock::time_point now);

  const Limits limits_;
  mutable std::mutex mutex_;
  std::unordered_map<int, Connection> connections_;
};

}  // namespace rig
