#include "rig/log/problem_log.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "rig/kernel/unique_fd.h"
#include "rig/log/log.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

const Problem kDenied{Reason::permission_denied, "/x", "Permission denied"};
const Problem kTimeout = Problem::timed_out("/y");

// What is written to standard error in the meantime.
template <typename Action>
std::string standard_error_of(Action action) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "stderr";
  const UniqueFd before(dup(STDERR_FILENO));
  REQUIRE(std::freopen(file.c_str(), "w", stderr) != nullptr);
  action();
  std::fflush(stderr);
  dup2(before.get(), STDERR_FILENO);
  std::ifstream written(file);
  return {std::istreambuf_iterator<char>(written), {}};
}

std::size_t count(const std::string& text, std::string_view words) {
  std::size_t found = 0;
  for (auto at = text.find(words); at != text.npos; at = text.find(words, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("A problem is logged once while it persists, and again if it recurs") {
  ProblemLog log("cpu");
  const auto text = standard_error_of([&] {
    log.update(std::array{kDenied});
    log.update(std::array{kDenied, kTimeout});
    log.update(std::array{kDenied});
    log.update(std::array{kDenied, kTimeout});
  });
  CHECK(count(text, "cpu: /x: Permission denied") == 1);
  CHECK(count(text, "cpu: /y: read timed out") == 2);
}

TEST_CASE("The end of all problems is logged once") {
  ProblemLog log("cpu");
  const auto text = standard_error_of([&] {
    log.update({});
    log.update(std::array{kDenied});
    log.update({});
    log.update({});
  });
  CHECK(count(text, "cpu: all problems are resolved") == 1);
}
