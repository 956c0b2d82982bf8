#include "host/proc_stat.h"

#include "support/catch.h"

using namespace rig;

namespace {

constexpr std::size_t kUser = 0;
constexpr std::size_t kIdle = 3;
constexpr std::size_t kIowaitIndex = 4;
constexpr std::size_t kGuestNice = 9;

}  // namespace

TEST_CASE("CPU lines, their sum and the scheduler statistics are parsed") {
  const auto stat = parse_proc_stat(
      "cpu  30 0 12 880 4 0 1 0 0 0\n"
      "cpu0 10 0 4 440 1 0 1 0 0 0\n"
      "cpu1 20 0 8 440 3 0 0 0 0 7\n"
      "intr 4686 0 9 0\n"
      "ctxt 99\n"
      "btime 1764019200\n"
      "processes 4711\n"
      "procs_running 3\n"
      "procs_blocked 0\n"
      "softirq 5 0 1\n");
  REQUIRE(stat.total);
  CHECK(stat.total->cpu == "all");
  CHECK(stat.total->ticks[0] == 30U);
  REQUIRE(stat.cpus.size() == 2);
  CHECK(stat.cpus[0].cpu == "0");
  CHECK(stat.cpus[1].cpu == "1");
  CHECK(stat.cpus[1].ticks[kUser] == 20U);
  CHECK(stat.cpus[1].ticks[kGuestNice] == 7U);
  CHECK(stat.boot_time_seconds == 1764019200U);
  CHECK(stat.context_switches == 99U);
  CHECK(stat.forks == 4711U);
  CHECK(stat.processes_running == 3U);
  CHECK(stat.processes_blocked == 0U);
  CHECK(stat.malformed.empty());
}

TEST_CASE("Modes that an old kernel does not report are absent") {
  const auto stat = parse_proc_stat("cpu0 10 0 4 440\n");
  REQUIRE(stat.cpus.size() == 1);
  CHECK(stat.cpus[0].ticks[kIdle] == 440U);
  CHECK_FALSE(stat.cpus[0].ticks[kIowaitIndex]);
  CHECK_FALSE(stat.cpus[0].ticks[kGuestNice]);
}

TEST_CASE("Additional columns of future kernels are ignored") {
  const auto stat = parse_proc_stat("cpu0 1 2 3 4 5 6 7 8 9 10 11 new\n");
  REQUIRE(stat.cpus.size() == 1);
  CHECK(stat.cpus[0].ticks[kGuestNice] == 10U);
}

TEST_CASE("A malformed line affects its own CPU only") {
  const auto stat = parse_proc_stat(
      "cpu0 1 2 3 4\n"
      "cpu1 1 x 3 4\n"
      "cpu2\n"
      "cpu3 1 -2 3 4\n"
      "cpu4x 1 2 3 4\n"
      "btime soon\n"
      "cpu5 1 2 3 4\n");
  REQUIRE(stat.cpus.size() == 2);
  CHECK(stat.cpus[0].cpu == "0");
  CHECK(stat.cpus[1].cpu == "5");
  CHECK_FALSE(stat.boot_time_seconds);
  CHECK(stat.malformed == std::vector<std::string>{"cpu1 1 x 3 4", "cpu2", "cpu3 1 -2 3 4",
                                                   "cpu4x 1 2 3 4", "btime soon"});
}

TEST_CASE("An offline CPU has no line, and the others keep their numbers") {
  const auto stat = parse_proc_stat("cpu  3 3 3 3\ncpu0 1 1 1 1\ncpu3 2 2 2 2\n");
  REQUIRE(stat.cpus.size() == 2);
  CHECK(stat.cpus[1].cpu == "3");
}

TEST_CASE("4096 CPUs are parsed") {
  std::string text = "cpu  1 1 1 1 1 1 1 1 1 1\n";
  for (int cpu = 0; cpu < 4096; ++cpu)
    text += "cpu" + std::to_string(cpu) + " 18446744073709551615 0 0 0 0 0 0 0 0 0\n";
  const auto stat = parse_proc_stat(text);
  REQUIRE(stat.cpus.size() == 4096);
  CHECK(stat.cpus[4095].cpu == "4095");
  CHECK(stat.cpus[4095].ticks[kUser] == UINT64_MAX);
}

TEST_CASE("A last line without a newline was truncated and is not parsed") {
  const auto stat = parse_proc_stat("cpu0 1 2 3 4\ncpu1 1 2 3 4\nctxt 9\ncpu2 347 0 485 44");
  REQUIRE(stat.cpus.size() == 2);
  CHECK(stat.malformed.empty());
  CHECK_FALSE(parse_proc_stat("cpu0 1 2 3 4\nbtime 17640").boot_time_seconds);
}

TEST_CASE("Lines of /proc/stat that every kernel prints are missed, unless they are malformed") {
  using Names = std::vector<std::string_view>;
  CHECK(parse_proc_stat("").missing ==
        Names{"cpu", "btime", "ctxt", "processes", "procs_running", "procs_blocked"});
  const std::string text = "cpu  1 2 3 4\nctxt 1\nbtime 1\nprocesses 2\nprocs_running 1\n";
  CHECK(parse_proc_stat(text).missing == Names{"procs_blocked"});
  CHECK(parse_proc_stat(text + "procs_blocked 0\n").missing.empty());
  CHECK(parse_proc_stat("cpu  x\nctxt\nbtime 1\nprocesses 2\nprocs_running\nprocs_blocked 0\n")
            .missing.empty());
}
