#include "web/connection_table.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "rig/kernel/unique_fd.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

// The server's end of a connection, and whether it was shut down.
class ServerEnd {
 public:
  ServerEnd() {
    std::array<int, 2> fds{};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()) == 0);
    server_ = UniqueFd(fds[0]);
    client_ = UniqueFd(fds[1]);
  }
  int fd() const { return server_.get(); }
  void client_sends() const { CHECK(send(client_.get(), "G", 1, 0) == 1); }
  bool is_shut_down() const {
    char byte = 0;
    return recv(client_.get(), &byte, 1, MSG_PEEK) == 0;
  }

 private:
  UniqueFd server_;
  UniqueFd client_;
};

const ConnectionTable::Clock::time_point kStart = ConnectionTable::Clock::now();

ConnectionTable::Limits limits(std::size_t total, std::size_t per_client) {
  return {total, per_client, 50ms, 1s, 10s, 180s, 30s};
}

bool open_at(ConnectionTable& table, const ServerEnd& end, std::string_view client,
             ConnectionTable::Clock::time_point at) {
  const bool added = table.add(end.fd(), client, at) == ConnectionTable::Added::yes;
  table.started(end.fd());
  return added;
}

}  // namespace

TEST_CASE("A new connection takes the place of the one that has waited longest") {
  ConnectionTable table(limits(2, 2));
  const ServerEnd first;
  const ServerEnd second;
  const ServerEnd third;
  CHECK(open_at(table, first, "a", kStart));
  CHECK(open_at(table, second, "b", kStart + 1s));
  CHECK(open_at(table, third, "c", kStart + 2s));
  CHECK(first.is_shut_down());
  CHECK_FALSE(second.is_shut_down());
  CHECK_FALSE(third.is_shut_down());
}

TEST_CASE("A client with too many connections loses its own and not those of others") {
  ConnectionTable table(limits(10, 2));
  const ServerEnd other;
  const std::array<ServerEnd, 3> ends;
  CHECK(open_at(table, other, "other", kStart));
  for (std::size_t i = 0; i < ends.size(); ++i)
    CHECK(open_at(table, ends[i], "client", kStart + std::chrono::seconds(1 + i)));
  CHECK_FALSE(other.is_shut_down());
  CHECK(ends[0].is_shut_down());
  CHECK_FALSE(ends[1].is_shut_down());
}

TEST_CASE("Clients without an address are only limited in total") {
  ConnectionTable table(limits(10, 1));
  const std::array<ServerEnd, 3> ends;
  for (const auto& end : ends) CHECK(open_at(table, end, "", kStart));
  for (const auto& end : ends) CHECK_FALSE(end.is_shut_down());
}

TEST_CASE("A connection whose request is being handled is not closed to make room") {
  ConnectionTable table(limits(1, 1));
  const ServerEnd busy;
  const ServerEnd refused;
  CHECK(open_at(table, busy, "a", kStart));
  table.request_complete(busy.fd());
  CHECK(table.add(refused.fd(), "b", kStart) == ConnectionTable::Added::no);
  table.response_begins(busy.fd(), kStart);
  CHECK(table.add(refused.fd(), "b", kStart) == ConnectionTable::Added::no);
  table.response_complete(busy.fd(), kStart);
  CHECK(table.add(refused.fd(), "b", kStart) == ConnectionTable::Added::not_yet);
  CHECK(table.add(refused.fd(), "b", kStart + 50ms) == ConnectionTable::Added::yes);
  CHECK(busy.is_shut_down());
}

TEST_CASE("A request has a time limit from the acceptance on, however often it makes progress") {
  ConnectionTable table(limits(4, 4));
  const ServerEnd slow;
  open_at(table, slow, "a", kStart);
  CHECK(table.close_overdue(kStart + 9s) == 1s);
  CHECK_FALSE(slow.is_shut_down());
  CHECK(table.close_overdue(kStart + 10s) == std::nullopt);
  CHECK(slow.is_shut_down());
}

TEST_CASE(
    "A response has a time limit, its preparation has none, and an idle connection is closed") {
  ConnectionTable table(limits(4, 4));
  const ServerEnd end;
  open_at(table, end, "a", kStart);
  table.request_complete(end.fd());
  CHECK(table.close_overdue(kStart + 1h) == std::nullopt);
  table.response_begins(end.fd(), kStart + 1h);
  CHECK(table.close_overdue(kStart + 1h) == 30s);
  table.response_complete(end.fd(), kStart + 1h);
  CHECK(table.close_overdue(kStart + 1h) == 180s);
  CHECK_FALSE(end.is_shut_down());
  table.close_overdue(kStart + 1h + 180s);
  CHECK(end.is_shut_down());
}

TEST_CASE("The slot of a connection that was closed is free at once") {
  ConnectionTable table(limits(1, 1));
  const std::array<ServerEnd, 5> ends;
  auto at = kStart;
  for (const auto& end : ends) CHECK(open_at(table, end, "a", at += 1s));
  CHECK(table.size() == ends.size());
  for (const auto& end : ends) table.remove(end.fd());
  CHECK(table.size() == 0);
}

TEST_CASE("A connection that the server has not come to yet has the same deadline") {
  ConnectionTable table(limits(4, 4));
  const ServerEnd end;
  CHECK(table.add(end.fd(), "a", kStart) == ConnectionTable::Added::yes);
  table.close_longest_waiting(kStart + 1s);
  CHECK_FALSE(end.is_shut_down());
  table.close_overdue(kStart + 10s);
  CHECK(end.is_shut_down());
  CHECK(table.size() == 1);
}

TEST_CASE("After its last response, a client has little time to leave") {
  ConnectionTable table(limits(4, 4));
  const ServerEnd end;
  open_at(table, end, "a", kStart);
  table.request_complete(end.fd());
  table.response_begins(end.fd(), kStart);
  table.closing_begins(end.fd(), kStart + 1s);
  CHECK(table.close_overdue(kStart + 2s) == 1s);
  CHECK_FALSE(end.is_shut_down());
  table.close_overdue(kStart + 3s);
  CHECK(end.is_shut_down());
}

TEST_CASE("A connection whose client has sent something is not closed before it was read") {
  ConnectionTable table(limits(2, 2));
  const ServerEnd first;
  const ServerEnd second;
  const ServerEnd third;
  open_at(table, first, "a", kStart);
  open_at(table, second, "b", kStart + 1s);
  first.client_sends();
  CHECK(table.add(third.fd(), "c", kStart + 2s) == ConnectionTable::Added::yes);
  CHECK_FALSE(first.is_shut_down());
  CHECK(second.is_shut_down());
  const ServerEnd fourth;
  third.client_sends();
  table.started(third.fd());
  CHECK(table.add(fourth.fd(), "d", kStart + 3s) == ConnectionTable::Added::not_yet);
}

TEST_CASE("While the server is behind with reading, a client has longer to send its request") {
  ConnectionTable table(limits(2, 2));
  const ServerEnd silent;
  const ServerEnd unread;
  const ServerEnd next;
  open_at(table, silent, "a", kStart);
  open_at(table, unread, "a", kStart);
  unread.client_sends();
  CHECK(table.add(next.fd(), "a", kStart + 999ms) == ConnectionTable::Added::not_yet);
  CHECK_FALSE(silent.is_shut_down());
  CHECK(table.add(next.fd(), "a", kStart + 1s) == ConnectionTable::Added::yes);
  CHECK(silent.is_shut_down());
}
