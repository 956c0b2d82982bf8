// The sections of the page: each shows the tiles of one kind.
import { element, keyedList, setHidden, setText } from "./dom.js";
import { counted, formatText, isNumber } from "./format.js";
import { arrayTile } from "./tiles/array.js";
import { gpuTile } from "./tiles/gpu.js";
import { cpuTile, memoryTile, pressureTile } from "./tiles/host.js";
import { diskRow, filesystemRow } from "./tiles/storage.js";

const WIDE_FROM_CPUS = 65;
const ROWS_PER_COLUMN = 8;

// A list of tiles or rows that are all updated with the same context.
function listOf(parent, create) {
  let context;
  const update = keyedList(
    parent,
    ({ key }) => key,
    () => {
      const part = create();
      return { node: part.node, update: (item) => part.update(item, context) };
    },
  );
  return (items, given) => {
    context = given;
    update(items);
  };
}

function setColumns(section, columns) {
  section.style.setProperty("--wanted", Math.max(columns, 1));
}

function gpuSection(find) {
  const update = listOf(find("gpu-tiles"), gpuTile);
  return (view, context) => {
    update(view.gpus, context);
    setColumns(find("gpus"), view.gpus.length);
    const power = view.gpus.reduce((sum, gpu) => sum + (gpu.power.value || 0), 0);
    const known = view.gpus.every((gpu) => isNumber(gpu.power.value));
    const text = known && view.gpus.length > 1 ? `${formatText("watts", power)} in total` : "";
    setText(find("gpus-summary"), text);
    setHidden(find("no-gpus"), view.gpus.length > 0);
    setText(find("no-gpus"), view.gpuCount === 0 ? "No AMD GPU is present." : "Not reported.");
  };
}

function arraySummary(arrays) {
  const real = arrays.filter(({ isContainer }) => !isContainer);
  const bad = (level) => real.filter((array) => array.level === level).length;
  const parts = [
    real.length > 1 && counted(real.length, "array"),
    bad("problem") > 0 && real.length > 1 && `${bad("problem")} dead`,
    bad("warning") > 0 && real.length > 1 && `${bad("warning")} with warnings`,
  ];
  return parts.filter(Boolean).join(", ");
}

function arraySection(find) {
  const update = listOf(find("array-tiles"), arrayTile);
  return (view, context) => {
    update(view.arrays, context);
    setColumns(find("arrays"), view.arrays.length);
    setText(find("arrays-summary"), arraySummary(view.arrays));
    setHidden(find("no-arrays"), view.arrays.length > 0);
    setText(find("no-arrays"), view.arrayCount === 0 ? "There is no md array." : "Not reported.");
  };
}

function hostSection(find) {
  const parent = find("host-tiles");
  const parts = [
    [cpuTile(), (view) => view.cpu, (view) => view.cpu.present],
    [memoryTile(), (view) => view.memory, (view) => view.memory.present],
    [pressureTile(), (view) => view.pressures, (view) => view.pressures.length > 0],
  ];
  parent.append(...parts.map(([tile]) => tile.node));
  return (view, context) => {
    let columns = 0;
    for (const [tile, model, present] of parts) {
      setHidden(tile.node, !present(view));
      if (present(view)) {
        tile.update(model(view), context);
        columns += 1;
      }
    }
    const wide = view.cpu.cores.length >= WIDE_FROM_CPUS;
    parent.classList.toggle("many-cpus", wide);
    setColumns(find("host"), wide ? columns + 1 : columns);
    setHidden(find("host"), columns === 0);
  };
}

function rowsSection(find, id, models, create) {
  const update = listOf(find(`${id}-rows`), create);
  return (view, context) => {
    const items = models(view);
    update(items, context);
    setColumns(find(id), rowColumns(items));
    setHidden(find(id), items.length === 0);
  };
}

const rowColumns = (items) => Math.ceil(items.length / ROWS_PER_COLUMN);

// Arrays, disks and filesystems below each other, unless one of them needs more than a column.
function storageGroup(find) {
  return ({ gpus, arrays, disks, filesystems }) => {
    const most = Math.max(arrays.length, rowColumns(disks), rowColumns(filesystems));
    const together = Math.max(1, rowColumns(disks)) + Math.max(1, rowColumns(filesystems));
    const beside = gpus.length > 0 ? 1 : 3; // without GPUs there is space beside each other
    setColumns(find("storage"), most > 1 ? Math.max(most, together) : beside);
  };
}

function collectorRow() {
  const name = element("span", { class: "command" });
  const reasons = element("span", { class: "reasons" });
  const node = element("li", {}, name, reasons);
  return {
    node,
    update(collector) {
      setText(name, collector.name);
      setText(reasons, collector.reasons.join("; "));
    },
  };
}

function collectorSection(find) {
  const update = listOf(find("collectors-rows"), collectorRow);
  return ({ collectors }) => {
    const failed = collectors.filter(({ reasons }) => reasons.length > 0);
    update(failed);
    setHidden(find("collectors-tile"), failed.length === 0);
    const all = `All ${counted(collectors.length, "collector")} read everything.`;
    const some = `${failed.length} of ${counted(collectors.length, "collector")} had problems.`;
    const text = collectors.length === 0 ? "Not reported." : failed.length === 0 ? all : some;
    setText(find("collectors-summary"), text);
  };
}

// A dead array comes before everything else, and the absence of GPUs after everything else.
function sectionOrder(find) {
  return ({ arrays, gpus }) => {
    const dead = arrays.some(({ level }) => level === "problem");
    const order = dead ? ["storage", "gpus", "host"] : ["gpus", "storage", "host"];
    if (gpus.length === 0) order.push(...order.splice(order.indexOf("gpus"), 1));
    const sections = [...order, "collectors", "notes-section"].map(find);
    const main = find("values");
    if (sections.some((section, index) => main.children[index] !== section)) {
      main.replaceChildren(...sections);
    }
  };
}

export function sectionViews(find) {
  const updates = [
    gpuSection(find),
    arraySection(find),
    hostSection(find),
    rowsSection(find, "disks", ({ disks }) => disks, diskRow),
    rowsSection(find, "filesystems", ({ filesystems }) => filesystems, filesystemRow),
    storageGroup(find),
    sectionOrder(find),
    collectorSection(find),
  ];
  return (view, context) => updates.forEach((update) => update(view, context));
}
