#include "host/cpu_throttles.h"

#include <map>
#include <string>

#include "support/catch.h"
#include "support/problem_texts.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

void write_count(const TemporaryDirectory& sys, unsigned cpu, const std::string& file,
                 std::string_view text) {
  sys.write("devices/system/cpu/cpu" + std::to_string(cpu) + "/thermal_throttle/" + file, text);
}

CpuThrottles read_throttles(const TemporaryDirectory& sys, const std::vector<unsigned>& cpus,
                            const std::vector<unsigned>& first_of_sockets) {
  ReadableFiles files;
  return read_cpu_throttles(sys.path(), cpus, first_of_sockets, files);
}

}  // namespace

TEST_CASE("Package throttles are reported for the first CPU of each socket") {
  const TemporaryDirectory sys;
  for (unsigned cpu = 1; cpu < 5; ++cpu) {
    write_count(sys, cpu, "core_throttle_count", std::to_string(cpu) + "\n");
    write_count(sys, cpu, "package_throttle_count", "7\n");
  }
  const auto found = read_throttles(sys, {1, 2, 3, 4}, {1, 3});
  CHECK(found.problems.empty());
  std::map<unsigned, std::uint64_t> packages;
  std::map<unsigned, std::uint64_t> cores;
  for (const auto& count : found.counts) {
    if (count.package) packages[count.cpu] = *count.package;
    if (count.core) cores[count.cpu] = *count.core;
  }
  CHECK(packages == std::map<unsigned, std::uint64_t>{{1, 7}, {3, 7}});
  CHECK(cores == std::map<unsigned, std::uint64_t>{{1, 1}, {2, 2}, {3, 3}, {4, 4}});
}

TEST_CASE("A malformed throttle count affects its own CPU only") {
  const TemporaryDirectory sys;
  write_count(sys, 0, "core_throttle_count", "often\n");
  write_count(sys, 1, "core_throttle_count", "5\n");
  const auto found = read_throttles(sys, {0, 1}, {});
  REQUIRE(found.problems.size() == 1);
  CHECK_THAT(texts(found.problems)[0],
             ContainsSubstring("core_throttle_count: malformed: \"often\""));
  REQUIRE(found.counts.size() == 1);
  CHECK(found.counts[0].core == 5U);
}

TEST_CASE("CPUs without throttle counts have none, and CPUs that go offline are skipped") {
  const TemporaryDirectory sys;
  CHECK(read_throttles(sys, {0, 1}, {0}).problems.empty());
  write_count(sys, 0, "core_throttle_count", "5\n");
  const auto found = read_throttles(sys, {0, 1}, {});
  CHECK(found.problems.empty());
  CHECK(found.counts.size() == 1);
}
