// Elements that are created once and then updated in place. Text from devices is only ever set as
// text, never parsed.
import { formatParts, isNumber } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svgElement(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// An undefined value removes the attribute.
export function setAttribute(node, name, value) {
  if (value === undefined) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
}

export function setHidden(node, hidden) {
  if (node.hidden !== hidden) node.hidden = hidden;
}

// Makes the children of `parent` one per item, in the order of the items. `create` returns
// {node, update}; what exists for the key of an item is kept, moved and updated.
export function keyedList(parent, keyOf, create) {
  let parts = new Map();
  return (items) => {
    const before = parts;
    parts = new Map();
    let next = parent.firstElementChild;
    for (const item of items) {
      const key = keyOf(item);
      const part = before.get(key) ?? create(item);
      before.delete(key);
      parts.set(key, part);
      if (part.node === next) next = next.nextElementSibling;
      else parent.insertBefore(part.node, next);
      part.update(item);
    }
    for (const part of before.values()) part.node.remove();
  };
}

// A number with its unit. The attributes name the sample that is shown.
export function valuePart(format) {
  const number = element("span", { class: "number" });
  const unit = element("span", { class: "unit" });
  const node = element("span", { class: "value", "data-format": format }, number, unit);
  return {
    node,
    update(reading) {
      const [digits, symbol] = formatParts(format, reading.value);
      setText(number, digits);
      setText(unit, symbol && `\u00a0${symbol}`);
      node.classList.toggle("absent", !isNumber(reading.value));
      setAttribute(node, "data-metric", reading.metric);
      setAttribute(node, "data-labels", JSON.stringify(reading.labels));
      setAttribute(node, "data-rate", reading.rate ? "" : undefined);
    },
  };
}

// A bar from 0 to `max`. Without a value or a maximum, its place stays empty.
export function meterPart(label) {
  const bar = element("span", { class: "bar" });
  const node = element("span", { class: "meter" }, bar);
  return {
    node,
    update({ value, max, text, level }) {
      const known = isNumber(value) && isNumber(max) && max > 0;
      const part = known ? Math.min(Math.max(value / max, 0), 1) : 0;
      setAttribute(node, "role", known ? "meter" : undefined);
      setAttribute(node, "aria-label", known ? label : undefined);
      setAttribute(node, "aria-valuemin", known ? 0 : undefined);
      setAttribute(node, "aria-valuemax", known ? 100 : undefined);
      setAttribute(node, "aria-valuenow", known ? Math.round(part * 100) : undefined);
      setAttribute(node, "aria-valuetext", known ? text : undefined);
      setAttribute(node, "data-level", level);
      bar.style.transform = `scaleX(${part.toFixed(4)})`;
    },
  };
}

// A word about the state of a tile: nothing while there is nothing to say.
export function badgePart() {
  const node = element("span", { class: "badge" });
  return {
    node,
    update({ text, level }) {
      setText(node, text);
      setAttribute(node, "data-level", level);
      setHidden(node, text === "");
    },
  };
}
