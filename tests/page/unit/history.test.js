import assert from "node:assert/strict";
import test from "node:test";
import { buckets, sparklinePaths } from "../../../src/web/page/chart.js";
import { failureText, waitSeconds } from "../../../src/web/page/connection.js";
import { Families } from "../../../src/web/page/families.js";
import { History } from "../../../src/web/page/history.js";

const reading = { metric: "bytes", labels: { device: "sda", array: "" } };

test("The rate of a counter is that of its last two values; one that was reset has none", () => {
  const history = new History();
  history.add("bytes", { array: "", device: "sda" }, 10, 100);
  assert.equal(history.rate(reading).value, undefined);
  history.add("bytes", reading.labels, 12, 300);
  assert.equal(history.rate(reading).value, 100);
  history.add("bytes", reading.labels, 14, 5);
  assert.equal(history.rate(reading).value, undefined);
  assert.deepEqual(history.rates(reading), [[12, 100]]);
});

test("A collection that is recorded under a slightly different time counts once", () => {
  const history = new History();
  history.merge({
    series: [{ metric: "bytes", labels: reading.labels, times: [10, 12], values: [100, 300] }],
  });
  history.add("bytes", reading.labels, 12.1, 300);
  assert.equal(history.rate(reading).value, 100);
  history.add("bytes", reading.labels, 14, 700);
  history.merge({
    series: [{ metric: "bytes", labels: reading.labels, times: [13.9], values: [700] }],
  });
  assert.deepEqual(
    history.points(reading).map(([time]) => time),
    [10, 12, 13.9],
  );
});

test("Two answers from the same collection do not make a rate", () => {
  const history = new History();
  history.add("bytes", reading.labels, 10, 100);
  history.add("bytes", reading.labels, 12, 300);
  history.add("bytes", reading.labels, 12, 300);
  assert.equal(history.rate(reading).value, 100);
});

test("Recorded values are put in the order of time, before and after those already known", () => {
  const history = new History();
  history.add("bytes", reading.labels, 20, 2);
  history.merge({
    series: [
      { metric: "bytes", labels: reading.labels, times: [10, 20, 30], values: [1, 2, "NaN"] },
    ],
  });
  assert.deepEqual(history.points(reading), [
    [10, 1],
    [20, 2],
  ]);
  history.forgetBefore(15);
  assert.deepEqual(history.points(reading), [[20, 2]]);
  history.forgetBefore(25);
  assert.deepEqual(history.points(reading), []);
});

test("A sparkline is not connected over a gap, and stays within its box", () => {
  const points = [0, 5, 10, 300, 305].map((time) => [1000 + time, time === 5 ? 99 : 5]);
  const { line } = sparklinePaths(points, 10, 1310);
  assert.equal(line.match(/M/g).length, 2);
  assert.ok(line.includes(" 0.0"), "a value above the maximum is at the top");
  assert.equal(sparklinePaths([[1000, 5]], 10, 1000).line, "");
  assert.deepEqual(
    buckets([
      [10, 1],
      [11, 3],
      [16, 5],
    ]),
    [
      [12.5, 2],
      [17.5, 5],
    ],
  );
});

test("Retries get rarer, up to 30 s, or as rare as the exporter asks for", () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 9].map((failures) => waitSeconds(failures)),
    [2, 4, 8, 16, 30, 30],
  );
  assert.equal(waitSeconds(1, 60), 60);
  assert.equal(waitSeconds(1, 99999), 300);
});

test("Each reason for the lack of values has words of its own", () => {
  const texts = [0, 401, 403, 404, 500, 503].map((status) => failureText(status, "12:00:00"));
  assert.equal(new Set(texts).size, 6);
  for (const text of texts) assert.match(text, /since 12:00:00/);
});

test("A reading that does not exist has no value; special numbers are texts in JSON", () => {
  const families = new Families({
    a: [
      [{ gpu: "0", x: "1" }, "+Inf"],
      [{ gpu: "1" }, "NaN"],
    ],
  });
  assert.equal(families.one("a", { gpu: "0", x: "1" }).value, Infinity);
  assert.ok(Number.isNaN(families.one("a", { gpu: "1" }).value));
  assert.equal(families.one("a", { gpu: "2" }).value, undefined);
  assert.deepEqual(families.one("b"), { metric: "b", labels: {}, value: undefined });
});
