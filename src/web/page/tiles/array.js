// The tile of an md array.
import {
  element,
  keyedList,
  meterPart,
  setAttribute,
  setHidden,
  setText,
  valuePart,
} from "../dom.js";
import { sparklinePart } from "../chart.js";
import { formatText, isNumber } from "../format.js";
import { fillLevel, usedRatio } from "../model/storage.js";
import { tileFrame } from "./parts.js";

function flagPart() {
  const node = element("span", { class: "flag" });
  return {
    node,
    update({ text, level }) {
      setText(node, text);
      setAttribute(node, "data-level", level);
    },
  };
}

function memberPart() {
  const slot = element("span", { class: "slot" });
  const name = element("span", { class: "command" });
  const model = element("span", { class: "place" });
  const temperature = valuePart("celsius");
  const flags = element("span", { class: "flags" });
  const updateFlags = keyedList(flags, ({ text }) => text, flagPart);
  const what = element("span", { class: "what" }, name, " ", model);
  const node = element("li", {}, slot, what, temperature.node, flags);
  return {
    node,
    update(member, hasTemperatures) {
      const numbered = /^\d+$/.test(member.slot);
      setText(slot, numbered ? member.slot : "–");
      setAttribute(slot, "aria-label", numbered ? `slot ${member.slot}` : "no slot");
      setAttribute(slot, "role", "img");
      setText(name, member.name);
      // Which disk to replace.
      const isBad = member.flags.some(({ level }) => level === "problem");
      const known = isBad || !member.model ? [member.model, member.serial] : [member.model];
      setText(model, known.filter(Boolean).join(", "));
      setAttribute(node, "title", [member.model, member.serial].filter(Boolean).join(", "));
      temperature.update(member.temperature);
      setAttribute(node, "data-level", member.flags[0]?.level ?? "quiet");
      updateFlags(member.flags);
      setHidden(temperature.node, !hasTemperatures);
    },
  };
}

function syncPart() {
  const action = element("span", { class: "what" });
  const progress = valuePart("fine_percent");
  const remaining = valuePart("duration");
  const speed = valuePart("rate");
  const left = element("span", { class: "of" }, remaining.node, " left");
  const rate = element("span", { class: "of" }, speed.node);
  const meter = meterPart("Sync progress");
  const values = element("span", { class: "pair" }, rate, left, progress.node);
  const line = element("p", { class: "line" }, action, values);
  const speeds = sparklinePart();
  const chart = element("div", {}, speeds.node);
  const node = element("div", { class: "bar-row sync" }, line, chart, meter.node);
  return {
    node,
    update({ sync }, { history, now }) {
      setHidden(node, sync.text === "" && sync.waiting === "");
      setText(action, [sync.text, sync.waiting].filter(Boolean).join(" "));
      progress.update(sync.progress);
      remaining.update(sync.remaining);
      speed.update(sync.speed);
      setHidden(values, !sync.running);
      setHidden(left, !isNumber(sync.remaining.value));
      setHidden(rate, !isNumber(sync.speed.value));
      setHidden(chart, !sync.running);
      speeds.update(history.points(sync.speed), now);
      const text = formatText("fine_percent", sync.progress.value);
      meter.update({ value: sync.progress.value, max: 1, text });
    },
  };
}

function spacePart() {
  const mountpoint = element("span", { class: "what" });
  const available = valuePart("storage");
  const size = valuePart("storage");
  const meter = meterPart("Used space");
  const of = element("span", { class: "of" }, " free of ", size.node);
  const readonly = element("span", { class: "flag", "data-level": "warning" }, "read-only");
  const value = element("span", { class: "pair" }, readonly, available.node, of);
  const line = element("p", { class: "line" }, mountpoint, value);
  const node = element("div", { class: "bar-row" }, line, meter.node);
  return {
    node,
    update({ filesystem }) {
      setHidden(node, filesystem === undefined);
      if (!filesystem) return;
      const used = usedRatio(filesystem);
      setText(mountpoint, filesystem.mountpoint);
      available.update(filesystem.available);
      size.update(filesystem.size);
      setHidden(of, !isNumber(filesystem.size.value));
      setHidden(readonly, !filesystem.readonly);
      const text = `${formatText("percent", used)} used`;
      meter.update({ value: used, max: 1, text, level: fillLevel(used) });
    },
  };
}

export function arrayTile() {
  const frame = tileFrame("array");
  const size = valuePart("storage");
  const level = element("span");
  const sizeText = element("span", {}, " · ", size.node);
  frame.about.append(level, sizeText);
  const sync = syncPart();
  const list = element("ul", { class: "rows members", "aria-label": "Members" });
  // One line instead of a temperature per member, where none has one.
  const unknown = element("p", { class: "unknown" }, "Temperatures not reported");
  let hasTemperatures = false;
  const updateMembers = keyedList(
    list,
    ({ key }) => key,
    () => {
      const part = memberPart();
      return { node: part.node, update: (member) => part.update(member, hasTemperatures) };
    },
  );
  const space = spacePart();
  frame.node.append(sync.node, list, unknown, space.node);
  return {
    node: frame.node,
    update(array, context) {
      setText(frame.name, array.name);
      const about = [array.levelText, array.label].filter(Boolean).join(" · ");
      setText(level, about);
      size.update(array.size);
      setHidden(sizeText, array.isContainer);
      frame.update({ level: array.level, text: array.text, noteText: array.note });
      sync.update(array, context);
      hasTemperatures = array.members.some(({ temperature }) => isNumber(temperature.value));
      setHidden(unknown, hasTemperatures || array.members.length === 0);
      updateMembers(array.members);
      space.update(array);
    },
  };
}
