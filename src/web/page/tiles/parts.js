// Parts that several tiles have.
import { badgePart, element, meterPart, setAttribute, setText, valuePart } from "../dom.js";
import { sparklinePart } from "../chart.js";
import { formatText } from "../format.js";

// A box with a heading: a name, a word of state, and a line about what it is.
export function tileFrame(kind) {
  const name = element("span", { class: "name" });
  const badge = badgePart();
  const about = element("p", { class: "about" });
  const note = element("p", { class: "note" });
  const heading = element("h3", {}, name);
  const head = element("div", { class: "tile-head" }, heading, badge.node);
  const node = element("article", { class: `tile ${kind}` }, head, about, note);
  return {
    node,
    name,
    about,
    update({ level, text, noteText }) {
      badge.update({ text, level });
      setText(note, noteText);
      setAttribute(node, "data-level", level);
    },
  };
}

// A value that changes: with its limit, the last ten minutes, and a bar.
export function gaugePart(label, format) {
  const value = valuePart(format);
  const limit = valuePart(format);
  const of = element("p", { class: "of limit" }, "of ", limit.node);
  const remark = element("span", { class: "remark" });
  const chart = sparklinePart();
  const meter = meterPart(label);
  const node = element(
    "div",
    { class: "gauge" },
    element("p", { class: "label" }, label),
    element("p", { class: "reading" }, value.node, " ", remark),
    of,
    chart.node,
    meter.node,
  );
  return {
    node,
    // `max` is the limit as a reading, or a number that is not shown.
    update({ reading, max, points, now, level, remarkText = "" }) {
      const bound = typeof max === "number" ? max : max.value;
      value.update(reading);
      const shown = typeof max !== "number" && Number.isFinite(bound);
      of.hidden = !shown;
      if (shown) limit.update(max);
      setText(remark, remarkText);
      const text = formatText(format, reading.value);
      const whole = shown ? `${text} of ${formatText(format, bound)}` : text;
      meter.update({ value: reading.value, max: bound, text: whole, level });
      chart.update(points, now, bound);
      setAttribute(node, "data-level", level);
    },
  };
}

// "2310 of 2475 MHz": the unit of the second value is that of the first, too.
export function hideSameUnit(first, second) {
  const [one, other] = [first, second].map(({ node }) => node.lastChild.textContent);
  first.node.classList.toggle("same-unit", one === other && !second.node.parentNode.hidden);
}

// A row of a list of facts.
export function factPart(label, ...content) {
  const dd = element("dd", {}, ...content);
  const node = element("div", { class: "fact" }, element("dt", {}, label), dd);
  return { node, dd };
}

// A fact that changes, with the last ten minutes below it.
export function chartedFact(label, ...content) {
  const chart = sparklinePart();
  const { node, dd } = factPart(label, ...content);
  dd.append(chart.node);
  return { node, update: chart.update };
}
