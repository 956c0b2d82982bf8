#include "gpu/supervisor/snapshot_store.h"

#include <string>
#include <vector>

#include "gpu/constants.h"
#include "gpu/gpu_limits.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

const char* const kGpu = "0000:03:00.0";
const char* const kOtherGpu = "0000:06:00.0";

GpuReading reading_of(const char* pci_address) {
  GpuReading reading;
  reading.pci_address = pci_address;
  return reading;
}

}  // namespace

TEST_CASE("A reading is kept while its GPU is listed") {
  SnapshotStore store(1s, 60s);
  store.update(reading_of(kGpu), kStart);
  store.update(GpuList{{{kGpu, 0}}}, kStart + 1s);
  CHECK_FALSE(store.snapshot().gpus->at(kGpu).reading);  // it was not listed yet

  store.update(reading_of(kGpu), kStart + 2s);
  store.update(reading_of(kOtherGpu), kStart + 2s);
  store.update(GpuList{{{kGpu, 4}}}, kStart + 3s);
  const auto snapshot = store.snapshot();
  REQUIRE(snapshot.gpus->size() == 1);
  const auto& gpu = snapshot.gpus->at(kGpu);
  REQUIRE(gpu.reading);
  CHECK(gpu.read_at == kStart + 2s);
  CHECK(gpu.listed_since == kStart + 1s);
  CHECK(gpu.presence.waiting_seconds == 4);
  CHECK(snapshot.listed_at == kStart + 3s);

  store.update(GpuList{}, kStart + 4s);
  store.update(GpuList{{{kGpu, 0}}}, kStart + 5s);
  CHECK_FALSE(store.snapshot().gpus->at(kGpu).reading);
}

TEST_CASE("Totals survive a restart of the probe") {
  SnapshotStore store(1s, 60s);
  const GpuList list{{{kGpu, 0}}};
  auto reading = reading_of(kGpu);
  reading.busy_ratio = {{"gfx", 1}};
  store.update(GpuList(list), kStart);
  store.update(GpuReading(reading), kStart);
  store.update(GpuReading(reading), kStart + 1s);
  CHECK(store.snapshot().gpus->at(kGpu).totals->busy_seconds.at("gfx") == 1);

  store.clear("rig_gpu_probe was killed by SIGKILL");
  CHECK_FALSE(store.snapshot().gpus);
  store.update(GpuList(list), kStart + 3s);
  CHECK_FALSE(store.snapshot().gpus->at(kGpu).totals);  // absent before the first reading
  store.update(GpuReading(reading), kStart + 3s);
  store.update(GpuReading(reading), kStart + 4s);
  CHECK(store.snapshot().gpus->at(kGpu).totals->busy_seconds.at("gfx") == 4);
}

TEST_CASE("Clearing the store discards the processes") {
  SnapshotStore store(1s, 60s);
  store.update(GpuProcesses{}, kStart);
  CHECK(store.snapshot().processes);
  store.clear("rig_gpu_probe exited with status 1");
  CHECK_FALSE(store.snapshot().processes);
}

TEST_CASE("The age of a reading counts from its start") {
  SnapshotStore store(1s, 60s);
  store.update(GpuList{{{kGpu, 0}}}, kStart);
  auto reading = reading_of(kGpu);
  reading.took_seconds = 4;
  store.update(GpuReading(reading), kStart + 10s);
  CHECK(store.snapshot().gpus->at(kGpu).read_at == kStart + 6s);
}

TEST_CASE("Of very many GPUs only some are kept, and the others are counted") {
  SnapshotStore store(1s, 60s);
  GpuList list;
  for (int i = 0; i < 1000; ++i) list.gpus.push_back({std::to_string(1000 + i), 0});
  store.update(GpuList(list), kStart);
  CHECK(store.snapshot().gpus->size() == kMaxGpus);
  CHECK(store.snapshot().gpus_left_out == 1000 - kMaxGpus);
  store.update(reading_of("1999"), kStart);  // left out
  list.gpus.resize(2);
  store.update(std::move(list), kStart + 1s);
  CHECK(store.snapshot().gpus->size() == 2);
  CHECK(store.snapshot().gpus_left_out == 0);
}

TEST_CASE("A GPU that stays present keeps its totals whatever other GPUs come and go") {
  SnapshotStore store(1s, 60s);
  auto reading = reading_of(kGpu);
  reading.busy_ratio = {{"gfx", 1}};
  for (int i = 0; i < 2000; ++i) {
    const auto other = std::to_string(i);
    store.update(GpuList{{{kGpu, 0}, {other, 0}}}, kStart + i * 1s);
    store.update(GpuReading(reading), kStart + i * 1s);
    store.update(reading_of(other.c_str()), kStart + i * 1s);
  }
  CHECK(store.snapshot().gpus->at(kGpu).totals->busy_seconds.at("gfx") == 1999);
}

TEST_CASE("Each reading of a listed GPU is reported once it can be read from the store") {
  std::vector<std::string> reported;
  std::size_t listed = 0;
  SnapshotStore store(1s, 60s, [&](const ProbeGpus& gpus, const ProbeGpu& gpu) {
    reported.push_back(gpu.reading->pci_address);
    listed = gpus.size();
    CHECK(store.snapshot().gpus->at(reported.back()).reading == gpu.reading);
    CHECK(gpu.read_at == kStart + 1s);
    CHECK(gpu.totals);
  });
  store.update(GpuList{{{kGpu, 0}, {kOtherGpu, 0}}}, kStart);
  store.update(reading_of(kOtherGpu), kStart + 1s);
  store.update(reading_of("0000:0a:00.0"), kStart + 1s);
  store.update(reading_of(kGpu), kStart + 1s);
  CHECK(reported == std::vector<std::string>{kOtherGpu, kGpu});
  CHECK(listed == 2);
}
