// What is shown of CPU, memory and pressure.
import { isNumber } from "../format.js";

const INCLUDED_ELSEWHERE = ["guest", "guest_nice"]; // in user and nice
const IDLE = ["idle", "iowait"];
export const CPU_METRIC = "rig_cpu_seconds_total";

// {busy, total} seconds by CPU; all is the sum, or what is reported of the whole machine.
export function cpuTimes(families) {
  const times = new Map();
  const all = { busy: 0, total: 0 };
  for (const { labels, value } of families.all(CPU_METRIC)) {
    if (INCLUDED_ELSEWHERE.includes(labels.mode)) continue;
    if (!times.has(labels.cpu)) times.set(labels.cpu, { busy: 0, total: 0 });
    const busy = IDLE.includes(labels.mode) ? 0 : value;
    for (const sum of [times.get(labels.cpu), all]) {
      sum.busy += busy;
      sum.total += value;
    }
  }
  if (times.size > 0) times.set("all", times.get("all") ?? all);
  return times;
}

export function busyRatio(before, now) {
  if (!before || !now) return undefined;
  const total = now.total - before.total;
  const busy = now.busy - before.busy;
  return total > 0 && busy >= 0 ? Math.min(busy / total, 1) : undefined;
}

// Points of the utilization of the whole machine, from what the exporter has recorded by mode.
export function recordedCpuPoints(recorded) {
  const sums = new Map();
  for (const { metric, labels, times, values } of recorded.series) {
    const whole = labels.cpu === undefined || labels.cpu === "all";
    if (metric !== CPU_METRIC || !whole || INCLUDED_ELSEWHERE.includes(labels.mode)) continue;
    times.forEach((time, index) => {
      const sum = sums.get(time) ?? { busy: 0, total: 0 };
      sum.total += Number(values[index]);
      if (!IDLE.includes(labels.mode)) sum.busy += Number(values[index]);
      sums.set(time, sum);
    });
  }
  const sorted = [...sums].sort((one, other) => one[0] - other[0]);
  return sorted
    .slice(1)
    .map(([time, sum], index) => [time, busyRatio(sorted[index][1], sum)])
    .filter(([, ratio]) => isNumber(ratio));
}

export function cpuModel({ families, cpuRatios }) {
  const info = families.all("rig_cpu_info")[0]?.labels;
  const cpus = [...cpuTimes(families).keys()].filter((cpu) => cpu !== "all");
  cpus.sort((one, other) => Number(one) - Number(other));
  const temperatures = families.all("rig_cpu_temperature_celsius");
  const hottest = temperatures.reduce(
    (most, reading) => (reading.value > (most?.value ?? -Infinity) ? reading : most),
    undefined,
  );
  const frequencies = families.all("rig_cpu_frequency_hertz");
  const fastest = frequencies.reduce(
    (most, reading) => (reading.value > (most?.value ?? -Infinity) ? reading : most),
    undefined,
  );
  return {
    present: cpus.length > 0 || info !== undefined,
    model: info?.model || "CPU",
    counts: info,
    busy: { metric: CPU_METRIC, labels: {}, value: cpuRatios.get("all"), rate: true },
    cores: cpus.map((cpu) => ({ cpu, busy: cpuRatios.get(cpu) })),
    temperature: hottest ?? families.one("rig_cpu_temperature_celsius"),
    frequency: fastest ?? families.one("rig_cpu_frequency_hertz"),
    loads: ["1m", "5m", "15m"].map((window) => families.one("rig_load_average", { window })),
  };
}

export function memoryModel({ families }) {
  const one = (metric) => families.one(metric);
  const total = one("rig_memory_total_bytes");
  const available = one("rig_memory_available_bytes");
  const swapTotal = one("rig_memory_swap_total_bytes");
  const swapFree = one("rig_memory_swap_free_bytes");
  return {
    present: isNumber(total.value),
    total,
    available,
    used: total.value - available.value,
    cached: one("rig_memory_cached_bytes"),
    swapTotal,
    swapFree,
    swapUsed: swapTotal.value - swapFree.value,
  };
}

export function pressureModels({ families, history }) {
  const names = { cpu: "CPU", memory: "Memory", io: "I/O", irq: "Interrupts" };
  const stalls = families.all("rig_pressure_seconds_total");
  return Object.entries(names)
    .map(([resource, name]) => {
      const kinds = stalls.filter(({ labels }) => labels.resource === resource);
      const some = kinds.find(({ labels }) => labels.kind === "some");
      const shown = some ?? kinds[0]; // interrupts have only full
      return (
        shown && { key: resource, name, rate: history.rate(shown), points: history.rates(shown) }
      );
    })
    .filter(Boolean);
}
