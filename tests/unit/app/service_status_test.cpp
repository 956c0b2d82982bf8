#include "app/service_status.h"

#include <array>

#include "support/catch.h"

using namespace rig;

namespace {

const std::array<std::string, 1> kOneAddress{"127.0.0.1:10068"};

CollectorResult finished(std::string name, std::vector<Problem> problems = {}) {
  auto collection = std::make_shared<Collection>();
  for (auto& problem : problems) collection->samples.add_problem(std::move(problem));
  collection->complete = true;
  return {std::move(name), std::move(collection), 0.1};
}

std::string status_of_collectors(std::vector<CollectorResult> collectors) {
  const ScrapeResult result{std::move(collectors)};
  return service_status(kOneAddress, &result);
}

}  // namespace

TEST_CASE("The status names the addresses and counts the collectors") {
  CHECK(service_status(kOneAddress, nullptr) ==
        "serving metrics on 127.0.0.1:10068; collecting for the first time");
  CHECK(status_of_collectors({finished("cpu"), finished("gpu")}) ==
        "serving metrics on 127.0.0.1:10068; 2 collectors");
  CHECK(status_of_collectors({finished("cpu")}) ==
        "serving metrics on 127.0.0.1:10068; 1 collector");
  CHECK(status_of_collectors({}) == "serving metrics on 127.0.0.1:10068; 0 collectors");
  const std::array<std::string, 5> many{"[::1]:1", "10.0.0.1:2", "unix:/run/x.sock", "[::]:4",
                                        "127.0.0.1:5"};
  CHECK(service_status(many, nullptr) ==
        "serving metrics on [::1]:1, 10.0.0.1:2, unix:/run/x.sock, 2 more; collecting for the "
        "first time");
}

TEST_CASE("The status says which collectors fail, and why") {
  const Problem refused{Reason::permission_denied, "/sys/x", "Permission denied"};
  CHECK(status_of_collectors({finished("cpu"),
                              finished("gpu", {refused, refused}),
                              {.name = "raid", .collection = nullptr, .seconds = 5},
                              {.name = "disk",
                               .collection = nullptr,
                               .seconds = 0,
                               .failure = Problem{Reason::failed, "", "no memory"}}}) ==
        "serving metrics on 127.0.0.1:10068; 4 collectors, 3 failing: "
        "gpu: /sys/x: Permission denied; raid: timed out; disk: no memory");
}

TEST_CASE("The status is one short line of valid UTF-8, whatever a device reports") {
  const Problem odd{Reason::malformed, "/sys/\xff\n", std::string(1000, 'x')};
  std::vector<CollectorResult> collectors;
  for (const char* name : {"a", "b", "c", "d", "e"}) collectors.push_back(finished(name, {odd}));
  const auto status = status_of_collectors(std::move(collectors));
  CHECK(status.size() < 1000);
  CHECK(status.find('\n') == std::string::npos);
  CHECK(status.find('\xff') == std::string::npos);
  CHECK_THAT(status, ContainsSubstring("5 failing") && ContainsSubstring("; 2 more"));
}
