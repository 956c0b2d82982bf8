#include "web/client_stream.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include "rig/log/log.h"

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

ClientStream::~ClientStream() { end_session(); }

void ClientStream::begin_session() {
  const int result = gnutls_init(&session_, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
  if (result < 0) throw std::runtime_error(gnutls_strerror(result));
  policy_->tls->set_up(session_);
  gnutls_transport_set_int(session_, fd());
}

void ClientStream::end_session() {
  if (session_ != nullptr) gnutls_deinit(std::exchange(session_, nullptr));
}

Status ClientStream::status_of(int gnutls_error) const {
  if (gnutls_error_is_fatal(gnutls_error) != 0) return Status::ended;
  return gnutls_record_get_direction(session_) == 0 ? Status::wants_to_read
                                                    : Status::wants_to_write;
}

Status ClientStream::handshake() {
  if (!policy_) return Status::done;
  if (session_ == nullptr) {
    char first = 0;
    if (recv(fd(), &first, 1, MSG_PEEK) < 0) return status_of_errno(Status::wants_to_read);
    if (begins_a_method(first)) return Status::plain_text;
    begin_session();
  }
  int result = GNUTLS_E_AGAIN;
  do {
    result = gnutls_handshake(session_);
  } while (result == GNUTLS_E_WARNING_ALERT_RECEIVED || result == GNUTLS_E_INTERRUPTED);
  if (result == GNUTLS_E_SUCCESS) return Status::done;
  if (gnutls_error_is_fatal(result) == 0) return status_of(result);
  fail(result);
  shutdown(fd(), SHUT_WR);
  return Status::ended;
}

Status ClientStream::fail(int gnutls_error) const {
  log_debug(fmt::format("http: TLS: {}", gnutls_strerror(gnutls_error)));
  // A rejected certificate has got its alert already.
  if (gnutls_error != GNUTLS_E_CERTIFICATE_ERROR)
    gnutls_alert_send_appropriate(session_, gnutls_error);
  return Status::ended;
}

Status ClientStream::read(std::string& received) {
  std::array<char, kReadAtOnce> bytes;
  const auto result = session_ == nullptr
                          ? recv(fd(), bytes.data(), bytes.size(), 0)
                          : gnutls_record_recv(session_, bytes.data(), bytes.size());
  if (result > 0) {
    received.append(bytes.data(), static_cast<std::size_t>(result));
    return Status::done;
  }
  if (result == 0) return Status::ended;
  if (session_ == nullptr) return status_of_errno(Status::wants_to_read);
  if (result == GNUTLS_E_REHANDSHAKE)
    gnutls_alert_send(session_, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
  const auto error = static_cast<int>(result);
  return gnutls_error_is_fatal(error) != 0 ? fail(error) : status_of(error);
}

bool ClientStream::has_buffered_input() const {
  return session_ != nullptr && gnutls_record_check_pending(session_) > 0;
}

Status ClientStream::write(std::string_view head, std::string_view body, std::size_t& sent) {
  while (sent < head.size() + body.size()) {
    const bool in_body = sent >= head.size();
    const auto first = in_body ? body.substr(sent - head.size()) : head.substr(sent);
    const auto second = in_body ? std::string_view() : body;
    const auto status =
        session_ == nullptr ? write_plain(first, second, sent) : write_record(first, sent);
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

Status ClientStream::write_record(std::string_view bytes, std::size_t& sent) const {
  const auto result = gnutls_record_send(session_, bytes.data(), bytes.size());
  if (result < 0) return status_of(static_cast<int>(result));
  sent += static_cast<std::size_t>(result);
  return Status::done;
}

void ClientStream::end_output() {
  if (session_ != nullptr) gnutls_bye(session_, GNUTLS_SHUT_WR);
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

bool ClientStream::is_self() const {
  return session_ != nullptr && policy_->tls->is_self(session_);
}

}  // namespace rig
