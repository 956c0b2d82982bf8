#include "rig/web/http_server.h"

#include <fcntl.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

#include "web/acceptor.h"
#include "web/connection_loop.h"
#include "web/connection_table.h"
#include "web/late_listeners.h"
#include "web/listeners.h"
#include "web/request_handler.h"

namespace rig {
namespace {

// A service gets a low limit of descriptors, which it may raise, by default.
rlim_t raise_descriptor_limit(rlim_t wanted) {
  rlimit descriptors{};
  if (getrlimit(RLIMIT_NOFILE, &descriptors) != 0) return wanted;
  if (descriptors.rlim_cur >= wanted) return descriptors.rlim_cur;
  const rlimit raised{std::min(wanted, descriptors.rlim_max), descriptors.rlim_max};
  return setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : descriptors.rlim_cur;
}

// At most half of the descriptors: collectors need the others.
ConnectionTable::Limits connection_limits() {
  ConnectionTable::Limits limits;
  const std::size_t half = raise_descriptor_limit(2 * limits.total) / 2;
  limits.total = std::clamp<std::size_t>(half, 8, limits.total);
  limits.per_client = std::min(limits.per_client, limits.total / 2);
  return limits;
}

bool is_named(std::string_view header, std::string_view name) {
  return header.size() == name.size() && strncasecmp(header.data(), name.data(), name.size()) == 0;
}

}  // namespace

std::optional<std::string_view> HttpRequest::header(std::string_view name) const {
  const auto found = std::ranges::find_if(
      headers, [&](const auto& header) { return is_named(header.first, name); });
  if (found == headers.end()) return std::nullopt;
  return found->second;
}

std::string HttpRequest::list_header(std::string_view name) const {
  std::string list;
  for (const auto& [key, value] : headers) {
    if (is_named(key, name)) list += (list.empty() ? "" : ", ") + value;
  }
  return list;
}

class HttpServer::Impl {
 public:
  Impl(std::span<const std::string> addresses, std::vector<HttpRoute> routes, HttpObserver observer,
       const std::shared_ptr<WebSecurity>& security, ListenOptions options)
      // Opens all sockets first: if one of them cannot be opened, no request has been served on the
      // others.
      : listeners_(addresses, options),
        connections_(std::make_shared<ConnectionTable>(connection_limits())),
        handler_(std::make_shared<RequestHandler>(
            std::move(routes), std::move(observer),
            security ? std::make_unique<AccessControl>(security) : nullptr)),
        loop_(std::make_unique<ConnectionLoop>(
            HttpConnection::Server{handler_, connections_, security})),
        acceptor_(make_acceptor(listeners_.take_descriptors())),
        late_(std::make_unique<LateListeners>(
            listeners_.take_late_addresses(), options.retry_interval,
            [this](const std::string& address, UniqueFd socket) {
              std::vector<UniqueFd> sockets;
              sockets.push_back(std::move(socket));
              late_acceptors_[address] = make_acceptor(std::move(sockets));
            })) {}

  // It is never destroyed.
  static void leave_behind(std::unique_ptr<Impl> impl) {
    static auto& left_behind = *new std::vector<std::unique_ptr<Impl>>;
    left_behind.push_back(std::move(impl));
  }

  const std::vector<std::string>& addresses() const { return listeners_.addresses(); }

  UniqueFd connect() {
    std::array<int, 2> ends{-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw std::system_error(errno, std::generic_category(), "socketpair");
    UniqueFd client(ends[0]);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    const std::lock_guard lock(acceptor_mutex_);
    if (acceptor_) {
      acceptor_->pass_on(ends[1]);
    } else {
      close(ends[1]);
    }
    return client;
  }

  bool stop(std::chrono::milliseconds timeout) {
    if (!take_acceptor()) return all_finished_;
    late_->stop();
    late_acceptors_.clear();
    listeners_.remove_files();
    const bool all_responded = handler_->stop(timeout);
    all_finished_ = loop_->stop() && all_responded;
    return all_finished_;
  }

 private:
  std::unique_ptr<Acceptor> make_acceptor(std::vector<UniqueFd> sockets) {
    return std::make_unique<Acceptor>(
        std::move(sockets), connections_,
        [this](UniqueFd socket, const sockaddr& client) { loop_->add(std::move(socket), client); });
  }

  // Ends its thread. False if it was taken before.
  bool take_acceptor() {
    std::unique_lock lock(acceptor_mutex_);
    const auto taken = std::exchange(acceptor_, nullptr);
    lock.unlock();
    return taken != nullptr;
  }

  Listeners listeners_;
  std::shared_ptr<ConnectionTable> connections_;
  std::shared_ptr<RequestHandler> handler_;
  std::unique_ptr<ConnectionLoop> loop_;
  std::mutex acceptor_mutex_;
  std::unique_ptr<Acceptor> acceptor_;  // guarded by the mutex
  // By the address of the settings; of the thread of late_ until it has stopped.
  std::map<std::string, std::unique_ptr<Acceptor>> late_acceptors_;
  std::unique_ptr<LateListeners> late_;
  bool all_finished_ = true;
};

HttpServer::HttpServer(std::span<const std::string> addresses, std::vector<HttpRoute> routes,
                       HttpObserver observer, const std::shared_ptr<WebSecurity>& security,
                       ListenOptions options)
    : impl_(std::make_unique<Impl>(addresses, std::move(routes), std::move(observer), security,
                                   std::move(options))) {}

HttpServer::~HttpServer() {
  // A response that comes later will use it.
  if (!impl_->stop(std::chrono::milliseconds(0))) Impl::leave_behind(std::move(impl_));
}

const std::vector<std::string>& HttpServer::addresses() const { return impl_->addresses(); }
UniqueFd HttpServer::connect() { return impl_->connect(); }
bool HttpServer::stop(std::chrono::milliseconds timeout) { return impl_->stop(timeout); }

}  // namespace rig
