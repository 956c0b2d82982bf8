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
using namespace std::chrono_literals;

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
  flush_log(10s);
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

TEST_CASE("The end of one of several problems is logged once") {
  const Problem denied{Reason::malformed, "/z/1", "malformed"};
  ProblemLog log("cpu");
  const auto text = standard_error_of([&] {
    log.update(std::array{kDenied, denied});
    for (int i = 0; i < 3; ++i) log.update(std::array{denied});
    log.update({});
  });
  CHECK(count(text, "level=info msg=\"cpu: resolved: /x (permission_denied)\"") == 1);
  CHECK(count(text, "resolved") == 2);
  CHECK(text.ends_with("level=info msg=\"cpu: all problems are resolved\"\n"));
}

TEST_CASE("A problem that another one may hide is not reported as resolved") {
  const Problem malformed{Reason::malformed, "/z", "malformed"};
  const Problem aborted{Reason::failed, "", "out of memory"};
  ProblemLog log("cpu");
  const auto text = standard_error_of([&] {
    log.update(std::array{kDenied});
    log.update(std::array{kTimeout});
    log.update(std::array{aborted});
    log.add(std::array{malformed});
    log.add({});
  });
  CHECK(count(text, "resolved") == 0);
  CHECK(count(standard_error_of([&] { log.update(std::array{malformed}); }), "resolved: ") == 3);
}

TEST_CASE("Ends of many problems are logged like beginnings, 20 lines per minute") {
  ProblemLog log("cpu");
  const ProblemLog::Time start{1000h};
  const Problem other{Reason::malformed, "/other", "malformed"};
  std::vector<Problem> problems{other};
  for (int i = 0; i < 15; ++i) problems.push_back({Reason::malformed, std::to_string(i), "x"});
  const auto text = standard_error_of([&] {
    log.update(problems, start);
    log.update(std::array{other}, start + 1s);
  });
  CHECK(count(text, "resolved: ") == 4);
  const auto later = standard_error_of([&] { log.update(std::array{other}, start + 1min); });
  CHECK(count(later, "resolved: ") == 11);
}

TEST_CASE("A problem whose text changes is logged once") {
  ProblemLog log("gpu");
  const auto text = standard_error_of([&] {
    for (int i = 0; i < 100; ++i) {
      const auto detail = "implausible: " + std::to_string(i);
      log.update(std::array{Problem{Reason::implausible, "/x", detail}});
    }
  });
  CHECK(count(text, "gpu: /x: implausible: 0") == 1);
  CHECK(count(text, "\n") == 1);
}

TEST_CASE("A problem that persists is logged every hour") {
  ProblemLog log("cpu");
  const ProblemLog::Time start{1000h};
  const auto text = standard_error_of([&] {
    for (int minute = 0; minute < 150; ++minute)
      log.update(std::array{kDenied}, start + minute * 1min);
  });
  CHECK(count(text, "cpu: /x: Permission denied") == 3);
}

TEST_CASE("A problem that comes and goes is logged three times per hour") {
  ProblemLog log("cpu");
  const ProblemLog::Time start{1000h};
  const auto text = standard_error_of([&] {
    for (int i = 0; i < 200; ++i) {
      log.update(std::array{kDenied}, start + i * 30s);
      log.update({}, start + i * 30s + 15s);
    }
  });
  CHECK(count(text, "cpu: /x: Permission denied") == 6);  // in 100 minutes
  CHECK(count(text, "cpu: all problems are resolved") == 6);
}

TEST_CASE("Many problems are logged 20 per minute, with the number of the others") {
  ProblemLog log("cpu");
  const ProblemLog::Time start{1000h};
  std::vector<Problem> problems;
  for (int i = 0; i < 50; ++i) problems.push_back(Problem::timed_out("/" + std::to_string(i)));
  const auto first = standard_error_of([&] {
    for (int i = 0; i < 4; ++i) log.update(problems, start + i * 15s);
  });
  CHECK(count(first, "read timed out") == 20);
  CHECK(count(first, "cpu: and 30 more problems") == 1);
  const auto later = standard_error_of([&] {
    for (int i = 4; i < 20; ++i) log.update(problems, start + i * 15s);
  });
  CHECK(count(later, "read timed out") == 30);
  CHECK(count(later, "cpu: and 10 more problems") == 1);
}

TEST_CASE("Ever new problems with huge texts fill neither the log nor the memory") {
  ProblemLog log("cpu");
  const ProblemLog::Time start{1000h};
  const auto text = standard_error_of([&] {
    for (int i = 0; i < 1000; ++i) {
      const auto path = std::to_string(i);
      log.update(std::array{Problem{Reason::malformed, path, std::string(100'000, '\n')}},
                 start + i * 1s);
    }
  });
  CHECK(count(text, "\n") <= 17 * 21);
  CHECK(text.size() < 17 * 21 * 500);
}
