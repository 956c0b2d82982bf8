#include "app/notify_socket.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

#include "rig/kernel/problem.h"
#include "rig/log/log.h"

namespace rig {
namespace {

constexpr std::size_t kMaxWaitingMessages = 16;

void log_not_notified(std::string_view why) {
  log_warn(fmt::format("the service manager is not notified: {}", why));
}

}  // namespace

NotifySocket::NotifySocket(const std::string& address) {
  if (address.empty()) return;
  const bool supported = address.size() > 1 && address.size() <= sizeof address_.sun_path &&
                         (address.front() == '/' || address.front() == '@');
  if (!supported) {
    log_not_notified(
        fmt::format("NOTIFY_SOCKET is {}, which is neither a path nor an abstract "
                    "socket",
                    quoted_text(address)));
    return;
  }
  address_.sun_family = AF_UNIX;
  address.copy(address_.sun_path, address.size());
  if (address.front() == '@') address_.sun_path[0] = '\0';
  // Without a null byte at the end, which would be part of the name of an abstract socket.
  address_size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
  socket_ = UniqueFd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_.is_open()) log_not_notified(std::generic_category().message(errno));
}

bool NotifySocket::send_now(std::string_view message) {
  if (!is_open()) return true;
  const auto& at = reinterpret_cast<const sockaddr&>(address_);
  // To the address each time: a manager that has started again has another socket there.
  while (sendto(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL, &at, address_size_) <
         0) {
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == ENOBUFS) return false;
    if (!std::exchange(failure_logged_, true))
      log_not_notified(std::generic_category().message(errno));
    return true;
  }
  return true;
}

bool NotifySocket::send_waiting() {
  while (!waiting_.empty() && send_now(waiting_.front())) waiting_.pop_front();
  return waiting_.empty();
}

bool NotifySocket::send(std::string_view message) {
  const std::lock_guard lock(mutex_);
  return send_now(message);
}

void NotifySocket::post(std::string message) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(message));
  if (!send_waiting() && waiting_.size() > kMaxWaitingMessages) waiting_.pop_front();
}

bool NotifySocket::flush() {
  const std::lock_guard lock(mutex_);
  return send_waiting();
}

}  // namespace rig
