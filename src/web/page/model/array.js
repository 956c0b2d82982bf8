// What the tile of an md array shows.
import { counted, isNumber } from "../format.js";

const ACTIONS = {
  recover: "Rebuilding",
  resync: "Resyncing",
  check: "Checking",
  repair: "Repairing",
  reshape: "Reshaping",
};
const WAITING = {
  delayed: "waits for another array on the same disks",
  pending: "waits for the first write",
  remote: "waits for another node of the cluster",
};
// Flags of a member that are worth a word, worst first.
const FLAGS = [
  ["faulty", "faulty", "problem"],
  ["write_error", "write error", "problem"],
  ["want_replacement", "wants replacement", "warning"],
  ["blocked", "blocked", "warning"],
  ["rebuilding", "rebuilding", "warning"],
  ["replacement", "replacement", "quiet"],
  ["spare", "spare", "quiet"],
  ["journal", "journal", "quiet"],
  ["write_mostly", "write-mostly", "quiet"],
  ["failfast", "failfast", "quiet"],
];
const HEALTHY_STATES = ["clean", "active", "active_idle", "write_pending"];

function memberFlags(one, states) {
  const flags = [];
  if (one("rig_raid_member_present").value === 0) flags.push({ text: "removed", level: "problem" });
  else if (one("rig_raid_member_device_online").value === 0) {
    flags.push({ text: "offline", level: "problem" });
  }
  for (const [state, text, level] of FLAGS) if (states.has(state)) flags.push({ text, level });
  const badBlocks = one("rig_raid_member_bad_blocks_bytes");
  if (badBlocks.value > 0) flags.push({ text: "bad blocks", level: "warning" });
  const corrected = one("rig_raid_member_corrected_read_errors_total");
  if (corrected.value > 0) {
    flags.push({ text: `${counted(corrected.value, "read error")} corrected`, level: "warning" });
  }
  if (flags.length === 0 && states.has("in_sync")) flags.push({ text: "in sync", level: "ok" });
  return flags;
}

// Slots in their order, then what has none.
function slotOrder({ slot, name }) {
  const number = /^\d+$/.test(slot) ? Number(slot) : Infinity;
  return [number, name];
}

function arrayMembers(families, array) {
  const infos = families.where("rig_raid_member_info", "array", array);
  const states = families.where("rig_raid_member_state", "array", array);
  return infos
    .map(({ labels }) => {
      const { member } = labels;
      const set = states.filter((state) => state.value === 1 && state.labels.member === member);
      const one = (metric) => families.one(metric, { array, member });
      return {
        key: member,
        name: member,
        slot: labels.slot,
        model: labels.model,
        serial: labels.serial,
        temperature: one("rig_raid_member_temperature_celsius"),
        flags: memberFlags(one, new Set(set.map((state) => state.labels.state))),
      };
    })
    .sort((one, other) => {
      const [first, firstName] = slotOrder(one);
      const [second, secondName] = slotOrder(other);
      if (first !== second) return first < second ? -1 : 1;
      return firstName.localeCompare(secondName, "en", { numeric: true });
    });
}

function syncModel(families, array, action) {
  const one = (metric) => families.one(metric, { array });
  const waiting = families.state("rig_raid_sync_waiting", "reason", { array });
  const progress = one("rig_raid_sync_progress_ratio");
  return {
    text: ACTIONS[action] ?? (action === "frozen" ? "Sync is frozen" : ""),
    waiting: waiting ? (WAITING[waiting] ?? waiting) : "",
    running: isNumber(progress.value),
    progress,
    remaining: one("rig_raid_sync_remaining_seconds"),
    speed: one("rig_raid_sync_speed_bytes_per_second"),
  };
}

function lossText(families, array) {
  const count = (state) => families.one("rig_raid_disks", { array, state }).value || 0;
  const required = families.one("rig_raid_disks_required", { array }).value;
  const lost = count("missing"); // slots; a faulty disk has none
  if (isNumber(required) && isNumber(lost) && lost > 0) {
    return `${lost} of ${counted(required, "disk")} missing`;
  }
  return "";
}

function redundancyText(tolerated, hasRedundancy) {
  if (!isNumber(tolerated) || !hasRedundancy) return "No redundancy at this level";
  if (tolerated === 0) return "The next failing disk may lose all data";
  return `Tolerates ${counted(tolerated, "more failing disk")}`;
}

function deadStatus(families, array, state, level) {
  const loss = lossText(families, array);
  const inactive = state === "inactive" || state === "clear" || level === "";
  const what = inactive ? "Not started" : "Dead";
  const note = "It serves neither reads nor writes.";
  return { level: "problem", text: what, note: loss ? `${loss}. ${note}` : note };
}

function arrayStatus(families, array, { state, level, sync, hasRedundancy, action, degraded }) {
  const one = (metric) => families.one(metric, { array }).value;
  if (one("rig_raid_array_present") === 0) {
    return { level: "problem", text: "Absent", note: "The array is expected but does not exist." };
  }
  if (level === "container") {
    return { level: "quiet", text: "Container", note: "Holds the metadata of other arrays." };
  }
  if (one("rig_raid_array_usable") === 0) return deadStatus(families, array, state, level);
  const redundancy = redundancyText(one("rig_raid_failures_tolerated"), hasRedundancy);
  if (degraded > 0) {
    const loss = lossText(families, array);
    const rebuilding = action === "recover" && sync.waiting === "";
    const text = rebuilding ? "Rebuilding" : "Degraded";
    return { level: "warning", text, note: [loss, redundancy].filter(Boolean).join(". ") + "." };
  }
  if (state === "suspended") {
    return { level: "warning", text: "Suspended", note: "Reads and writes wait." };
  }
  if (sync.text) return { level: "ok", text: sync.text, note: `${redundancy}.` };
  if (state === "readonly") return { level: "ok", text: "Read-only", note: `${redundancy}.` };
  const working = HEALTHY_STATES.includes(state) || state === "read_auto";
  return { level: "ok", text: working ? "Working" : (state ?? ""), note: `${redundancy}.` };
}

// The filesystem on an array, on a partition of it, or on its name in /dev/md.
function filesystemOf(families, array, name) {
  const devices = [`/dev/${array}`];
  if (name) devices.push(`/dev/md/${name}`, `/dev/md/${name.replace(/^[^:]*:/, "")}`);
  const metric = "rig_filesystem_readonly";
  const isPartition = (device) =>
    device.startsWith(`/dev/${array}p`) && /^\d+$/.test(device.slice(`/dev/${array}p`.length));
  const found = families
    .all(metric)
    .find(({ labels }) => devices.includes(labels.device) || isPartition(labels.device));
  return found?.labels;
}

function arrayModel(families, array) {
  const info = families.where("rig_raid_array_info", "array", array)[0]?.labels ?? {};
  const action = families.state("rig_raid_sync_action", "action", { array });
  const state = families.state("rig_raid_array_state", "state", { array });
  const sync = syncModel(families, array, action);
  const hasRedundancy = families.where("rig_raid_degraded_disks", "array", array).length > 0;
  const degraded = families.one("rig_raid_degraded_disks", { array }).value;
  const about = { state, level: info.level, sync, hasRedundancy, action, degraded };
  const mounted = filesystemOf(families, array, info.name);
  return {
    key: array,
    name: array,
    label: (info.name ?? "").replace(/^[^:]*:/, ""),
    levelText: info.level ? info.level.replace(/^raid/, "RAID ") : "level unknown",
    size: families.one("rig_raid_array_size_bytes", { array }),
    isContainer: info.level === "container",
    members: arrayMembers(families, array),
    sync,
    filesystem: mounted && {
      mountpoint: mounted.mountpoint,
      readonly: families.one("rig_filesystem_readonly", mounted).value === 1,
      available: families.one("rig_filesystem_available_bytes", mounted),
      size: families.one("rig_filesystem_size_bytes", mounted),
      free: families.one("rig_filesystem_free_bytes", mounted),
    },
    ...arrayStatus(families, array, about),
  };
}

const ORDER = ["problem", "warning", "ok", "quiet"];

// Dead arrays first, then degraded ones; otherwise by name.
export function arrayModels({ families }) {
  const metrics = ["rig_raid_array_present", "rig_raid_array_info"];
  const names = metrics.flatMap((metric) => families.all(metric).map(({ labels }) => labels.array));
  return [...new Set(names)]
    .map((array) => arrayModel(families, array))
    .sort(
      (one, other) =>
        ORDER.indexOf(one.level) - ORDER.indexOf(other.level) ||
        one.name.localeCompare(other.name, "en", { numeric: true }),
    );
}
