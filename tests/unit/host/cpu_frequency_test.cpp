#include "host/cpu_frequency.h"

#include <cerrno>
#include <map>

#include "support/catch.h"
#include "support/collect.h"
#include "support/failing_read.h"
#include "support/opened_files.h"
#include "support/problem_texts.h"

using namespace rig;

namespace {

const std::filesystem::path kCpus = "sys/devices/system/cpu";

std::filesystem::path cpufreq(unsigned number) {
  return kCpus / ("cpu" + std::to_string(number)) / "cpufreq";
}

std::map<unsigned, CpuFrequency> by_cpu(const CpuFrequencies& found) {
  std::map<unsigned, CpuFrequency> cpus;
  for (const auto& cpu : found.cpus) cpus[cpu.cpu] = cpu;
  return cpus;
}

CpuFrequencyReader reader_of(const TemporaryDirectory& machine) {
  return {roots_in(machine), std::make_shared<ReadableFiles>()};
}

constexpr auto kMeasured =
    "processor\t: 0\ncpu MHz\t\t: 2900.000\nflags\t\t: fpu aperfmperf\n\n"
    "processor\t: 1\ncpu MHz\t\t: 1200.000\nflags\t\t: fpu aperfmperf\n";

}  // namespace

TEST_CASE("Frequencies are converted from kHz, and unknown ones are absent") {
  const TemporaryDirectory machine;
  machine.write(kCpus / "online", "0-3\n");
  machine.write(cpufreq(0) / "scaling_cur_freq", "3400123\n");
  machine.write(cpufreq(0) / "cpuinfo_min_freq", "800000\n");
  machine.write(cpufreq(0) / "cpuinfo_max_freq", "4000000\n");
  machine.write(cpufreq(1) / "scaling_cur_freq", "<unknown>\n");
  machine.write(cpufreq(2) / "scaling_cur_freq", "0\n");
  const auto found = reader_of(machine).read();
  CHECK(found.problems.empty());
  auto cpus = by_cpu(found);
  CHECK(cpus[0].current_hertz == 3400123e3);
  CHECK(cpus[0].min_hertz == 800e6);
  CHECK(cpus[0].max_hertz == 4e9);
  for (unsigned cpu = 1; cpu < 4; ++cpu) {
    CHECK_FALSE(cpus[cpu].current_hertz);
    CHECK_FALSE(cpus[cpu].max_hertz);
  }
}

TEST_CASE("An unreadable or malformed frequency affects its own CPU only") {
  const TemporaryDirectory machine;
  machine.write(kCpus / "online", "0-2\n");
  std::filesystem::create_directories(machine.path() / cpufreq(0) / "scaling_cur_freq");  // EISDIR
  machine.write(cpufreq(1) / "scaling_cur_freq", "fast\n");
  machine.write(cpufreq(2) / "scaling_cur_freq", "800000\n");
  const auto found = reader_of(machine).read();
  REQUIRE(found.problems.size() == 2);
  CHECK_THAT(texts(found.problems)[0], ContainsSubstring("cpu0/cpufreq/scaling_cur_freq"));
  CHECK_THAT(texts(found.problems)[1], ContainsSubstring("fast"));
  CHECK(by_cpu(found)[2].current_hertz == 800e6);
}

TEST_CASE("A policy is read once for all its CPUs, and its limits only if they may have changed") {
  const TemporaryDirectory machine;
  machine.write(kCpus / "online", "0-1\n");
  const auto policy = kCpus / "cpufreq/policy0";
  machine.write(policy / "scaling_cur_freq", "1500000\n");
  machine.write(policy / "cpuinfo_max_freq", "2000000\n");
  machine.write(kCpus / "intel_pstate/no_turbo", "1\n");
  for (const unsigned cpu : {0U, 1U}) {
    std::filesystem::create_directories((machine.path() / cpufreq(cpu)).parent_path());
    std::filesystem::create_directory_symlink("../cpufreq/policy0", machine.path() / cpufreq(cpu));
  }
  auto reader = reader_of(machine);
  reader.read();
  OpenedFiles opened(machine.path() / policy);
  auto cpus = by_cpu(reader.read());
  CHECK(cpus[1].current_hertz == 1.5e9);
  CHECK(cpus[1].max_hertz == 2e9);
  CHECK(opened.take() == std::vector<std::string>{"scaling_cur_freq"});

  machine.write(policy / "cpuinfo_max_freq", "3000000\n");
  machine.write(kCpus / "intel_pstate/no_turbo", "0\n");
  CHECK(by_cpu(reader.read())[0].max_hertz == 3e9);
  machine.write(kCpus / "online", "0\n");
  CHECK(reader.read().cpus.size() == 1);
}

TEST_CASE("Without cpufreq the frequency is cpu MHz, unless that is a constant") {
  const TemporaryDirectory machine;
  machine.write(kCpus / "online", "0\n");
  const std::string cpu = "processor\t: 0\ncpu MHz\t\t: 2900.000\n";
  machine.write("proc/cpuinfo", cpu + "flags\t\t: fpu aperfmperf\n");
  auto reader = reader_of(machine);
  CHECK(by_cpu(reader.read())[0].current_hertz == 2.9e9);
  machine.write("proc/cpuinfo", cpu + "flags\t\t: fpu hypervisor\n");
  CHECK(reader.read().cpus.empty());
}

TEST_CASE("cpu MHz replaces the frequencies that cpufreq does not tell, CPU by CPU") {
  const TemporaryDirectory machine;
  machine.write(kCpus / "online", "0-1\n");
  machine.write("proc/cpuinfo", kMeasured);
  machine.write(cpufreq(0) / "cpuinfo_max_freq", "3200000\n");
  machine.write(cpufreq(1) / "scaling_cur_freq", "800000\n");
  auto reader = reader_of(machine);
  auto cpus = by_cpu(reader.read());
  CHECK(cpus[0].current_hertz == 2.9e9);
  CHECK(cpus[0].max_hertz == 3.2e9);
  CHECK(cpus[1].current_hertz == 8e8);
  machine.write(cpufreq(1) / "scaling_cur_freq", "<unknown>\n");
  CHECK(by_cpu(reader.read())[1].current_hertz == 1.2e9);
  machine.write(cpufreq(1) / "scaling_cur_freq", "fast\n");
  const auto found = reader.read();
  CHECK_FALSE(by_cpu(found)[1].current_hertz);
  CHECK(by_cpu(found)[0].current_hertz == 2.9e9);
  CHECK(found.problems.size() == 1);
}

TEST_CASE("A limit that could not be read is read again, and so is a driver that came later") {
  const TemporaryDirectory machine;
  machine.write(kCpus / "online", "0-1\n");
  machine.write(cpufreq(0) / "scaling_cur_freq", "800000\n");
  machine.write(cpufreq(0) / "cpuinfo_min_freq", "\n");
  std::filesystem::create_directories(machine.path() / cpufreq(0) / "cpuinfo_max_freq");  // EISDIR
  auto reader = reader_of(machine);
  CHECK(reader.read().problems.size() == 1);
  CHECK(reader.read().problems.size() == 1);
  std::filesystem::remove(machine.path() / cpufreq(0) / "cpuinfo_max_freq");
  machine.write(cpufreq(0) / "cpuinfo_max_freq", "3200000\n");
  machine.write(cpufreq(0) / "cpuinfo_min_freq", "800000\n");
  machine.write(cpufreq(1) / "scaling_cur_freq", "900000\n");
  const auto found = reader.read();
  CHECK(found.problems.empty());
  CHECK(by_cpu(found)[0].min_hertz == 8e8);
  CHECK(by_cpu(found)[0].max_hertz == 3.2e9);
  CHECK(by_cpu(found)[1].current_hertz == 9e8);
}

TEST_CASE("A frequency that a driver never provides is absent, one that it stops providing fails") {
  const TemporaryDirectory machine;
  machine.write(kCpus / "online", "0\n");
  const auto file = machine.write(cpufreq(0) / "scaling_cur_freq", "800000\n");
  auto reader = reader_of(machine);
  {
    const FailingRead fails(file, GENERATE(EINVAL, EOPNOTSUPP, EPERM));
    CHECK(reader.read().problems.empty());
  }
  CHECK(by_cpu(reader.read())[0].current_hertz == 8e8);
  const FailingRead fails(file, EINVAL);
  CHECK(reader.read().problems.size() == 1);
}
