#include <filesystem>

#include "gpu/gpu_snapshots.h"
#include "rig/config/config.h"
#include "rig/scrape/collectors.h"
#include "support/catch.h"
#include "support/problem_texts.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("The first readings are complete when every GPU has one or hangs") {
  CHECK_FALSE(has_first_readings({}));
  CHECK(has_first_readings(probe_with({})));
  auto probe = probe_with({kFirst, kSecond});
  CHECK(has_first_readings(probe));
  probe.gpus->at(kFirst).reading.reset();
  CHECK_FALSE(has_first_readings(probe));
  probe.gpus->at(kFirst).presence.waiting_seconds = 1;
  CHECK(has_first_readings(probe));
  probe.report.reset();
  CHECK_FALSE(has_first_readings(probe));

  ProbeSnapshot dead;
  dead.down = "rig_gpu_probe was killed by SIGABRT";
  CHECK_FALSE(has_first_readings(dead));
  dead.startable = false;
  CHECK(has_first_readings(dead));
}

TEST_CASE("The first collection waits for the first readings, then the collector is ready") {
  const TemporaryDirectory folder;
  std::filesystem::create_symlink(RIG_FAKE_PROBE, folder.path() / "good");
  Config config;
  config.gpu.probe = (folder.path() / "good").string();
  const auto info = gpu_collector();
  CHECK(info.name == "gpu");
  const auto collector = info.make({}, config);
  Samples samples;
  collector->collect(samples, std::chrono::steady_clock::now() + 40s);
  CHECK(collector->ready());
  CHECK(samples.problems().empty());
  const auto all = series(samples);
  REQUIRE(all.contains("rig_gpus"));
  CHECK(all.at("rig_gpus") == 2);
  CHECK(
      all.at(
          "rig_gpu_temperature_celsius{gpu=\"1\",pci_address=\"0000:06:00.0\",sensor=\"edge\"}") ==
      28);
}

TEST_CASE("If the probe cannot be started, the collector is ready and has a problem") {
  Config config;
  config.gpu.probe = "/nowhere/rig_gpu_probe";
  const auto collector = gpu_collector().make({}, config);
  Samples samples;
  const auto deadline = std::chrono::steady_clock::now() + 1h;
  collector->collect(samples, deadline);
  CHECK(collector->ready());
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(texts(samples.problems())[0], ContainsSubstring("/nowhere/rig_gpu_probe"));
  CHECK(series(samples).empty());
}

TEST_CASE("A collection does not wait for a silent probe beyond its deadline") {
  const TemporaryDirectory folder;
  std::filesystem::create_symlink(RIG_FAKE_PROBE, folder.path() / "mute");
  Config config;
  config.gpu.probe = (folder.path() / "mute").string();
  const auto collector = gpu_collector().make({}, config);
  Samples samples;
  collector->collect(samples, std::chrono::steady_clock::now() + 200ms);
  CHECK_FALSE(collector->ready());  // only after five seconds
  CHECK(samples.problems().size() == 1);
  CHECK(series(samples).empty());
}

TEST_CASE("Without a sample interval each collection has a sample that was taken for it") {
  const TemporaryDirectory folder;
  std::filesystem::create_symlink(RIG_FAKE_PROBE, folder.path() / "at_requests");
  Config config;
  config.gpu.probe = (folder.path() / "at_requests").string();
  config.gpu.sample_interval = kAtRequests;
  const auto collector = gpu_collector().make({}, config);
  double before = 0;
  for (int i = 0; i < 3; ++i) {
    Samples samples;
    collector->collect(samples, std::chrono::steady_clock::now() + 40s);
    CHECK(samples.problems().empty());
    const auto all = series(samples);
    const auto* const first =
        "rig_gpu_temperature_celsius{gpu=\"0\",pci_address=\"0000:03:00.0\",sensor=\"edge\"}";
    REQUIRE(all.contains(first));
    CHECK(all.at(first) > before);
    before = all.at(first);
    CHECK(all.at("rig_gpu_up{gpu=\"1\",pci_address=\"0000:06:00.0\"}") == 1);
  }
}

TEST_CASE("Without a sample interval a reading that was not taken for a collection is not in it") {
  const TemporaryDirectory folder;
  std::filesystem::create_symlink(RIG_FAKE_PROBE, folder.path() / "stops_writing");
  Config config;
  config.gpu.probe = (folder.path() / "stops_writing").string();
  config.gpu.sample_interval = kAtRequests;
  const auto collector = gpu_collector().make({}, config);
  Samples first;
  collector->collect(first, std::chrono::steady_clock::now() + 1s);
  Samples second;
  collector->collect(second, std::chrono::steady_clock::now() + 200ms);
  CHECK(second.problems().size() == 1);
  CHECK_FALSE(series(second).contains("rig_gpus"));
}

TEST_CASE("A requested sample is complete when each GPU that does not hang, and KFD, were read") {
  auto probe = probe_with({kFirst, kSecond});
  probe.processes.reset();
  const auto requested = probe.listed_at + 1s;
  CHECK_FALSE(has_readings_since(requested, probe));
  probe.listed_at = requested;
  CHECK_FALSE(has_readings_since(requested, probe));
  probe.gpus->at(kFirst).read_at = requested;
  CHECK_FALSE(has_readings_since(requested, probe));
  probe.gpus->at(kSecond).presence.waiting_seconds = 1;
  CHECK(has_readings_since(requested, probe));

  probe.processes = GpuProcesses{};
  probe.processes_at = requested - 1ns;
  CHECK_FALSE(has_readings_since(requested, probe));
  probe.processes_waiting = true;
  CHECK(has_readings_since(requested, probe));
  probe.processes_waiting = false;
  probe.processes_at = requested;
  CHECK(has_readings_since(requested, probe));

  probe.gpus.reset();
  probe.down = "rig_exporter itself was suspended";
  CHECK_FALSE(has_readings_since(requested, probe));
  probe.report.reset();
  CHECK(has_readings_since(requested, probe));
  probe.down.clear();
  CHECK_FALSE(has_readings_since(requested, probe));
  probe.startable = false;
  CHECK(has_readings_since(requested, probe));
}
