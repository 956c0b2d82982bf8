// What the tile of a GPU shows.
import { isNumber } from "../format.js";

// The hotspot is what the firmware throttles by; older and smaller GPUs have only the edge.
const SENSORS = ["junction", "edge", "soc", "memory"];
const CLOSE_TO_LIMIT_CELSIUS = 5;
const OLD_SECONDS = 10;
const REASONS = {
  power: "power limit",
  current: "current limit",
  prochot: "external signal (PROCHOT)",
  ppm: "power of the package",
  fit: "reliability limit",
  thermal_core: "core heat",
  thermal_gpu: "GPU heat",
  thermal_edge: "edge heat",
  thermal_junction: "hotspot heat",
  thermal_memory: "memory heat",
  thermal_soc: "SoC heat",
  thermal_socket: "socket heat",
  thermal_vr: "regulator heat",
  thermal_liquid: "liquid heat",
};

const LIMITED_PART = 0.05; // of the time between two samples

export function reasonText(reason) {
  return REASONS[reason] ?? reason.replaceAll("_", " ");
}

export function sensorText(sensor) {
  return sensor === "junction" ? "hotspot" : sensor.replaceAll("_", " ");
}

// The reasons for which the GPU is throttled now. Without a flag for a reason, the time that is
// counted for it says so.
function throttleReasons(families, history, key) {
  const flags = families.where("rig_gpu_throttled", ...key);
  if (flags.length > 0) {
    return flags.filter(({ value }) => value === 1).map(({ labels }) => labels.reason);
  }
  return families
    .where("rig_gpu_throttle_seconds_total", ...key)
    .filter((reading) => history.rate(reading).value > LIMITED_PART)
    .map(({ labels }) => labels.reason);
}

function hasThrottleStatus(families, key) {
  return (
    families.where("rig_gpu_throttled", ...key).length > 0 ||
    families.where("rig_gpu_throttle_seconds_total", ...key).length > 0
  );
}

// {reading, limit} of the sensor that matters most.
function mainTemperature(families, key) {
  const labels = { [key[0]]: key[1] };
  const metric = "rig_gpu_temperature_celsius";
  const readings = SENSORS.map((sensor) => families.one(metric, { ...labels, sensor }));
  const reading = readings.find(({ value }) => isNumber(value)) ?? readings[0];
  const { sensor } = reading.labels;
  const limits = ["critical", "emergency"].map((limit) =>
    families.one("rig_gpu_temperature_limit_celsius", { ...labels, sensor, limit }),
  );
  return { reading, limit: limits.find(({ value }) => isNumber(value)) ?? limits[0] };
}

function gpuProcesses(families, key) {
  return [...families.where("rig_gpu_process_memory_bytes", ...key)]
    .sort((one, other) => other.value - one.value)
    .map((memory) => ({
      key: memory.labels.pid,
      command: memory.labels.command,
      place: memory.labels.container || memory.labels.pod || memory.labels.unit || "",
      pid: memory.labels.pid,
      memory,
    }));
}

function gpuReadings(families, address) {
  const one = (metric, labels = {}) => families.one(metric, { pci_address: address, ...labels });
  return {
    power: one("rig_gpu_power_watts"),
    powerCap: one("rig_gpu_power_cap_watts"),
    vram: one("rig_gpu_memory_used_bytes", { kind: "vram" }),
    vramSize: one("rig_gpu_memory_size_bytes", { kind: "vram" }),
    gtt: one("rig_gpu_memory_used_bytes", { kind: "gtt" }),
    gttSize: one("rig_gpu_memory_size_bytes", { kind: "gtt" }),
    busy: one("rig_gpu_busy_ratio", { engine: "gfx" }),
    memoryBusy: one("rig_gpu_busy_ratio", { engine: "memory" }),
    coreClock: one("rig_gpu_clock_hertz", { clock: "sclk" }),
    coreClockMax: one("rig_gpu_clock_max_hertz", { clock: "sclk" }),
    memoryClock: one("rig_gpu_clock_hertz", { clock: "mclk" }),
    memoryClockMax: one("rig_gpu_clock_max_hertz", { clock: "mclk" }),
    fan: one("rig_gpu_fan_rpm"),
    fanRatio: one("rig_gpu_fan_ratio"),
    lanes: one("rig_gpu_pcie_link_lanes"),
    lanesMax: one("rig_gpu_pcie_link_max_lanes"),
    speed: one("rig_gpu_pcie_link_transfers_per_second"),
    speedMax: one("rig_gpu_pcie_link_max_transfers_per_second"),
    processCount: one("rig_gpu_processes"),
  };
}

function upState(families, address, problems) {
  if (families.one("rig_gpu_up", { pci_address: address }).value !== 0) return "up";
  const known = problems.some(({ text }) => text.includes(address));
  const age = families.one("rig_gpu_sample_age_seconds", { pci_address: address });
  return known || isNumber(age.value) ? "hung" : "gone";
}

function gpuStatus(gpu) {
  if (gpu.state === "gone") {
    return { level: "problem", text: "Gone", note: "The GPU has disappeared from the PCI bus." };
  }
  if (gpu.state === "hung") {
    const note = "Its driver does not respond, or rejects all reads while it resets the GPU.";
    return { level: "problem", text: "Not responding", note };
  }
  if (gpu.state === "suspended") {
    const note = "Switched off by runtime power management until it is used. It is not woken up.";
    return { level: "quiet", text: "Asleep", note };
  }
  const over = gpu.temperature.reading.value - gpu.temperature.limit.value;
  if (over >= 0) return { level: "problem", text: "Too hot", note: "" };
  if (gpu.throttled.some((reason) => reason.startsWith("thermal"))) {
    return { level: "warning", text: "Throttled by heat", note: "" };
  }
  if (gpu.stuck) {
    const note = "The GPU reports full load, but its memory shows that it is idle.";
    return { level: "warning", text: "Busy value stuck", note };
  }
  if (gpu.age.value > OLD_SECONDS) return { level: "warning", text: "Values are old", note: "" };
  return { level: "ok", text: "", note: "" };
}

function temperatureLevel({ reading, limit }) {
  const over = reading.value - limit.value;
  if (over >= 0) return "problem";
  return over >= -CLOSE_TO_LIMIT_CELSIUS ? "warning" : "ok";
}

function gpuModel(address, families, history, problems, identities) {
  const key = ["pci_address", address];
  const info = families.where("rig_gpu_info", ...key)[0]?.labels ?? identities.get(address);
  if (info) identities.set(address, info);
  const up = upState(families, address, problems);
  const runtime = families.state("rig_gpu_runtime_state", "state", { pci_address: address });
  const temperature = mainTemperature(families, key);
  const gpu = {
    key: address,
    address,
    index: families.where("rig_gpu_up", ...key)[0]?.labels.gpu ?? info?.gpu ?? "?",
    name: info?.name || "AMD GPU",
    card: info?.card ?? "",
    state: up === "up" && runtime === "suspended" ? "suspended" : up,
    temperature: { ...temperature, level: temperatureLevel(temperature) },
    temperatures: families
      .where("rig_gpu_temperature_celsius", ...key)
      .filter(({ labels }) => labels.sensor !== temperature.reading.labels.sensor),
    ...gpuReadings(families, address),
    stuck: families.one("rig_gpu_busy_suspect", { pci_address: address }).value === 1,
    age: families.one("rig_gpu_sample_age_seconds", { pci_address: address }),
    throttleKnown: hasThrottleStatus(families, key),
    throttled: throttleReasons(families, history, key),
    processes: gpuProcesses(families, key),
  };
  return { ...gpu, ...gpuStatus(gpu) };
}

// `identities` remembers what a GPU was before it hung.
export function gpuModels({ families, history, problems, identities }) {
  const metrics = ["rig_gpu_up", "rig_gpu_info"];
  const addresses = metrics.flatMap((metric) =>
    families.all(metric).map(({ labels }) => labels.pci_address),
  );
  return [...new Set(addresses)]
    .map((address) => gpuModel(address, families, history, problems, identities))
    .sort((one, other) => Number(one.index) - Number(other.index));
}
