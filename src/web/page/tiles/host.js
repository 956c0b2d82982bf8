// The tiles of CPU, memory and pressure.
import { element, keyedList, setAttribute, setHidden, setText, valuePart } from "../dom.js";
import { sparklinePart } from "../chart.js";
import { counted, formatText, isNumber } from "../format.js";
import { factPart, gaugePart, hideSameUnit, tileFrame } from "./parts.js";

const HOT = 0.9;

// A cell per CPU, the darker the busier.
function corePart() {
  const node = element("span", { class: "core" });
  return {
    node,
    update({ cpu, busy }) {
      const known = isNumber(busy);
      setAttribute(node, "title", `CPU ${cpu}: ${formatText("percent", busy)}`);
      node.style.opacity = known ? (0.12 + 0.88 * busy).toFixed(2) : "0.06";
    },
  };
}

// About four times as wide as high.
export function coreColumns(count) {
  if (count <= 16) return Math.max(count, 1);
  return [16, 32, 64, 128].find((columns) => (count / columns) * 8 <= columns) ?? 128;
}

function coresPart() {
  const node = element("div", { class: "cores", role: "img" });
  const update = keyedList(node, ({ cpu }) => cpu, corePart);
  return {
    node,
    update({ cores }) {
      setHidden(node, cores.length === 0);
      node.style.setProperty("--core-columns", coreColumns(cores.length));
      update(cores);
      const hot = cores.filter(({ busy }) => busy >= HOT).length;
      setAttribute(
        node,
        "aria-label",
        `${counted(cores.length, "CPU")}, ${hot} of them above 90 %`,
      );
    },
  };
}

export function cpuTile() {
  const frame = tileFrame("cpu");
  const busy = gaugePart("Busy", "percent");
  const cores = coresPart();
  const temperature = valuePart("celsius");
  const sensor = element("span", { class: "of" });
  const frequency = valuePart("hertz");
  const loads = [valuePart("load"), valuePart("load"), valuePart("load")];
  const load = loads.flatMap(({ node }) => [node, " "]);
  const facts = element(
    "dl",
    { class: "facts" },
    factPart("Hottest sensor", temperature.node, sensor).node,
    factPart("Highest clock", frequency.node).node,
    factPart("Load of 1, 5, 15 min", ...load).node,
  );
  frame.node.append(element("div", { class: "gauges single" }, busy.node), cores.node, facts);
  return {
    node: frame.node,
    update(cpu, { cpuPoints, now }) {
      setText(frame.name, "CPU");
      const { sockets, cores: count, threads } = cpu.counts ?? {};
      const sizes = [
        sockets > 1 && counted(Number(sockets), "socket"),
        count && counted(Number(count), "core"),
        threads && counted(Number(threads), "thread"),
      ];
      setText(frame.about, [cpu.model, ...sizes].filter(Boolean).join(" · "));
      frame.update({ level: "ok", text: "", noteText: "" });
      busy.update({ reading: cpu.busy, max: 1, points: cpuPoints, now });
      cores.update(cpu);
      temperature.update(cpu.temperature);
      setText(sensor, isNumber(cpu.temperature.value) ? ` ${cpu.temperature.labels.sensor}` : "");
      frequency.update(cpu.frequency);
      loads.forEach((part, index) => part.update(cpu.loads[index]));
    },
  };
}

export function memoryTile() {
  const frame = tileFrame("memory");
  const used = gaugePart("Used", "memory");
  const available = valuePart("memory");
  const cached = valuePart("memory");
  const swapFree = valuePart("memory");
  const swapTotal = valuePart("memory");
  const swapOf = element("span", { class: "of" }, " of ", swapTotal.node, " free");
  const facts = element(
    "dl",
    { class: "facts" },
    factPart("Available", available.node).node,
    factPart("Page cache", cached.node).node,
    factPart("Swap", swapFree.node, swapOf).node,
  );
  frame.node.append(element("div", { class: "gauges single" }, used.node), facts);
  return {
    node: frame.node,
    update(memory, { history, now }) {
      setText(frame.name, "Memory");
      setText(frame.about, `${formatText("memory", memory.total.value)} of RAM`);
      frame.update({ level: "ok", text: "", noteText: "" });
      const reading = { metric: "used memory", labels: {}, value: memory.used, rate: true };
      const points = history
        .points(memory.available)
        .map(([time, value]) => [time, memory.total.value - value]);
      const level = memory.available.value / memory.total.value < 0.05 ? "warning" : undefined;
      used.update({ reading, max: memory.total, points, now, level });
      available.update(memory.available);
      cached.update(memory.cached);
      const none = memory.swapTotal.value === 0;
      swapTotal.update(memory.swapTotal);
      swapFree.update(none ? memory.swapTotal : memory.swapFree);
      setHidden(swapOf, none || !isNumber(memory.swapFree.value));
      hideSameUnit(swapFree, swapTotal);
    },
  };
}

function pressureRow() {
  const name = element("span", { class: "what" });
  const value = valuePart("fine_percent");
  const chart = sparklinePart();
  const node = element("li", {}, name, chart.node, value.node);
  return {
    node,
    update(pressure, { now }) {
      setText(name, pressure.name);
      value.update(pressure.rate);
      chart.update(pressure.points, now, 0.1);
    },
  };
}

export function pressureTile() {
  const frame = tileFrame("pressure");
  const list = element("ul", { class: "rows pressures" });
  let context;
  const update = keyedList(
    list,
    ({ key }) => key,
    () => {
      const row = pressureRow();
      return { node: row.node, update: (pressure) => row.update(pressure, context) };
    },
  );
  frame.node.append(list);
  return {
    node: frame.node,
    update(pressures, given) {
      context = given;
      setText(frame.name, "Pressure");
      setText(frame.about, "Part of the time in which tasks waited");
      frame.update({ level: "ok", text: "", noteText: "" });
      update(pressures);
    },
  };
}
