// TLS, users, headers and the rate limit of the web configuration file, as they are in effect.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>

#include "rig/metrics/instrumentation.h"
#include "rig/threads/stoppable_thread.h"

namespace rig {

struct WebPolicy;  // web/security/web_policy.h

// All functions may be called from any thread.
class WebSecurity {
 public:
  using OnReload = std::function<void(bool successful)>;

  // Reads the file and those that it names. Throws ConfigErrors. `instrumentation` may be null.
  explicit WebSecurity(const std::filesystem::path& file,
                       Instrumentation* instrumentation = nullptr);
  ~WebSecurity();
  WebSecurity(const WebSecurity&) = delete;
  WebSecurity& operator=(const WebSecurity&) = delete;

  bool uses_tls() const;
  bool has_users() const;
  // Whether nobody is served without a password or a verified client certificate.
  bool authenticates_clients() const;
  std::shared_ptr<const WebPolicy> policy() const;

  // Reads the files again. Throws ConfigErrors, also if TLS would be turned on or off, which takes
  // a restart. Until the returned function is called, nothing changes. Connections stay open: they
  // keep the certificate of their handshake, but users and headers are those of the new policy.
  std::function<void()> prepare_reload();

  // From now on, the files are read again within two seconds after one of them has changed.
  // `on_reload` is called in another thread.
  void watch(OnReload on_reload);

  void count_authentication_failure();

  static std::span<const MetricInfo* const> metrics();

 private:
  struct State;

  std::shared_ptr<State> state_;
  std::unique_ptr<StoppableThread> watcher_;
  EventCounter authentication_failures_;
  std::atomic<std::uint64_t> failure_count_{0};
};

}  // namespace rig
