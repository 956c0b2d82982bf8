// Machines that no rig is: more of everything, and values that change.
const clone = (value) => JSON.parse(JSON.stringify(value));

// The GPUs of a rig, repeated until there are `count`.
export function withGpus(machine, count) {
  const copy = clone(machine);
  for (const [metric, samples] of Object.entries(copy.families)) {
    const original = samples.filter(([labels]) => labels.gpu !== undefined);
    if (original.length === 0) continue;
    const gpus = new Set(original.map(([labels]) => labels.gpu)).size;
    const all = [];
    for (let gpu = 0; gpu < count; gpu += 1) {
      for (const [labels, value] of original) {
        if (Number(labels.gpu) % gpus !== gpu % gpus || Number(labels.gpu) >= gpus) continue;
        const address = `0000:${(gpu * 16 + 5).toString(16).padStart(2, "0")}:00.0`;
        const card = labels.card && { card: `card${gpu}` };
        all.push([{ ...labels, gpu: String(gpu), pci_address: address, ...card }, value]);
      }
    }
    copy.families[metric] = all;
  }
  copy.families.rig_gpus = [[{}, count]];
  return copy;
}

// A healthy array of a rig, repeated.
export function withArrays(machine, other, array, count) {
  const copy = clone(machine);
  for (const [metric, samples] of Object.entries(other.families)) {
    if (!metric.startsWith("rig_raid_")) continue;
    const original = samples.filter(([labels]) => labels.array === array);
    if (original.length === 0) continue;
    copy.families[metric] = [];
    for (let index = 0; index < count; index += 1) {
      for (const [labels, value] of original) {
        copy.families[metric].push([{ ...labels, array: `md${index}` }, value]);
      }
    }
  }
  copy.families.rig_raid_arrays = [[{}, count]];
  return copy;
}

export function withCpus(machine, count) {
  const copy = clone(machine);
  copy.families.rig_cpu_info = [
    [{ model: "AMD EPYC 9684X", sockets: "2", cores: "128", threads: String(count) }, 1],
  ];
  copy.families.rig_cpu_seconds_total = [];
  for (let cpu = 0; cpu < count; cpu += 1) {
    for (const mode of ["user", "system", "idle", "iowait"]) {
      copy.families.rig_cpu_seconds_total.push([{ cpu: String(cpu), mode }, 1000]);
    }
  }
  return copy;
}

const noise = (time, seed) => (Math.sin(time / 37 + seed * 2.3) + Math.sin(time / 11 + seed)) / 2;
const SWING = {
  rig_gpu_temperature_celsius: (value, wave) => Math.round(value + 3 * wave),
  rig_gpu_power_watts: (value, wave) => Math.round(value * (1 + 0.12 * wave)),
  rig_gpu_busy_ratio: (value, wave) =>
    Math.min(1, Math.max(0, Math.round((value + 0.06 * wave * (value > 0.1)) * 100) / 100)),
  rig_gpu_memory_used_bytes: (value, wave) => Math.round(value * (1 + 0.03 * wave)),
  rig_gpu_clock_hertz: (value, wave) => Math.round(value * (0.95 + 0.05 * wave)),
  rig_gpu_fan_rpm: (value, wave) => Math.round(value * (1 + 0.1 * wave)),
  rig_gpu_fan_ratio: (value, wave) => Math.min(1, value * (1 + 0.1 * wave)),
  rig_raid_sync_speed_bytes_per_second: (value, wave) => Math.round(value * (1 + 0.2 * wave)),
  rig_memory_available_bytes: (value, wave) => Math.round(value * (1 + 0.05 * wave)),
};
// Increases per second.
const GROWTH = {
  rig_disk_read_bytes_total: 40e6,
  rig_disk_written_bytes_total: 12e6,
  rig_disk_io_seconds_total: 0.3,
  rig_pressure_seconds_total: 0.02,
};

function cpuShare(mode, cpu, time) {
  const busy = Math.min(0.98, Math.max(0.02, 0.45 + 0.5 * noise(time / 8, Number(cpu))));
  return { user: busy * 0.8, system: busy * 0.2, idle: 1 - busy }[mode] ?? 0;
}

// The machine at a time, with values that vary around those of the rig.
export function varied(machine, start) {
  return (time) => {
    const copy = clone(machine);
    const passed = time - start;
    Object.entries(copy.families).forEach(([metric, samples]) => {
      samples.forEach((sample, index) => {
        const wave = noise(time, index);
        if (SWING[metric]) sample[1] = SWING[metric](sample[1], wave);
        if (GROWTH[metric]) {
          sample[1] += GROWTH[metric] * (passed + 20 * noise(time / 2, index));
        }
        if (metric === "rig_cpu_seconds_total") {
          sample[1] += passed * cpuShare(sample[0].mode, sample[0].cpu, start);
        }
      });
    });
    return copy;
  };
}

// What /api/v1/history would have for it, a value per 5 s.
export function historyOf(machineAt, now) {
  const series = new Map();
  for (let time = now - 590; time < now; time += 5) {
    for (const [metric, samples] of Object.entries(machineAt(time).families)) {
      if (!SWING[metric] && !GROWTH[metric]) continue;
      for (const [labels, value] of samples) {
        const key = metric + JSON.stringify(labels);
        if (!series.has(key)) series.set(key, { metric, labels, times: [], values: [] });
        series.get(key).times.push(time);
        series.get(key).values.push(value);
      }
    }
  }
  const cpu = { metric: "rig_cpu_seconds_total", times: [], values: [] };
  const modes = ["user", "idle"].map((mode) => ({ ...clone(cpu), labels: { cpu: "all", mode } }));
  for (let time = now - 590; time < now; time += 5) {
    const busy = 0.45 + 0.2 * noise(time, 1);
    modes.forEach(({ times, values }, index) => {
      times.push(time);
      values.push((values.at(-1) ?? 0) + 5 * (index === 0 ? busy : 1 - busy));
    });
  }
  return { series: [...series.values(), ...modes] };
}

// What a copied machine lacks: space, pressure, temperatures of the CPU, processes.
export function withEverything(machine) {
  const copy = clone(machine);
  const { families } = copy;
  const sizes = { "/": [984e9, 401e9, 351e9], "/boot/efi": [511e6, 505e6, 505e6] };
  ["size", "free", "available"].forEach((kind, column) => {
    families[`rig_filesystem_${kind}_bytes`] = (families.rig_filesystem_readonly ?? [])
      .filter(([, readonly]) => readonly === 0) // that of a dead array has no size
      .map(([labels]) => [labels, (sizes[labels.mountpoint] ?? [1968e9, 742e9, 642e9])[column]]);
  });
  families.rig_pressure_seconds_total = ["cpu", "memory", "io"].map((resource) => [
    { resource, kind: "some" },
    1000,
  ]);
  families.rig_cpu_temperature_celsius = [[{ chip: "coretemp.0", sensor: "Package id 0" }, 61]];
  families.rig_gpu_process_memory_bytes ??= families.rig_gpu_memory_used_bytes
    .filter(([labels, value]) => labels.kind === "vram" && value > 1e9)
    .map(([{ gpu, pci_address }, value]) => [
      {
        gpu,
        pci_address,
        pid: String(2841 + Number(gpu)),
        command: "python3",
        unit: "train.service",
      },
      value - 0.4e9,
    ]);
  families.rig_gpu_processes ??= families.rig_gpu_up.map(([labels]) => {
    const all = families.rig_gpu_process_memory_bytes;
    return [labels, all.filter(([{ gpu }]) => gpu === labels.gpu).length];
  });
  copy.findings = copy.findings.filter(({ level }) => level === "problem");
  return copy;
}
