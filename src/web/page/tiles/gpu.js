// The tile of a GPU.
import { element, keyedList, setAttribute, setHidden, setText, valuePart } from "../dom.js";
import { isNumber } from "../format.js";
import { reasonText, sensorText } from "../model/gpu.js";
import { chartedFact, factPart, gaugePart, hideSameUnit, tileFrame } from "./parts.js";

const MOST_PROCESSES = 4;

function valueOfMax(label, format) {
  const value = valuePart(format);
  const max = valuePart(format);
  const of = element("span", { class: "of" }, " of ", max.node);
  const fact = chartedFact(label, value.node, of);
  return {
    node: fact.node,
    update(reading, limit, { history, now }) {
      value.update(reading);
      max.update(limit);
      fact.update(history.points(reading), now, limit.value);
      setHidden(of, !isNumber(limit.value) || !isNumber(reading.value));
      hideSameUnit(value, max);
    },
  };
}

function fanFact() {
  const speed = valuePart("rpm");
  const ratio = valuePart("percent");
  const beside = element("span", { class: "of" }, " at ", ratio.node);
  const fact = chartedFact("Fan", speed.node, beside);
  return {
    node: fact.node,
    update(gpu, { history, now }) {
      speed.update(gpu.fan);
      ratio.update(gpu.fanRatio);
      setHidden(beside, !isNumber(gpu.fanRatio.value));
      const hasSpeed = isNumber(gpu.fan.value);
      setHidden(speed.node, !hasSpeed && isNumber(gpu.fanRatio.value));
      // Without a speed there may be a ratio, whose maximum is known.
      const charted = hasSpeed ? gpu.fan : gpu.fanRatio;
      fact.update(history.points(charted), now, hasSpeed ? undefined : 1);
    },
  };
}

function linkFact() {
  const parts = ["transfers", "lanes", "transfers", "lanes"].map(valuePart);
  const [speed, lanes, speedMax, lanesMax] = parts;
  const of = element("span", { class: "of" }, " of ", speedMax.node, " ", lanesMax.node);
  const { node } = factPart("PCIe link", speed.node, " ", lanes.node, of);
  node.classList.add("wide");
  return {
    node,
    update(gpu) {
      const known = isNumber(gpu.speed.value) && isNumber(gpu.lanes.value);
      speed.update(gpu.speed);
      lanes.update(gpu.lanes);
      speedMax.update(gpu.speedMax);
      lanesMax.update(gpu.lanesMax);
      setHidden(lanes.node, !known);
      setHidden(of, !known || !isNumber(gpu.speedMax.value) || !isNumber(gpu.lanesMax.value));
      const narrow = gpu.lanes.value < gpu.lanesMax.value;
      setAttribute(node, "data-level", narrow ? "warning" : "ok");
    },
  };
}

// The host's memory that the GPU uses: most of the memory of an APU.
function gttFact() {
  const used = valuePart("memory");
  const size = valuePart("memory");
  const of = element("span", { class: "of" }, " of ", size.node);
  const { node } = factPart("Host RAM", used.node, of);
  node.classList.add("wide");
  return {
    node,
    update(gpu) {
      setHidden(node, !isNumber(gpu.gtt.value));
      used.update(gpu.gtt);
      size.update(gpu.gttSize);
      setHidden(of, !isNumber(gpu.gttSize.value));
    },
  };
}

function throttleFact() {
  const { node, dd } = factPart("Throttled by");
  node.classList.add("wide");
  return {
    node,
    update({ throttleKnown, throttled }) {
      const text = throttled.map(reasonText).join(", ");
      setText(dd, throttleKnown ? text || "nothing" : "not reported");
      dd.classList.toggle("absent", !throttleKnown);
      const hot = throttled.some((reason) => reason.startsWith("thermal"));
      setAttribute(node, "data-level", hot ? "warning" : "ok");
    },
  };
}

function sensorsFact() {
  const { node, dd } = factPart("Sensors");
  node.classList.add("wide");
  const update = keyedList(
    dd,
    ({ labels }) => labels.sensor,
    ({ labels }) => {
      const value = valuePart("celsius");
      const item = element(
        "span",
        { class: "sensor" },
        `${sensorText(labels.sensor)} `,
        value.node,
      );
      return { node: item, update: value.update };
    },
  );
  return {
    node,
    update({ temperatures }) {
      setHidden(node, temperatures.length === 0);
      update(temperatures);
    },
  };
}

function processPart() {
  const command = element("span", { class: "command" });
  const place = element("span", { class: "place" });
  const memory = valuePart("memory");
  const what = element("span", { class: "what" }, command, " ", place);
  const node = element("li", {}, what, memory.node);
  return {
    node,
    update(process) {
      setText(command, process.command || "?");
      setText(place, process.place || `pid ${process.pid}`);
      memory.update(process.memory);
    },
  };
}

function processesPart() {
  const count = element("span", { class: "absent" });
  const list = element("ul", { class: "rows", "aria-label": "Processes" });
  const update = keyedList(list, ({ key }) => key, processPart);
  const { node } = factPart("Processes", list, count);
  node.classList.add("wide");
  return {
    node,
    update({ processes, processCount }) {
      const total = Math.max(processes.length, processCount.value || 0);
      const more = total - Math.min(processes.length, MOST_PROCESSES);
      const known = isNumber(processCount.value) || processes.length > 0;
      const rest = total > more ? `and ${more} more` : String(total);
      setText(count, known ? (total === 0 ? "none" : more > 0 ? rest : "") : "not reported");
      setHidden(list, processes.length === 0);
      update(processes.slice(0, MOST_PROCESSES));
    },
  };
}

function gaugesPart() {
  const temperature = gaugePart("Temperature", "celsius");
  const power = gaugePart("Power", "watts");
  const busy = gaugePart("Busy", "percent");
  const vram = gaugePart("VRAM", "memory");
  const all = [temperature, busy, power, vram];
  return {
    node: element("div", { class: "gauges" }, ...all.map((part) => part.node)),
    update(gpu, { history, now }) {
      const points = (reading) => history.points(reading);
      const { reading, limit, level } = gpu.temperature;
      const sensor = isNumber(reading.value) ? sensorText(reading.labels.sensor) : "";
      temperature.update({
        reading,
        max: limit,
        points: points(reading),
        now,
        level,
        remarkText: sensor,
      });
      power.update({ reading: gpu.power, max: gpu.powerCap, points: points(gpu.power), now });
      busy.update({
        reading: gpu.busy,
        max: 1,
        points: points(gpu.busy),
        now,
        level: gpu.stuck ? "warning" : undefined,
        remarkText: gpu.stuck ? "stuck, not believed" : "",
      });
      vram.update({ reading: gpu.vram, max: gpu.vramSize, points: points(gpu.vram), now });
    },
  };
}

export function gpuTile() {
  const frame = tileFrame("gpu");
  const gauges = gaugesPart();
  const core = valueOfMax("Core clock", "hertz");
  const memory = valueOfMax("Memory clock", "hertz");
  const fan = fanFact();
  const link = linkFact();
  const throttle = throttleFact();
  const memoryBusy = valuePart("percent");
  const memoryBusyFact = chartedFact("Memory busy", memoryBusy.node);
  const gtt = gttFact();
  const sensors = sensorsFact();
  const rows = [core, memory, fan, memoryBusyFact, gtt, throttle, link, sensors];
  const processes = processesPart();
  rows.push(processes);
  const facts = element("dl", { class: "facts" }, ...rows.map(({ node }) => node));
  const body = element("div", { class: "tile-body" }, gauges.node, facts);
  frame.node.append(body);
  return {
    node: frame.node,
    update(gpu, context) {
      setText(frame.name, `GPU ${gpu.index}`);
      setText(frame.about, `${gpu.name} · ${gpu.address}`);
      frame.update({ level: gpu.level, text: gpu.text, noteText: gpu.note });
      setHidden(body, gpu.state !== "up");
      gauges.update(gpu, context);
      core.update(gpu.coreClock, gpu.coreClockMax, context);
      memory.update(gpu.memoryClock, gpu.memoryClockMax, context);
      memoryBusy.update(gpu.memoryBusy);
      memoryBusyFact.update(context.history.points(gpu.memoryBusy), context.now, 1);
      fan.update(gpu, context);
      for (const part of [gtt, link, throttle, sensors, processes]) part.update(gpu);
    },
  };
}
