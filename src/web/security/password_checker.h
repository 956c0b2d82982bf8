// Compares passwords with hashes in a thread of its own, since that takes long on purpose.
//
// Clients take turns. After a wrong password, a client's next one is compared later, so that
// passwords cannot be guessed quickly; other clients do not notice.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "rig/threads/stoppable_thread.h"

namespace rig {

// All functions may be called from any thread.
class PasswordChecker {
 public:
  using Clock = std::chrono::steady_clock;
  using Matches = std::function<bool(const std::string& password, const std::string& hash)>;

  enum class Result { match, mismatch, stopped };
  using Done = std::function<void(Result)>;

  struct Limits {
    std::size_t waiting_per_client = 8;
    std::size_t clients = 512;  // that wait, or had a wrong password lately
    // After the first wrong password of a client; twice as long after each further one.
    Clock::duration pause = std::chrono::seconds(1);
    Clock::duration longest_pause = std::chrono::seconds(8);
    // Without a wrong password for so long, a client is forgotten.
    Clock::duration forget = std::chrono::minutes(1);
  };

  // Throws std::system_error if no thread can be created.
  PasswordChecker(Matches matches, const Limits& limits);
  ~PasswordChecker();
  PasswordChecker(const PasswordChecker&) = delete;
  PasswordChecker& operator=(const PasswordChecker&) = delete;

  // Calls `done` once, in the thread or in stop(). Returns false, and does not call it, if too many
  // are waiting.
  bool check(const std::string& client, std::string password, std::string hash, Done done);

  // All that wait get Result::stopped.
  void stop();

 private:
  struct Check;
  struct Client;
  struct State;

  std::shared_ptr<State> state_;
  StoppableThread thread_;
};

}  // namespace rig
