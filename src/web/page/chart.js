// Sparklines of ten minutes.
import { setAttribute, svgElement } from "./dom.js";
import { HISTORY_SECONDS } from "./history.js";

const BUCKET_SECONDS = 5;
const LONGEST_GAP_SECONDS = 95; // values recorded by a scrape per minute are connected
const WIDTH = HISTORY_SECONDS;
const HEIGHT = 100;

// One point per 5 s, at fixed times, so that the line moves but does not change its shape.
export function buckets(points) {
  const result = [];
  for (const [time, value] of points) {
    const start = Math.floor(time / BUCKET_SECONDS) * BUCKET_SECONDS;
    const last = result[result.length - 1];
    if (last?.start === start) {
      last.sum += value;
      last.count += 1;
    } else {
      result.push({ start, sum: value, count: 1 });
    }
  }
  return result.map(({ start, sum, count }) => [start + BUCKET_SECONDS / 2, sum / count]);
}

// The lines through the points, as an SVG path, and the area below them.
export function sparklinePaths(points, max, now) {
  const runs = [];
  let previous = -Infinity;
  for (const [time, value] of buckets(points)) {
    if (time < now - HISTORY_SECONDS) continue;
    if (time - previous > LONGEST_GAP_SECONDS) runs.push([]);
    previous = time;
    const x = Math.min(WIDTH, time - now + HISTORY_SECONDS);
    const y = HEIGHT * (1 - Math.min(Math.max(value / max, 0), 1));
    runs[runs.length - 1].push(`${x.toFixed(0)} ${y.toFixed(1)}`);
  }
  const drawn = runs.filter((run) => run.length > 1);
  const edge = (point) => `${point.split(" ")[0]} ${HEIGHT}`;
  return {
    line: drawn.map((run) => `M${run.join("L")}`).join(""),
    area: drawn
      .map((run) => `M${edge(run[0])}L${run.join("L")}L${edge(run[run.length - 1])}Z`)
      .join(""),
  };
}

// Decoration: the value beside it is what is read aloud.
export function sparklinePart() {
  const area = svgElement("path", { class: "area" });
  const line = svgElement("path", { class: "line" });
  const node = svgElement(
    "svg",
    {
      class: "sparkline",
      viewBox: `0 -3 ${WIDTH} ${HEIGHT + 6}`,
      preserveAspectRatio: "none",
      "aria-hidden": "true",
    },
    area,
    line,
  );
  return {
    node,
    // Without a maximum, the highest value is at the top.
    update(points, now, max) {
      const highest = points.reduce((most, point) => Math.max(most, point[1]), 0);
      const paths = sparklinePaths(points, Math.max(max ?? 0, highest) || 1, now);
      setAttribute(line, "d", paths.line);
      setAttribute(area, "d", paths.area);
    },
  };
}
