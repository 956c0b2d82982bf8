#include "web/client_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <utility>

namespace rig {
namespace {

constexpr std::size_t kReadAtOnce = 16384;
// The rest of a request that was rejected.
constexpr int kMaxDiscardsAtOnce = 16;

using Status = ClientStream::Status;

Status status_of_errno(Status blocked) {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? blocked : Status::ended;
}

bool begins_a_method(char byte) { return byte >= 'A' && byte <= 'Z'; }

}  // namespace

ClientStream::ClientStream(UniqueFd socket, std::shared_ptr<const WebPolicy> policy)
    : socket_(std::move(socket)), policy_(std::move(policy)) {
  const int on = 1;  // fails for unix sockets
  static_cast<void>(setsockopt(fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
}

Status ClientStream::handshake() {
  if (!policy_) return Status::done;
  if (session_ == nullptr) {
    char first = 0;
    if (recv(fd(), &first, 1, MSG_PEEK) < 0) return status_of_errno(Status::wants_to_read);
    if (begins_a_method(first)) return Status::plain_text;
    session_ = policy_->tls->serve(fd());
  }
  const auto status = session_->handshake();
  if (status == Status::ended) shutdown(fd(), SHUT_WR);
  return status;
}

Status ClientStream::read(std::string& received) {
  return session_ == nullptr ? read_plain(received) : session_->read(received);
}

Status ClientStream::read_plain(std::string& received) const {
  std::array<char, kReadAtOnce> bytes;
  const auto result = recv(fd(), bytes.data(), bytes.size(), 0);
  if (result < 0) return status_of_errno(Status::wants_to_read);
  if (result == 0) return Status::ended;
  received.append(bytes.data(), static_cast<std::size_t>(result));
  return Status::done;
}

bool ClientStream::has_buffered_input() const {
  return session_ != nullptr && session_->has_buffered_input();
}

Status ClientStream::write(std::string_view head, std::string_view body, std::size_t& sent) {
  while (sent < head.size() + body.size()) {
    const bool in_body = sent >= head.size();
    const auto first = in_body ? body.substr(sent - head.size()) : head.substr(sent);
    const auto second = in_body ? std::string_view() : body;
    const auto status =
        session_ == nullptr ? write_plain(first, second, sent) : session_->write(first, sent);
    if (status != Status::done) return status;
  }
  return Status::done;
}

Status ClientStream::write_plain(std::string_view first, std::string_view second,
                                 std::size_t& sent) const {
  std::array<iovec, 2> parts{{{const_cast<char*>(first.data()), first.size()},
                              {const_cast<char*>(second.data()), second.size()}}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = second.empty() ? 1 : 2;
  const auto result = sendmsg(fd(), &message, MSG_NOSIGNAL);
  if (result < 0) return status_of_errno(Status::wants_to_write);
  sent += static_cast<std::size_t>(result);
  return Status::done;
}

void ClientStream::end_output() {
  if (session_ != nullptr) session_->end_output();
  shutdown(fd(), SHUT_WR);
}

Status ClientStream::discard() {
  std::array<char, kReadAtOnce> dropped;
  for (int i = 0; i < kMaxDiscardsAtOnce; ++i) {
    const auto result = recv(fd(), dropped.data(), dropped.size(), 0);
    if (result == 0) return Status::ended;
    if (result < 0) return status_of_errno(Status::wants_to_read);
  }
  return Status::wants_to_read;
}

bool ClientStream::is_self() const { return session_ != nullptr && session_->is_self(); }

}  // namespace rig
