// Everything that the page shows, from one collection and what is remembered of earlier ones.
import { Families } from "../families.js";
import { arrayModels } from "./array.js";
import { collectorModels } from "./collectors.js";
import { gpuModels } from "./gpu.js";
import { headlineModel } from "./headline.js";
import { busyRatio, cpuModel, cpuTimes, memoryModel, pressureModels } from "./host.js";
import { diskModels, filesystemModels } from "./storage.js";

// The series that have a history, or whose rate is shown.
const REMEMBERED = [
  "rig_gpu_temperature_celsius",
  "rig_gpu_power_watts",
  "rig_gpu_busy_ratio",
  "rig_gpu_memory_used_bytes",
  "rig_gpu_throttle_seconds_total",
  "rig_memory_available_bytes",
  "rig_pressure_seconds_total",
  "rig_disk_read_bytes_total",
  "rig_disk_written_bytes_total",
  "rig_disk_io_seconds_total",
];

// `memory` is {history, identities, cpuTimes, cpuRatios, cpuPoints}.
export function remember(live, families, memory) {
  for (const metric of REMEMBERED) {
    for (const { labels, value } of families.all(metric)) {
      memory.history.add(metric, labels, live.time, value);
    }
  }
  const times = cpuTimes(families);
  for (const [cpu, now] of times) {
    const ratio = busyRatio(memory.cpuTimes.get(cpu), now);
    if (ratio !== undefined) memory.cpuRatios.set(cpu, ratio);
  }
  if (memory.cpuTimes.size > 0 && memory.cpuRatios.has("all")) {
    memory.cpuPoints.push([live.time, memory.cpuRatios.get("all")]);
  }
  memory.cpuTimes = times;
}

export function newMemory(history) {
  return {
    history,
    identities: new Map(),
    cpuTimes: new Map(),
    cpuRatios: new Map(),
    cpuPoints: [],
  };
}

export function viewModel(live, memory) {
  const families = new Families(live.families);
  const problems = live.problems ?? [];
  remember(live, families, memory);
  const context = { ...memory, families, problems };
  const gpus = gpuModels(context);
  const arrays = arrayModels(context);
  const filesystems = filesystemModels(context);
  const collectors = collectorModels(context);
  return {
    gpus,
    gpuCount: families.one("rig_gpus").value,
    arrays,
    arrayCount: families.one("rig_raid_arrays").value,
    cpu: cpuModel(context),
    memory: memoryModel(context),
    pressures: pressureModels(context),
    disks: diskModels(context),
    filesystems,
    collectors,
    headline: headlineModel({ live, gpus, arrays, filesystems, collectors }),
    host: families.all("rig_host_info")[0]?.labels ?? {},
    bootTime: families.one("rig_boot_time_seconds").value,
  };
}
