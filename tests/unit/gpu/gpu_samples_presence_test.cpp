// Which cards are there, up, and heard of lately.
#include "gpu/gpu_snapshots.h"
#include "support/catch.h"

using namespace rig;

TEST_CASE("Without GPUs their number is 0 and that is no problem") {
  const auto samples = samples_of(probe_with({}));
  CHECK(samples.problems().empty());
  CHECK(series(samples).at("rig_gpus") == 0);
}

TEST_CASE("A probe that is down leaves its restarts and no word about any card") {
  GpuNumbers numbers;
  samples_of(probe_with({kFirst, kSecond}), numbers);
  ProbeSnapshot probe;
  probe.restarts = 4;
  probe.down = "rig_gpu_probe was killed by SIGKILL";
  const auto samples = samples_of(probe, numbers);
  CHECK(samples.problems() == std::vector<std::string>{"rig_gpu_probe was killed by SIGKILL"});
  CHECK(series(samples) == std::map<std::string, double>{{"rig_gpu_probe_restarts_total", 4}});
}

TEST_CASE("A probe that has not spoken yet is a problem, and no cards is not claimed") {
  const auto samples = samples_of({});
  CHECK(samples.problems().size() == 1);
  CHECK(series(samples).size() == 1);
}

TEST_CASE("A list of cards that is old says nothing about now") {
  auto probe = probe_with({kFirst});
  probe.listed_at = kNow - 4s;
  const auto samples = samples_of(probe);
  REQUIRE(samples.problems().size() == 1);
  CHECK(samples.problems()[0] == "rig_gpu_probe has said nothing for more than 3 s");
  CHECK(names_of(samples, "0").empty());
  CHECK_FALSE(series(samples).contains("rig_gpus"));
}

TEST_CASE("A card with an old reading is not up, has its age and no values; the other has all") {
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
  CHECK(samples.problems() ==
        std::vector<std::string>{"GPU 0 (0000:03:00.0): its driver does not answer"});
}

TEST_CASE("A reading is fresh up to the limit and stale after it") {
  auto probe = probe_with({kFirst});
  probe.gpus->at(kFirst).read_at = kNow - 3s;
  CHECK(series(samples_of(probe)).at(up("0", kFirst)) == 1);
  probe.gpus->at(kFirst).read_at = kNow - 3s - 1ms;
  CHECK(series(samples_of(probe)).at(up("0", kFirst)) == 0);
}

TEST_CASE("A card that hangs from the start is not up; one just listed is neither up nor down") {
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
  CHECK_THAT(samples.problems()[0], ContainsSubstring("GPU 0 (0000:03:00.0)"));
}

TEST_CASE("A card that is asleep or half awake is up, with its state and identity") {
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

TEST_CASE("A card in reset, which refuses all but what the driver knows by itself, is not up") {
  auto probe = probe_with({kFirst});
  change(probe, kFirst, [](GpuReading& reading) {
    GpuReading refused;
    refused.pci_address = reading.pci_address;
    refused.identity = reading.identity;
    refused.runtime_state = "active";
    refused.memory_size_bytes = reading.memory_size_bytes;
    refused.memory_used_bytes = reading.memory_used_bytes;
    refused.problems = {"/sys/class/drm/card0/device/gpu_busy_percent: Operation not permitted"};
    reading = refused;
  });
  const auto samples = samples_of(probe);
  CHECK(series(samples).at(up("0", kFirst)) == 0);
  CHECK(names_of(samples, "0").contains("rig_gpu_memory_used_bytes"));
  CHECK(std::count(samples.problems().begin(), samples.problems().end(),
                   "/sys/class/drm/card0/device/gpu_busy_percent: Operation not permitted") == 1);
}

TEST_CASE("A single value that is refused is a problem of a card that is up") {
  auto probe = probe_with({kFirst});
  change(probe, kFirst, [](GpuReading& reading) {
    reading.power_watts.reset();
    reading.problems = {"power1_average: Input/output error"};
  });
  const auto samples = samples_of(probe);
  CHECK(series(samples).at(up("0", kFirst)) == 1);
  CHECK(samples.problems() == std::vector<std::string>{"power1_average: Input/output error"});
}

TEST_CASE("A card that vanished keeps its number, is not up and not counted, and comes back") {
  GpuNumbers numbers;
  samples_of(probe_with({kFirst, kSecond}), numbers);

  const auto without = samples_of(probe_with({kSecond}), numbers);
  CHECK(series(without).at("rig_gpus") == 1);
  CHECK(names_of(without, "0") == std::set<std::string>{"rig_gpu_up"});
  CHECK(series(without).at(up("0", kFirst)) == 0);
  CHECK(series(without).at(up("1", kSecond)) == 1);

  const auto again = samples_of(probe_with({kFirst, kSecond}), numbers);
  CHECK(series(again).at(up("0", kFirst)) == 1);
}

TEST_CASE("A card that is added later gets the next number, wherever its slot is") {
  GpuNumbers numbers;
  samples_of(probe_with({kSecond}), numbers);
  const auto all = series(samples_of(probe_with({kFirst, kSecond}), numbers));
  CHECK(all.at(up("0", kSecond)) == 1);
  CHECK(all.at(up("1", kFirst)) == 1);
}

TEST_CASE("A card that is left alone to fall asleep is up, and has no values") {
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

TEST_CASE("Who uses the GPUs is not said once KFD has stopped answering") {
  auto probe = probe_with({kFirst});
  probe.processes = processes_on(kFirst);
  probe.processes_at = kNow - 1h;
  const auto samples = samples_of(probe);
  CHECK(samples.problems() == std::vector<std::string>{"KFD does not answer who uses the GPUs"});
  for (const auto& [name, value] : series(samples))
    CHECK_FALSE(name.starts_with("rig_gpu_process"));
}

TEST_CASE("KFD that has never answered is a problem, and that nobody asks it is none") {
  auto probe = probe_with({kFirst});
  CHECK(samples_of(probe).problems().empty());
  probe.processes_waiting = true;
  CHECK(samples_of(probe).problems() ==
        std::vector<std::string>{"KFD does not answer who uses the GPUs"});
}
