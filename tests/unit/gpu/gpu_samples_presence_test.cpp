// Presence, state and freshness of GPUs.
#include "gpu/gpu_snapshots.h"
#include "support/catch.h"
#include "support/problem_texts.h"

using namespace rig;

TEST_CASE("Without GPUs their number is 0, which is not a problem") {
  const auto samples = samples_of(probe_with({}));
  CHECK(samples.problems().empty());
  CHECK(series(samples).at("rig_gpus") == 0);
}

TEST_CASE("While the probe is down there are no samples of any GPU") {
  GpuIndices indices;
  samples_of(probe_with({kFirst, kSecond}), indices);
  ProbeSnapshot probe;
  probe.down = "rig_gpu_probe was killed by SIGKILL";
  const auto samples = samples_of(probe, indices);
  CHECK(texts(samples.problems()) ==
        std::vector<std::string>{"rig_gpu_probe was killed by SIGKILL"});
  CHECK(series(samples).empty());
}

TEST_CASE("A probe that has not reported yet is a problem, and the number of GPUs is absent") {
  const auto samples = samples_of({});
  CHECK(samples.problems().size() == 1);
  CHECK(series(samples).empty());
}

TEST_CASE("A stale list of GPUs is a problem, and there are no samples of any GPU") {
  auto probe = probe_with({kFirst});
  probe.listed_at = kNow - 4s;
  const auto samples = samples_of(probe);
  REQUIRE(samples.problems().size() == 1);
  CHECK(texts(samples.problems())[0] == "rig_gpu_probe: has not reported for more than 3 s");
  CHECK(names_of(samples, "0").empty());
  CHECK_FALSE(series(samples).contains("rig_gpus"));
}

TEST_CASE("A GPU with a stale reading is down and has no values, and others are not affected") {
  auto probe = probe_with({kFirst, kSecond});
  probe.gpus->at(kFirst).read_at = kNow - 12s;
  probe.gpus->at(kFirst).presence.waiting_seconds = 11;
  const auto samples = samples_of(probe);
  const auto all = series(samples);
  CHECK(names_of(samples, "0") ==
        std::set<std::string>{"rig_gpu_up", "rig_gpu_sample_age_seconds"});
  CHECK(all.at(up("0", kFirst)) == 0);
  CHECK(all.at("rig_gpu_sample_age_seconds{gpu=\"0\",pci_address=\"0000:03:00.0\"}") == 12);
  CHECK(all.at(up("1", kSecond)) == 1);
  CHECK(names_of(samples, "1").contains("rig_gpu_power_watts"));
  CHECK(texts(samples.problems()) ==
        std::vector<std::string>{"GPU 0 (0000:03:00.0): the driver does not respond"});
}

TEST_CASE("A reading is stale once it is older than the limit") {
  auto probe = probe_with({kFirst});
  probe.gpus->at(kFirst).read_at = kNow - 3s;
  CHECK(series(samples_of(probe)).at(up("0", kFirst)) == 1);
  probe.gpus->at(kFirst).read_at = kNow - 3s - 1ms;
  CHECK(series(samples_of(probe)).at(up("0", kFirst)) == 0);
}

TEST_CASE("A GPU that hangs from the start is down, and a new one is neither up nor down") {
  auto probe = probe_with({kFirst, kSecond});
  for (auto& [address, gpu] : *probe.gpus) gpu.reading.reset();
  probe.gpus->at(kFirst).presence.waiting_seconds = 7;
  probe.gpus->at(kSecond).listed_since = kNow - 100ms;
  const auto samples = samples_of(probe);
  CHECK(names_of(samples, "0") == std::set<std::string>{"rig_gpu_up"});
  CHECK(series(samples).at(up("0", kFirst)) == 0);
  CHECK(names_of(samples, "1").empty());
  CHECK(series(samples).at("rig_gpus") == 2);
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(texts(samples.problems())[0], ContainsSubstring("GPU 0 (0000:03:00.0)"));
}

TEST_CASE("A GPU that may be asleep is up, with its state and identity") {
  const std::string state = GENERATE("suspended", "suspending", "resuming");
  auto probe = probe_with({kFirst});
  change(probe, kFirst, [&](GpuReading& reading) {
    GpuReading asleep;
    asleep.pci_address = reading.pci_address;
    asleep.identity = reading.identity;
    asleep.runtime_state = state;
    reading = asleep;
  });
  const auto samples = samples_of(probe);
  CHECK(samples.problems().empty());
  CHECK(series(samples).at(up("0", kFirst)) == 1);
  CHECK(names_of(samples, "0") == std::set<std::string>{"rig_gpu_up", "rig_gpu_info",
                                                        "rig_gpu_runtime_state",
                                                        "rig_gpu_sample_age_seconds"});
}

TEST_CASE("A GPU that rejects all reads that access it, as during a reset, is down") {
  auto probe = probe_with({kFirst});
  change(probe, kFirst, [](GpuReading& reading) {
    GpuReading rejected;
    rejected.pci_address = reading.pci_address;
    rejected.identity = reading.identity;
    rejected.runtime_state = "active";
    rejected.memory_size_bytes = reading.memory_size_bytes;
    rejected.memory_used_bytes = reading.memory_used_bytes;
    rejected.problems = {{Reason::resetting, "/sys/class/drm/card0/device/gpu_busy_percent",
                          "Operation not permitted"}};
    reading = rejected;
  });
  const auto samples = samples_of(probe);
  CHECK(series(samples).at(up("0", kFirst)) == 0);
  CHECK(names_of(samples, "0").contains("rig_gpu_memory_used_bytes"));
  const auto problems = texts(samples.problems());
  CHECK(std::count(problems.begin(), problems.end(),
                   "/sys/class/drm/card0/device/gpu_busy_percent: Operation not permitted") == 1);
}

TEST_CASE("A GPU of which a single file cannot be read is up and has a problem") {
  auto probe = probe_with({kFirst});
  change(probe, kFirst, [](GpuReading& reading) {
    reading.power_watts.reset();
    reading.problems = {{Reason::io_error, "power1_average", "Input/output error"}};
  });
  const auto samples = samples_of(probe);
  CHECK(series(samples).at(up("0", kFirst)) == 1);
  CHECK(texts(samples.problems()) ==
        std::vector<std::string>{"power1_average: Input/output error"});
}

TEST_CASE("A GPU that disappeared keeps its index, is down and not counted, and may reappear") {
  GpuIndices indices;
  samples_of(probe_with({kFirst, kSecond}), indices);

  const auto without = samples_of(probe_with({kSecond}), indices);
  CHECK(series(without).at("rig_gpus") == 1);
  CHECK(names_of(without, "0") == std::set<std::string>{"rig_gpu_up"});
  CHECK(series(without).at(up("0", kFirst)) == 0);
  CHECK(series(without).at(up("1", kSecond)) == 1);

  const auto again = samples_of(probe_with({kFirst, kSecond}), indices);
  CHECK(series(again).at(up("0", kFirst)) == 1);
}

TEST_CASE("A GPU that is added later gets the next index, whatever its PCI address") {
  GpuIndices indices;
  samples_of(probe_with({kSecond}), indices);
  const auto all = series(samples_of(probe_with({kFirst, kSecond}), indices));
  CHECK(all.at(up("0", kSecond)) == 1);
  CHECK(all.at(up("1", kFirst)) == 1);
}

TEST_CASE("A GPU that is not read so that it can autosuspend is up and has no values") {
  auto probe = probe_with({kFirst});
  GpuReading reading;
  reading.pci_address = kFirst;
  reading.runtime_state = "active";
  reading.left_alone_seconds = 4;
  probe.gpus->at(kFirst).reading = std::make_shared<const GpuReading>(reading);
  const auto samples = samples_of(probe);
  CHECK(samples.problems().empty());
  const auto found = series(samples);
  CHECK(found.at(R"(rig_gpu_up{gpu="0",pci_address="0000:03:00.0"})") == 1);
  CHECK_FALSE(found.contains(R"(rig_gpu_power_watts{gpu="0",pci_address="0000:03:00.0"})"));
}

TEST_CASE("Without a fresh list of processes there are no samples of processes") {
  auto probe = probe_with({kFirst});
  probe.processes = processes_on(kFirst);
  probe.processes_at = kNow - 1h;
  const auto samples = samples_of(probe);
  CHECK(texts(samples.problems()) ==
        std::vector<std::string>{"KFD: reading the processes of the GPUs timed out"});
  for (const auto& [name, value] : series(samples))
    CHECK_FALSE(name.starts_with("rig_gpu_process"));
}

TEST_CASE("A first read of processes that hangs is a problem") {
  auto probe = probe_with({kFirst});
  CHECK(samples_of(probe).problems().empty());
  probe.processes_waiting = true;
  CHECK(texts(samples_of(probe).problems()) ==
        std::vector<std::string>{"KFD: reading the processes of the GPUs timed out"});
}

TEST_CASE("GPUs that are left out are counted, and a problem says so") {
  auto probe = probe_with({kFirst});
  probe.gpus_left_out = 99;
  const auto samples = samples_of(probe);
  CHECK(series(samples).at("rig_gpus") == 100);
  REQUIRE(samples.problems().size() == 1);
  CHECK(to_string(samples.problems()[0]) ==
        "rig_gpu_probe: lists 100 GPUs; only the first 128 are shown");
}
