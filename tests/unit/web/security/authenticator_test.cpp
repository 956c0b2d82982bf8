#include "web/security/authenticator.h"

#include <atomic>
#include <future>
#include <memory>

#include "support/catch.h"

namespace rig {
namespace {

using Access = Authenticator::Access;

const Authenticator::Users kUsers{{"jo", "hash-of-secret"}};

HttpRequest request_with(const std::string& authorization) {
  HttpRequest request;
  request.client = "192.0.2.1";
  if (!authorization.empty()) request.headers.emplace_back("authorization", authorization);
  return request;
}

Access checked(Authenticator& authenticator, const HttpRequest& request,
               const Authenticator::Users& users = kUsers) {
  std::promise<Access> access;
  authenticator.check(users, request, [&](Access result) { access.set_value(result); });
  return access.get_future().get();
}

const auto kRight = request_with("Basic am86c2VjcmV0");        // jo:secret
const auto kWrong = request_with("Basic am86d3Jvbmc=");        // jo:wrong
const auto kUnknown = request_with("Basic YW5uOnNlY3JldA==");  // ann:secret

bool matches_secret(const std::string& password, const std::string& hash) {
  return hash == "hash-of-" + password;
}

PasswordChecker::Limits no_pause() {
  PasswordChecker::Limits limits;
  limits.pause = limits.longest_pause = PasswordChecker::Clock::duration(0);
  return limits;
}

}  // namespace

TEST_CASE("without users, every request is granted") {
  const Authenticator authenticator(&matches_secret);
  CHECK(authenticator.access({}, request_with("")) == Access::granted);
  CHECK(authenticator.access({}, kWrong) == Access::granted);
}

TEST_CASE("without credentials, or with malformed ones, nothing is compared") {
  const Authenticator authenticator(&matches_secret);
  CHECK(authenticator.access(kUsers, request_with("")) == Access::no_credentials);
  CHECK(authenticator.access(kUsers, request_with("Bearer x")) == Access::denied);
}

TEST_CASE("a right password is compared once and then known") {
  std::atomic<int> compared = 0;
  Authenticator authenticator([&](const std::string& password, const std::string& hash) {
    ++compared;
    return matches_secret(password, hash);
  });
  CHECK(authenticator.access(kUsers, kRight) == Access::unknown);
  CHECK(checked(authenticator, kRight) == Access::granted);
  CHECK(authenticator.access(kUsers, kRight) == Access::granted);
  CHECK(compared == 1);
}

TEST_CASE("a wrong password and a user that does not exist are both compared and denied") {
  std::atomic<int> compared = 0;
  Authenticator authenticator(
      [&](const std::string& password, const std::string& hash) {
        ++compared;
        return matches_secret(password, hash);
      },
      no_pause());
  CHECK(checked(authenticator, kWrong) == Access::denied);
  CHECK(checked(authenticator, kUnknown) == Access::denied);
  CHECK(compared == 2);
  CHECK(authenticator.access(kUsers, kWrong) == Access::unknown);
  CHECK(authenticator.access(kUsers, kUnknown) == Access::unknown);
}

TEST_CASE(
    "a user that does not exist is denied even if the password matches the hash in its place") {
  Authenticator authenticator([](const std::string&, const std::string&) { return true; });
  CHECK(checked(authenticator, kUnknown) == Access::denied);
}

TEST_CASE("a password is not known any more when the user's hash has changed") {
  Authenticator authenticator(&matches_secret);
  CHECK(checked(authenticator, kRight) == Access::granted);
  CHECK(authenticator.access({{"jo", "hash-of-other"}}, kRight) == Access::unknown);
  CHECK(authenticator.access({{"ann", "hash-of-secret"}}, kRight) == Access::unknown);
}

TEST_CASE("a right password is known for its user only") {
  const Authenticator::Users both{{"jo", "hash-of-secret"}, {"ann", "hash-of-secret"}};
  Authenticator authenticator(&matches_secret);
  CHECK(checked(authenticator, kRight, both) == Access::granted);
  CHECK(authenticator.access(both, kUnknown) == Access::unknown);
}

TEST_CASE("requests that wait for a comparison when the exporter stops are not granted") {
  Authenticator authenticator(&matches_secret);
  CHECK(checked(authenticator, kWrong) == Access::denied);
  std::promise<Access> access;  // waits for the pause after the wrong one
  authenticator.check(kUsers, kRight, [&](Access result) { access.set_value(result); });
  authenticator.stop();
  CHECK(access.get_future().get() == Access::stopped);
}

}  // namespace rig
