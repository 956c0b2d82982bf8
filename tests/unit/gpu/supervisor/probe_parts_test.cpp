#include <filesystem>

#include "gpu/supervisor/line_splitter.h"
#include "gpu/supervisor/probe_command.h"
#include "gpu/supervisor/restart_policy.h"
#include "gpu/supervisor/snapshot_store.h"
#include "rig/log/log_rate_limiter.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace rig;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

using Lines = std::vector<std::string>;

const std::chrono::steady_clock::time_point kStart{1000h};

void write_program(const TemporaryFolder& folder, const fs::path& name) {
  fs::permissions(folder.write(name, "#!/bin/sh\n"), fs::perms::owner_all);
}

GpuReading reading_of(const char* pci_address) {
  GpuReading reading;
  reading.pci_address = pci_address;
  return reading;
}

}  // namespace

TEST_CASE("Lines that arrive in pieces are put together") {
  LineSplitter splitter(100);
  CHECK(splitter.feed("ab").empty());
  CHECK(splitter.feed("c\nd\n\nef") == Lines{"abc", "d", ""});
  CHECK(splitter.feed("\n") == Lines{"ef"});
  CHECK_FALSE(splitter.too_long());
}

TEST_CASE("A line is too long at the byte after the limit, and keeps no more than the limit") {
  LineSplitter splitter(4);
  CHECK(splitter.feed("1234\n") == Lines{"1234"});
  CHECK_FALSE(splitter.too_long());
  CHECK(splitter.feed("12345").empty());
  CHECK(splitter.too_long());
  CHECK(splitter.feed("6789\nok\n") == Lines{"1234", "ok"});
}

TEST_CASE("A message passes once a minute") {
  LogRateLimiter limit;
  CHECK(limit.passes("a", kStart));
  CHECK_FALSE(limit.passes("a", kStart + 59s));
  CHECK(limit.passes("b", kStart + 59s));
  CHECK(limit.passes("a", kStart + 60s));
}

TEST_CASE("Messages that are all different pass up to a limit a minute") {
  LogRateLimiter limit;
  std::size_t passed = 0;
  for (int i = 0; i < 1000; ++i) passed += limit.passes(std::to_string(i), kStart) ? 1U : 0U;
  CHECK(passed == LogRateLimiter::kDistinct);
  CHECK(limit.passes("again", kStart + 61s));
  const auto later = std::chrono::steady_clock::now() + 2min;
  CHECK(limit.kept_back(later) == 1000 - LogRateLimiter::kDistinct);
  CHECK(limit.kept_back(later + 30s) == 0);
}

TEST_CASE("The pause doubles up to its limit and is short again after a healthy life") {
  RestartBackoff pause{ProbeLimits{}};
  CHECK(pause.after_life_of(1s) == 500ms);
  CHECK(pause.after_life_of(1s) == 1s);
  CHECK(pause.after_life_of(59s) == 2s);
  for (int i = 0; i < 10; ++i) pause.after_life_of(0s);
  CHECK(pause.after_life_of(0s) == 60s);
  CHECK(pause.after_life_of(60s) == 500ms);
  CHECK(pause.after_life_of(0s) == 1s);
}

TEST_CASE("Two crashes in ten minutes are borne, the third gives rocm-smi up for an hour") {
  LibraryCircuitBreaker trust{ProbeLimits{}};
  trust.failed("rocm_smi crashed", "killed by SIGSEGV", kStart);
  trust.failed("rocm_smi crashed", "killed by SIGSEGV", kStart + 9min);
  CHECK_FALSE(trust.given_up(kStart + 9min));
  trust.failed("rocm_smi crashed", "killed by SIGABRT", kStart + 10min);
  CHECK(trust.given_up(kStart + 10min));
  CHECK(trust.reason() == "rocm_smi crashed 3 times: killed by SIGABRT");
  CHECK(trust.given_up(kStart + 69min));
  CHECK_FALSE(trust.given_up(kStart + 70min));
}

TEST_CASE("Crashes that are far apart do not give rocm-smi up") {
  LibraryCircuitBreaker trust{ProbeLimits{}};
  for (int i = 0; i < 20; ++i)
    trust.failed("rocm_smi crashed", "killed by SIGSEGV", kStart + i * 6min);
  CHECK_FALSE(trust.given_up(kStart + 200min));
}

TEST_CASE("One more crash on trial is enough, one long after is not") {
  LibraryCircuitBreaker trust{ProbeLimits{}};
  for (int i = 0; i < 3; ++i) trust.failed("rocm_smi crashed", "killed by SIGABRT", kStart);
  trust.failed("rocm_smi crashed", "killed by SIGABRT", kStart + 61min);
  CHECK(trust.given_up(kStart + 61min));
  CHECK(trust.reason() == "rocm_smi crashed 4 times: killed by SIGABRT");
  trust.failed("rocm_smi crashed", "killed by SIGABRT", kStart + 61min + 2h);
  CHECK_FALSE(trust.given_up(kStart + 61min + 2h));
}

TEST_CASE("The probe is looked for beside the program, then in libexec, then in lib") {
  const TemporaryFolder folder;
  const auto own = folder.path() / "bin/rig_exporter";
  CHECK(default_probe_path(own) == folder.path() / "bin/rig_gpu_probe");
  folder.write("lib/rig_exporter/rig_gpu_probe", "");
  folder.write("bin/rig_exporter", "");
  CHECK(default_probe_path(own) == folder.path() / "lib/rig_exporter/rig_gpu_probe");
  folder.write("libexec/rig_exporter/rig_gpu_probe", "");
  CHECK(default_probe_path(own) == folder.path() / "libexec/rig_exporter/rig_gpu_probe");
  folder.write("bin/rig_gpu_probe", "");
  CHECK(default_probe_path(own) == folder.path() / "bin/rig_gpu_probe");
}

TEST_CASE("A file that is no program is a recording for the real probe") {
  const TemporaryFolder folder;
  write_program(folder, "bin/rig_gpu_probe");
  ProbeOptions options;
  options.probe = folder.write("two-gpus.jsonl", "{\"type\":\"gpus\",\"gpus\":[]}\n").string();
  const auto command = probe_command(options, folder.path() / "bin/rig_exporter", true);
  CHECK(command.error.empty());
  REQUIRE_FALSE(command.arguments.empty());
  CHECK(command.arguments.front() == (folder.path() / "bin/rig_gpu_probe").string());
  CHECK(command.arguments.back() == "--replay=" + options.probe);
}

TEST_CASE("A program without its execute permission is not taken for a recording") {
  const TemporaryFolder folder;
  ProbeOptions options;
  options.probe = folder.write("my_probe", "#!/bin/sh\n").string();
  const auto command = probe_command(options, folder.path() / "rig_exporter", true);
  CHECK(command.arguments.empty());
  CHECK_THAT(command.error, ContainsSubstring("chmod a+x " + options.probe));
}

TEST_CASE("The probe is told to leave rocm-smi alone when that was given up") {
  const TemporaryFolder folder;
  write_program(folder, "rig_gpu_probe");
  const auto own = folder.path() / "rig_exporter";
  const auto with = probe_command({}, own, true).arguments;
  const auto without = probe_command({}, own, false).arguments;
  CHECK(std::count(with.begin(), with.end(), "--source=auto") == 1);
  CHECK(std::count(without.begin(), without.end(), "--source=sysfs") == 1);
  CHECK(std::count(with.begin(), with.end(), "--sample-interval=1000ms") == 1);
}

TEST_CASE("A reading stays through later lists, and goes with its card") {
  SnapshotStore board(1s, 60s);
  board.heard(reading_of("0000:03:00.0"), kStart);
  board.heard(GpuList{{{"0000:03:00.0", 0}}}, kStart + 1s);
  CHECK_FALSE(board.snapshot().gpus->at("0000:03:00.0").reading);  // was not listed then

  board.heard(reading_of("0000:03:00.0"), kStart + 2s);
  board.heard(reading_of("0000:06:00.0"), kStart + 2s);
  board.heard(GpuList{{{"0000:03:00.0", 4}}}, kStart + 3s);
  const auto kept = board.snapshot();
  REQUIRE(kept.gpus->size() == 1);
  const auto& gpu = kept.gpus->at("0000:03:00.0");
  REQUIRE(gpu.reading);
  CHECK(gpu.read_at == kStart + 2s);
  CHECK(gpu.listed_since == kStart + 1s);
  CHECK(gpu.presence.waiting_seconds == 4);
  CHECK(kept.listed_at == kStart + 3s);

  board.heard(GpuList{}, kStart + 4s);
  board.heard(GpuList{{{"0000:03:00.0", 0}}}, kStart + 5s);
  CHECK_FALSE(board.snapshot().gpus->at("0000:03:00.0").reading);
}

TEST_CASE("What readings add up to outlives the probe that gave them") {
  SnapshotStore board(1s, 60s);
  const GpuList list{{{"0000:03:00.0", 0}}};
  auto reading = reading_of("0000:03:00.0");
  reading.busy_ratio = {{"gfx", 1}};
  board.heard(GpuList(list), kStart);
  board.heard(GpuReading(reading), kStart);
  board.heard(GpuReading(reading), kStart + 1s);
  CHECK(board.snapshot().gpus->at("0000:03:00.0").totals->busy_seconds.at("gfx") == 1);

  board.forget("rig_gpu_probe was killed by SIGKILL");
  CHECK_FALSE(board.snapshot().gpus);
  board.heard(GpuList(list), kStart + 3s);
  CHECK_FALSE(
      board.snapshot().gpus->at("0000:03:00.0").totals);  // nothing is shown before it is read
  board.heard(GpuReading(reading), kStart + 3s);
  board.heard(GpuReading(reading), kStart + 4s);
  CHECK(board.snapshot().gpus->at("0000:03:00.0").totals->busy_seconds.at("gfx") == 4);
}

TEST_CASE("Who uses the GPUs is forgotten with the probe that said it") {
  SnapshotStore board(1s, 60s);
  board.heard(GpuProcesses{}, kStart);
  CHECK(board.snapshot().processes);
  board.forget("it died");
  CHECK_FALSE(board.snapshot().processes);
}

TEST_CASE("A reading is as old as the moment at which it began") {
  SnapshotStore board(1s, 60s);
  board.heard(GpuList{{{"0000:03:00.0", 0}}}, kStart);
  auto reading = reading_of("0000:03:00.0");
  reading.took_seconds = 4;
  board.heard(GpuReading(reading), kStart + 10s);
  CHECK(board.snapshot().gpus->at("0000:03:00.0").read_at == kStart + 6s);
}
