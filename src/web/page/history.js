// Values of the last ten minutes, by series.
export const HISTORY_SECONDS = 600;

// Points that are closer are of the same collection, which the exporter has recorded, too. Between
// them a counter would seem to stand still.
const CLOSEST_SECONDS = 0.7;

export function seriesKey(metric, labels) {
  const sorted = Object.keys(labels).sort();
  return `${metric} ${sorted.map((label) => `${label}=${labels[label]}`).join("\u0001")}`;
}

export class History {
  constructor() {
    this.series = new Map(); // key -> [[time, value], ...], oldest first
    this.latest = 0;
  }

  // A value that is not clearly later than the last one of its series is ignored.
  add(metric, labels, time, value) {
    if (!Number.isFinite(value)) return;
    const key = seriesKey(metric, labels);
    const points = this.series.get(key);
    if (!points) this.series.set(key, [[time, value]]);
    else if (time - points[points.length - 1][0] >= CLOSEST_SECONDS) points.push([time, value]);
    this.latest = Math.max(this.latest, time);
  }

  // Recorded values may be older or newer than those that the page has already seen.
  merge(recorded) {
    for (const { metric, labels, times, values } of recorded.series) {
      const key = seriesKey(metric, labels);
      const points = new Map(this.series.get(key));
      times.forEach((time, index) => {
        const value = Number(values[index]);
        if (Number.isFinite(value)) points.set(time, value);
      });
      const kept = [];
      for (const point of [...points].sort((one, other) => one[0] - other[0])) {
        if (point[0] - (kept[kept.length - 1]?.[0] ?? -Infinity) >= CLOSEST_SECONDS) {
          kept.push(point);
        }
      }
      if (kept.length === 0) continue;
      this.series.set(key, kept);
      this.latest = Math.max(this.latest, kept[kept.length - 1][0]);
    }
  }

  forgetBefore(time) {
    for (const [key, points] of this.series) {
      const first = points.findIndex((point) => point[0] >= time);
      if (first < 0) this.series.delete(key);
      else if (first > 0) points.splice(0, first);
    }
  }

  points({ metric, labels }) {
    return this.series.get(seriesKey(metric, labels)) ?? [];
  }

  // The increase per second of a counter between consecutive values; one that was reset has none.
  rates(reading) {
    const points = this.points(reading);
    const rates = [];
    for (let index = 1; index < points.length; index += 1) {
      const [before, first] = points[index - 1];
      const [time, second] = points[index];
      if (second >= first) rates.push([time, (second - first) / (time - before)]);
    }
    return rates;
  }

  // The latest rate as a reading.
  rate(reading) {
    const points = this.points(reading).slice(-2);
    const rate = { ...reading, value: undefined, rate: true };
    if (points.length < 2 || points[1][1] < points[0][1]) return rate;
    rate.value = (points[1][1] - points[0][1]) / (points[1][0] - points[0][0]);
    return rate;
  }
}
