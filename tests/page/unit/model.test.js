import assert from "node:assert/strict";
import test from "node:test";
import { History } from "../../../src/web/page/history.js";
import { recordedCpuPoints } from "../../../src/web/page/model/host.js";
import { newMemory, viewModel } from "../../../src/web/page/model/view.js";

const gpu = { gpu: "0", pci_address: "0000:03:00.0" };

function view(families, others = {}) {
  return viewModel(
    { time: 100, families, findings: [], findings_time: 99, ...others },
    newMemory(new History()),
  );
}

function gpuOf(families, others) {
  return view({ rig_gpu_up: [[gpu, 1]], ...families }, others).gpus[0];
}

function arrayOf(families, others) {
  const labels = { array: "md0" };
  return view(
    {
      rig_raid_array_present: [[labels, 1]],
      rig_raid_array_info: [[{ ...labels, level: "raid1", name: "rig:data" }, 1]],
      rig_raid_array_usable: [[labels, 1]],
      rig_raid_array_state: [[{ ...labels, state: "clean" }, 1]],
      ...families,
    },
    others,
  ).arrays[0];
}

test("A GPU without any value has no number", () => {
  const model = gpuOf({});
  assert.equal(model.temperature.reading.value, undefined);
  assert.equal(model.power.value, undefined);
  assert.equal(model.state, "up");
  assert.equal(model.text, "");
  assert.equal(model.throttleKnown, false);
});

test("A hung GPU, one that is gone and one that sleeps are told apart", () => {
  const down = { rig_gpu_up: [[gpu, 0]] };
  assert.equal(gpuOf({ ...down, rig_gpu_sample_age_seconds: [[gpu, 60]] }).text, "Not responding");
  const text = "GPU 0 (0000:03:00.0): timed out: the driver does not respond";
  assert.equal(gpuOf(down, { problems: [{ collector: "gpu", text }] }).text, "Not responding");
  assert.equal(gpuOf(down).text, "Gone");
  const asleep = {
    rig_gpu_runtime_state: [
      [{ ...gpu, state: "active" }, 0],
      [{ ...gpu, state: "suspended" }, 1],
    ],
  };
  assert.equal(gpuOf(asleep).text, "Asleep");
  assert.equal(view({ rig_gpu_up: [[gpu, 1]], ...asleep }).headline.level, "ok");
});

test("A GPU keeps its name while it hangs", () => {
  const memory = newMemory(new History());
  const live = (time, families) => viewModel({ time, families }, memory).gpus[0];
  live(1, { rig_gpu_up: [[gpu, 1]], rig_gpu_info: [[{ ...gpu, name: "RX 6800" }, 1]] });
  assert.equal(live(2, { rig_gpu_up: [[gpu, 0]] }).name, "RX 6800");
});

test("A GPU whose utilization is not believed is a warning", () => {
  const model = gpuOf({ rig_gpu_busy_suspect: [[gpu, 1]], rig_gpu_busy_ratio: [] });
  assert.deepEqual([model.stuck, model.level, model.text], [true, "warning", "Busy value stuck"]);
});

test("The hotspot is the main temperature, with its own limit", () => {
  const limit = { ...gpu, sensor: "junction", limit: "critical" };
  const model = gpuOf({
    rig_gpu_temperature_celsius: [
      [{ ...gpu, sensor: "edge" }, 70],
      [{ ...gpu, sensor: "junction" }, 111],
    ],
    rig_gpu_temperature_limit_celsius: [
      [{ ...limit, sensor: "edge" }, 100],
      [limit, 110],
    ],
  });
  assert.equal(model.temperature.reading.value, 111);
  assert.equal(model.temperature.limit.value, 110);
  assert.equal(model.text, "Too hot");
  assert.deepEqual(
    model.temperatures.map(({ value }) => value),
    [70],
  );
});

test("A power limit is said, but only heat is a warning", () => {
  const flag = (reason, value) => [{ ...gpu, reason }, value];
  const power = gpuOf({ rig_gpu_throttled: [flag("power", 1), flag("thermal_edge", 0)] });
  assert.deepEqual([power.throttled, power.level], [["power"], "ok"]);
  const heat = gpuOf({ rig_gpu_throttled: [flag("thermal_edge", 1)] });
  assert.equal(heat.text, "Throttled by heat");
});

test("An array that does not serve reads and writes is dead, whatever its state", () => {
  const labels = { array: "md0" };
  const dead = arrayOf({
    rig_raid_array_usable: [[labels, 0]],
    rig_raid_disks: [
      [{ ...labels, state: "missing" }, 1],
      [{ ...labels, state: "faulty" }, 1],
    ],
    rig_raid_disks_required: [[labels, 2]],
  });
  assert.equal(dead.text, "Dead");
  assert.match(dead.note, /^1 of 2 disks missing\./);
  const absent = arrayOf({
    rig_raid_array_present: [[labels, 0]],
    rig_raid_array_usable: [[labels, 0]],
  });
  assert.equal(absent.text, "Absent");
  const inactive = [[{ ...labels, state: "inactive" }, 1]];
  const stopped = arrayOf({ rig_raid_array_usable: [[labels, 0]], rig_raid_array_state: inactive });
  assert.equal(stopped.text, "Not started");
});

test("The filesystem of an array is found by its device, a partition, or its name", () => {
  for (const device of ["/dev/md0", "/dev/md0p1", "/dev/md/data"]) {
    const labels = { device, mountpoint: "/x", fstype: "ext4" };
    const array = arrayOf({ rig_filesystem_readonly: [[labels, 0]] });
    assert.equal(array.filesystem?.mountpoint, "/x", device);
  }
  const other = { device: "/dev/md01", mountpoint: "/x", fstype: "ext4" };
  assert.equal(arrayOf({ rig_filesystem_readonly: [[other, 0]] }).filesystem, undefined);
});

test("What the doctor has already reported is not repeated, and md1 is not md12", () => {
  const down = {
    rig_raid_array_usable: [[{ array: "md1" }, 0]],
    rig_raid_array_present: [[{ array: "md1" }, 1]],
  };
  const finding = (what) => ({ level: "problem", subject: "RAID", what, advice: "x" });
  const same = view(down, { findings: [finding("md1 (raid0) does not serve reads and writes.")] });
  assert.equal(same.headline.findings.length, 1);
  assert.equal(same.headline.text, "md1 (raid0) does not serve reads and writes.");
  const other = view(down, {
    findings: [finding("md12 (raid0) does not serve reads and writes.")],
  });
  assert.equal(other.headline.findings.length, 2);
  assert.equal(other.headline.text, "2 problems");
});

test("Nothing is called healthy before it has been checked", () => {
  assert.equal(view({}).headline.text, "Everything is healthy");
  assert.equal(view({}, { findings_time: undefined }).headline.text, "No problem seen so far");
});

test("A failed collector is a warning with its reason", () => {
  const failed = view(
    {
      rig_collector_success: [
        [{ collector: "gpu" }, 0],
        [{ collector: "cpu" }, 1],
      ],
    },
    { problems: [{ collector: "gpu", text: "timed out after 1.9 s" }] },
  );
  assert.equal(failed.headline.level, "warning");
  assert.match(failed.headline.findings[0].what, /gpu .*timed out after 1\.9 s/);
});

test("The utilization is that between two collections, without counting guests twice", () => {
  const memory = newMemory(new History());
  const at = (time, user, idle) =>
    viewModel(
      {
        time,
        families: {
          rig_cpu_seconds_total: [
            [{ cpu: "0", mode: "user" }, user],
            [{ cpu: "0", mode: "guest" }, user],
            [{ cpu: "0", mode: "idle" }, idle],
            [{ cpu: "1", mode: "user" }, 5],
            [{ cpu: "1", mode: "idle" }, idle],
          ],
        },
      },
      memory,
    ).cpu;
  assert.equal(at(10, 1, 1).busy.value, undefined);
  const cpu = at(12, 2, 2);
  assert.deepEqual(
    cpu.cores.map(({ busy }) => busy),
    [0.5, 0],
  );
  assert.equal(cpu.busy.value, 1 / 3);
});

test("The recorded utilization is computed from the modes of the whole machine", () => {
  const series = (mode, values) => ({
    metric: "rig_cpu_seconds_total",
    labels: { cpu: "all", mode },
    times: [1, 2, 3],
    values,
  });
  const points = recordedCpuPoints({
    series: [series("user", [1, 2, 2]), series("idle", [1, 4, 5])],
  });
  assert.deepEqual(points, [
    [2, 0.25],
    [3, 0],
  ]);
});
