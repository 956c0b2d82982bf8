#include "host/cpu_time_bounds.h"

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

constexpr double kTicks = 100;

struct Checked {
  ProcStat stat;
  std::vector<std::string> descriptions;
};

Checked checked(std::string_view text, std::optional<double> uptime) {
  Checked result{parse_proc_stat(text), {}};
  result.descriptions = remove_implausible(result.stat, uptime, kTicks);
  return result;
}

}  // namespace

TEST_CASE("A CPU time that is longer than the time since boot is removed, the others stay") {
  const char* const idle = GENERATE("8300000000000000000", "18446744073709551611", "4294967290");
  const auto [stat, descriptions] =
      checked("cpu  30 0 12 880\ncpu0 10 0 4 " + std::string(idle) + "\ncpu1 20 0 8 440\n", 1000);
  CHECK_FALSE(stat.cpus[0].ticks[3]);
  CHECK(stat.cpus[0].ticks[0] == 10U);
  CHECK(stat.cpus[1].ticks[3] == 440U);
  CHECK_FALSE(stat.total->ticks[3]);  // includes the wrapped one
  CHECK(stat.total->ticks[0] == 30U);
  REQUIRE(descriptions.size() == 1);
  CHECK(descriptions[0] ==
        "implausible: time of CPU 0 in mode idle is longer than the time since boot");
}

TEST_CASE("CPU times of a machine that was suspended or whose clocks differ are plausible") {
  CHECK(checked("cpu0 10 0 4 100000\n", 1000).descriptions.empty());
  CHECK(checked("cpu0 10 0 4 109000\n", 1000).descriptions.empty());
  CHECK(checked("cpu0 10 0 4 5000\n", 0.5).descriptions.empty());
  CHECK(checked("cpu  40 0 4 600000\ncpu0 10 0 4 100000\ncpu2 10 0 4 100000\n", 1000)
            .descriptions.empty());
}

TEST_CASE("Without a known uptime only times of centuries are removed") {
  CHECK(checked("cpu0 10 0 4 4294967290\n", std::nullopt).descriptions.empty());
  CHECK(checked("cpu0 10 0 4 1 0 0 0 18446744073709551000\n", std::nullopt).descriptions.size() ==
        1);
}

TEST_CASE("A guest time that is longer than the user time that includes it is removed") {
  const auto found = checked("cpu0 1000 50 0 0 0 0 0 0 5000 40\n", 1000);
  CHECK_FALSE(found.stat.cpus[0].ticks[8]);
  CHECK(found.stat.cpus[0].ticks[9] == 40U);
  CHECK(found.descriptions.size() == 1);
  CHECK(checked("cpu0 1000 0 0 0 0 0 0 0 1003 0\n", 1000).descriptions.empty());
}

TEST_CASE("The uptime is the first number of /proc/uptime") {
  const TemporaryDirectory proc;
  const auto file = proc.path() / "uptime";
  CHECK(read_uptime(file).problem() == nullptr);
  proc.write("uptime", "1234.56 9000.00\n");
  CHECK(read_uptime(file)->seconds == 1234.56);
  for (const char* text : {"1234.5", "long\n", ""}) {
    proc.write("uptime", text);
    CHECK(read_uptime(file).problem() != nullptr);
  }
}

TEST_CASE("The time since boot is at least that of the running kernel, unless /proc is a copy") {
  const TemporaryDirectory proc;
  CHECK_FALSE(longest_uptime_seconds(proc.path(), std::nullopt, 1764019200));
  CHECK(longest_uptime_seconds(proc.path(), 5, 1764019200) == 5.0);
  CHECK(longest_uptime_seconds("/proc", 5, 1) > 1.7e9);
  CHECK(longest_uptime_seconds("/proc", std::nullopt, std::nullopt) > 0);
}
