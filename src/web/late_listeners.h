// Addresses of an HttpServer that did not exist when it was started, or may go and return: those of
// a VPN, or from DHCP.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rig/config/listen_address.h"
#include "rig/threads/stoppable_thread.h"
#include "web/listening_socket.h"

namespace rig {

struct LateAddress {
  ListenAddress address;
  bool listening = false;  // otherwise listen_on() threw NotYetKnown
  bool missing = false;    // listened on, but the machine does not have it
  // Index of the network interface that the socket is bound to: when an interface is created again,
  // it has another one, and the socket gets no connections.
  unsigned zone = 0;
};

class LateListeners {
 public:
  // `address` is that of the settings: a later call for the same one replaces its socket. Called in
  // another thread, never after stop() has returned.
  using OnListening = std::function<void(const std::string& address, UniqueFd socket)>;

  // Whether an address has to be looked after.
  static bool concerns(const LateAddress& address);

  // Looks after the addresses each `interval`, as long as one of them needs it. Logs when an
  // address is missing, and when it exists. Throws std::system_error if no thread can be created.
  LateListeners(std::vector<LateAddress> addresses, std::chrono::milliseconds interval,
                OnListening on_listening);
  ~LateListeners();

  // Addresses at which nobody can connect yet.
  std::vector<std::string> waiting_for() const;

  // May leave the thread behind if it waits for a name server.
  void stop();

 private:
  struct State;

  std::shared_ptr<State> state_;
  std::unique_ptr<StoppableThread> thread_;  // null: nothing to look after
};

}  // namespace rig
