import assert from "node:assert/strict";
import test from "node:test";
import { counted, durationText, formatText } from "../../../src/web/page/format.js";

const shown = (format, value) => formatText(format, value).replaceAll("\u00a0", " ");

test("Memory is in binary units, storage and rates are in decimal ones", () => {
  assert.equal(shown("memory", 17163091968), "16.0 GiB");
  assert.equal(shown("memory", 206141652992), "192 GiB");
  assert.equal(shown("memory", 13226868736), "12.3 GiB");
  assert.equal(shown("storage", 2000138797056), "2.0 TB");
  assert.equal(shown("rate", 1081344), "1.1 MB/s");
  assert.equal(shown("rate", 0), "0 B/s");
});

test("A value is never shown as 1024 or 1000 of a unit", () => {
  assert.equal(shown("memory", 1023), "1023 B");
  assert.equal(shown("memory", 1024 ** 3 - 1), "1.0 GiB");
  assert.equal(shown("storage", 999_999_999), "1.0 GB");
  assert.equal(shown("storage", 999_400_000), "999 MB");
});

test("What is absent or not a number is not reported, and zero is zero", () => {
  for (const value of [undefined, NaN, Infinity, -Infinity, "12", null]) {
    assert.equal(shown("celsius", value), "not reported");
  }
  assert.equal(shown("celsius", 0), "0 °C");
  assert.equal(shown("rpm", 0), "0 rpm");
});

test("Units of the field are used", () => {
  assert.equal(shown("percent", 0.9749), "97 %");
  assert.equal(shown("fine_percent", 0.1330645), "13.3 %");
  assert.equal(shown("hertz", 2310000000), "2310 MHz");
  assert.equal(shown("transfers", 2.5e9), "2.5 GT/s");
  assert.equal(shown("lanes", 16), "×16");
  assert.equal(shown("load", 6.119), "6.12");
  assert.equal(shown("watts", 202.6), "203 W");
});

test("A duration has two units at most, without empty ones", () => {
  const text = (seconds) => durationText(seconds).replaceAll("\u00a0", " ");
  assert.equal(text(0), "0 s");
  assert.equal(text(24), "24 s");
  assert.equal(text(750), "12 min 30 s");
  assert.equal(text(7500), "2 h 5 min");
  assert.equal(text(3600), "1 h");
  assert.equal(text(86400 * 571 + 3600 * 19 + 120), "571 d 19 h");
  assert.equal(text(-5), "0 s");
});

test("A noun is counted in singular and plural", () => {
  assert.equal(counted(1, "disk"), "1 disk");
  assert.equal(counted(0, "disk"), "0 disks");
});
