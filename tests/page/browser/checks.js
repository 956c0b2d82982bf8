// What is true of the page on every machine.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { formatText } from "../../../src/web/page/format.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// All values that are shown and are samples, not rates: {metric, labels, format, text}.
export function shownValues(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll(".value[data-metric]:not([data-rate])")]
      .filter((node) => node.checkVisibility())
      .map((node) => ({
        metric: node.dataset.metric,
        labels: JSON.parse(node.dataset.labels),
        format: node.dataset.format,
        text: node.textContent,
      })),
  );
}

const within = (wanted, labels) =>
  Object.entries(wanted).every(([label, value]) => labels[label] === value);

// Each value that is shown is that of /metrics, and what is "not reported" is not there.
export function checkValues(shown, families) {
  const wrong = [];
  for (const { metric, labels, format, text } of shown) {
    const samples = (families[metric] ?? []).filter(([own]) => within(labels, own));
    const expected = samples.length > 0 ? formatText(format, samples[0][1]) : "not reported";
    if (text !== expected || samples.length > 1) {
      wrong.push(`${metric} ${JSON.stringify(labels)}: ${text} instead of ${expected}`);
    }
  }
  assert.deepEqual(wrong, []);
}

// Nothing serious, with the contrast of the color scheme that is shown.
export async function checkAccessibility(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
  const about = serious.map(
    ({ id, nodes }) => `${id}: ${nodes[0].html} ${nodes[0].failureSummary}`,
  );
  assert.deepEqual(about, []);
}

export async function checkNoSidewaysScrolling(page, width) {
  await page.setViewportSize({ width, height: 740 });
  const [whole, outside] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    [...document.querySelectorAll("main *, header *")]
      .filter((node) => node.checkVisibility())
      .filter((node) => node.getBoundingClientRect().right > window.innerWidth + 1)
      .filter((node) => !node.closest(".what"))
      .map((node) => node.className),
  ]);
  assert.equal(whole, width);
  assert.deepEqual(outside, []);
}

export function startCountingShifts(page) {
  return page.addInitScript(() => {
    window.shifts = 0;
    window.shifted = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        window.shifts += entry.value;
        window.shifted.push(...entry.sources.map(({ node }) => node?.className ?? "text"));
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
}

export async function checkShifts(page) {
  const [sum, nodes] = await page.evaluate(() => [window.shifts, window.shifted]);
  assert.ok(sum < 0.01, `cumulative layout shift ${sum}: ${nodes.join(" ")}`);
}
