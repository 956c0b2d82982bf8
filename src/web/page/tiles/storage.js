// Rows of the lists of disks and filesystems.
import { element, meterPart, setAttribute, setHidden, setText, valuePart } from "../dom.js";
import { sparklinePart } from "../chart.js";
import { formatText, isNumber } from "../format.js";
import { fillLevel } from "../model/storage.js";

export function diskRow() {
  const name = element("span", { class: "command" });
  const array = element("span", { class: "place" });
  const busy = valuePart("percent");
  const read = valuePart("rate");
  const written = valuePart("rate");
  const chart = sparklinePart();
  const node = element(
    "li",
    { class: "disk" },
    element("span", { class: "what" }, name, " ", array),
    element("span", { class: "busy" }, element("span", { class: "of" }, "busy "), busy.node),
    chart.node,
    element("span", { class: "transfer" }, element("span", { class: "of" }, "read "), read.node),
    element(
      "span",
      { class: "transfer" },
      element("span", { class: "of" }, "write "),
      written.node,
    ),
  );
  return {
    node,
    update(disk, { now }) {
      setText(name, disk.device);
      setText(array, disk.array.replaceAll(",", ", "));
      busy.update(disk.busy);
      read.update(disk.read);
      written.update(disk.written);
      chart.update(disk.transferPoints, now);
    },
  };
}

export function filesystemRow() {
  const mountpoint = element("span", { class: "command" });
  const device = element("span", { class: "place" });
  const available = valuePart("storage");
  const size = valuePart("storage");
  const of = element("span", { class: "of" }, " free of ", size.node);
  const flag = element("span", { class: "flag", "data-level": "warning" });
  const meter = meterPart("Used space");
  const what = element("span", { class: "what" }, mountpoint, " ", device);
  const value = element("span", { class: "pair" }, flag, available.node, of);
  const line = element("p", { class: "line" }, what, value);
  const node = element("li", { class: "bar-row" }, line, meter.node);
  return {
    node,
    update(filesystem) {
      setText(mountpoint, filesystem.mountpoint);
      setText(device, `${filesystem.type}, ${filesystem.device.replace(/^\/dev\//, "")}`);
      available.update(filesystem.available);
      size.update(filesystem.size);
      setHidden(of, !isNumber(filesystem.size.value));
      const states = [filesystem.readonly && "read-only", filesystem.errors > 0 && "errors"];
      setText(flag, states.filter(Boolean).join(", "));
      setAttribute(flag, "data-level", filesystem.errors > 0 ? "problem" : "quiet");
      setHidden(flag, flag.textContent === "");
      const text = `${formatText("percent", filesystem.used)} used`;
      meter.update({ value: filesystem.used, max: 1, text, level: fillLevel(filesystem.used) });
    },
  };
}
