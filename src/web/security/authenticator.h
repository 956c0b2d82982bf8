// Decides by user name and password whether a request is answered.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "rig/web/http_server.h"
#include "web/security/credentials.h"
#include "web/security/password_checker.h"

namespace rig {

// May be used by any thread.
class Authenticator {
 public:
  using Users = std::map<std::string, std::string, std::less<>>;  // name -> bcrypt hash

  enum class Access {
    granted,
    unknown,          // the password has to be compared
    no_credentials,   // there are none in the request
    denied,           // the name or the password is wrong
    too_many_checks,  // too many passwords have to be compared
    stopped
  };

  explicit Authenticator(const PasswordChecker::Matches& matches,
                         const PasswordChecker::Limits& limits = {});

  // Returns at once. A password that was right before is not compared again: a keyed hash of it is
  // kept.
  Access access(const Users& users, const HttpRequest& request) const;

  // After Access::unknown: calls `done` once with another result, possibly in another thread. A
  // password of an unknown user is compared as well, so that nobody can tell which names exist.
  void check(const Users& users, const HttpRequest& request,
             const std::function<void(Access)>& done);

  void stop() { checker_.stop(); }

 private:
  // The right passwords, as keyed hashes. Shared with callbacks, which may outlive this object.
  struct Known {
    std::mutex mutex;
    std::unordered_set<std::string> hashes;
  };

  std::string keyed_hash(const Credentials& credentials, const std::string& hash) const;

  std::array<char, 32> key_{};
  const std::shared_ptr<Known> known_ = std::make_shared<Known>();
  PasswordChecker checker_;
};

}  // namespace rig
