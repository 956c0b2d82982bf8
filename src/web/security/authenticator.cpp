#include "web/security/authenticator.h"

#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "web/security/bcrypt.h"
#include "web/security/crypto_library_loader.h"

namespace rig {
namespace {

constexpr std::size_t kMaxKnownPasswords = 128;

// With the length of each, so that no two lists give the same text.
std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const auto part : parts) text.append(std::to_string(part.size())).append(":").append(part);
  return text;
}

std::optional<Credentials> credentials_of(const HttpRequest& request) {
  return parse_basic_credentials(request.header("Authorization").value_or(""));
}

}  // namespace

Authenticator::Authenticator(const PasswordChecker::Matches& matches,
                             const PasswordChecker::Limits& limits)
    : checker_(matches, limits) {
  if (getentropy(key_.data(), key_.size()) != 0)
    throw std::system_error(errno, std::generic_category(), "no random numbers");
}

std::string Authenticator::keyed_hash(const Credentials& credentials,
                                      const std::string& hash) const {
  return crypto_library().keyed_hash({key_.data(), key_.size()},
                                     joined({credentials.user, credentials.password, hash}));
}

Authenticator::Access Authenticator::access(const Users& users, const HttpRequest& request) const {
  if (users.empty()) return Access::granted;
  if (!request.header("Authorization")) return Access::no_credentials;
  const auto credentials = credentials_of(request);
  if (!credentials) return Access::denied;
  const auto user = users.find(credentials->user);
  if (user == users.end()) return Access::unknown;
  const auto hash = keyed_hash(*credentials, user->second);
  const std::lock_guard lock(known_->mutex);
  return known_->hashes.contains(hash) ? Access::granted : Access::unknown;
}

void Authenticator::check(const Users& users, const HttpRequest& request,
                          const std::function<void(Access)>& done) {
  const auto credentials = credentials_of(request);
  if (!credentials || users.empty()) return done(Access::denied);
  const auto user = users.find(credentials->user);
  const bool exists = user != users.end();
  const auto hash = exists ? user->second : unmatched_bcrypt_hash(users.begin()->second);
  const auto on_result = [known = known_, keyed = keyed_hash(*credentials, hash), exists,
                          done](PasswordChecker::Result result) {
    if (result == PasswordChecker::Result::stopped) return done(Access::stopped);
    if (!exists || result == PasswordChecker::Result::mismatch) return done(Access::denied);
    {
      const std::lock_guard lock(known->mutex);
      if (known->hashes.size() >= kMaxKnownPasswords) known->hashes.clear();
      known->hashes.insert(keyed);
    }
    done(Access::granted);
  };
  if (!checker_.check(request.client, credentials->password, hash, on_result))
    done(Access::too_many_checks);
}

}  // namespace rig
