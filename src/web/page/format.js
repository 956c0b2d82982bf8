// Text for values, as [number, unit]. Memory is in binary units, storage and data rates in decimal
// ones, as their makers and most programs state them.
const MISSING = "not reported";
const BINARY = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const DECIMAL = ["B", "kB", "MB", "GB", "TB", "PB"];

// Below 100 with one decimal, so that a value keeps its width while it changes a little.
function scaled(value, base, units) {
  let power = 0;
  while (power < units.length - 1 && Math.abs(value) >= (power === 0 ? base : base * 0.9995)) {
    value /= base;
    power += 1;
  }
  const decimals = power === 0 || Math.abs(value) >= 99.95 ? 0 : 1;
  return [value.toFixed(decimals), units[power]];
}

function hertz(value) {
  return value >= 9.9995e9 ? [(value / 1e9).toFixed(1), "GHz"] : [(value / 1e6).toFixed(0), "MHz"];
}

// Two units at most: 3 d 4 h, 2 h 05 min, 12 min 30 s, 24 s.
export function durationText(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    [Math.floor(whole / 86400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0\u00a0s";
  return parts
    .slice(first, first + 2)
    .filter(([count], position) => position === 0 || count > 0)
    .map(([count, unit]) => `${count}\u00a0${unit}`)
    .join(" ");
}

// "Sun, 14:03:22" is not needed: what is shown is never older than the page.
export function clockText(seconds) {
  const date = new Date(seconds * 1000);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

const FORMATS = {
  celsius: (value) => [value.toFixed(0), "°C"],
  watts: (value) => [value.toFixed(0), "W"],
  memory: (value) => scaled(value, 1024, BINARY),
  storage: (value) => scaled(value, 1000, DECIMAL),
  rate: (value) => {
    const [number, unit] = scaled(value, 1000, DECIMAL);
    return [number, `${unit}/s`];
  },
  percent: (value) => [(value * 100).toFixed(0), "%"],
  fine_percent: (value) => [(value * 100).toFixed(1), "%"],
  hertz,
  rpm: (value) => [value.toFixed(0), "rpm"],
  lanes: (value) => [`×${value.toFixed(0)}`, ""],
  transfers: (value) => [String(value / 1e9), "GT/s"],
  load: (value) => [value.toFixed(2), ""],
  count: (value) => [value.toFixed(0), ""],
  duration: (value) => [durationText(value), ""],
};

export function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

// [number, unit] of a value in a format; an absent value is never shown as a number.
export function formatParts(format, value) {
  return isNumber(value) ? FORMATS[format](value) : [MISSING, ""];
}

export function formatText(format, value) {
  const [number, unit] = formatParts(format, value);
  return unit ? `${number}\u00a0${unit}` : number;
}

// "1 disk", "2 disks"
export function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
