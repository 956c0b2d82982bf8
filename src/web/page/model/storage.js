// What the tables of disks and filesystems show.
import { isNumber } from "../format.js";

const ALMOST_FULL = 0.9;
const FULL = 0.98;

function byName(one, other) {
  return one.key.localeCompare(other.key, "en", { numeric: true });
}

export function diskModels({ families, history }) {
  return families
    .all("rig_disk_read_bytes_total")
    .map(({ labels }) => {
      const busy = families.one("rig_disk_io_seconds_total", labels);
      const read = families.one("rig_disk_read_bytes_total", labels);
      const written = families.one("rig_disk_written_bytes_total", labels);
      return {
        key: labels.device,
        device: labels.device,
        array: labels.array,
        busy: history.rate(busy),
        busyKnown: isNumber(busy.value),
        busyPoints: history.rates(busy),
        read: history.rate(read),
        written: history.rate(written),
        transferPoints: sumOfRates(history.rates(read), history.rates(written)),
      };
    })
    .sort(byName);
}

// Both counters are recorded at the same times.
function sumOfRates(one, other) {
  const second = new Map(other);
  return one.map(([time, rate]) => [time, rate + (second.get(time) ?? 0)]);
}

// As df counts: without the space that is reserved for root.
export function usedRatio({ size, free, available }) {
  const used = size.value - free.value;
  const total = used + available.value;
  return total > 0 ? used / total : undefined;
}

export function fillLevel(ratio) {
  if (!isNumber(ratio)) return "ok";
  if (ratio >= FULL) return "problem";
  return ratio >= ALMOST_FULL ? "warning" : "ok";
}

export function filesystemModels({ families }) {
  return families
    .all("rig_filesystem_readonly")
    .map(({ labels, value }) => {
      const one = (metric) => families.one(metric, labels);
      const space = {
        size: one("rig_filesystem_size_bytes"),
        free: one("rig_filesystem_free_bytes"),
        available: one("rig_filesystem_available_bytes"),
      };
      const { device } = labels;
      return {
        key: `${labels.mountpoint} ${device}`,
        mountpoint: labels.mountpoint,
        device,
        type: labels.fstype,
        ...space,
        used: usedRatio(space),
        readonly: value === 1,
        errors: families.one("rig_filesystem_errors_total", { device }).value ?? 0,
      };
    })
    .sort(byName);
}
