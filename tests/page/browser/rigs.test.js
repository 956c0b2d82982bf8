// The page on recorded machines. Arguments in the environment: RIG_EXPORTER, RIG_PAGE.
import assert from "node:assert/strict";
import { join } from "node:path";
import test, { after, before } from "node:test";
import * as checks from "./checks.js";
import { firstValues, launch, openPage, readPage } from "./chromium.js";
import { Exporter, servesPage, waitForFindings } from "./exporter.js";
import { MockExporter, parseExposition, readRig } from "./mock_exporter.js";

const RIGS = new URL("../../rigs/", import.meta.url).pathname;
const program = process.env.RIG_EXPORTER;

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const text = (page, selector) =>
  page
    .locator(selector)
    .first()
    .innerText()
    .then((found) => found.replaceAll("\u00a0", " "));

// What is special about each machine.
const MACHINES = {
  "rx6800x2-raid0": async (page) => {
    assert.equal(await page.locator(".tile.gpu").count(), 2);
    assert.equal(await text(page, "#headline"), "Everything is healthy");
    assert.match(await page.title(), /^OK/);
    assert.match(await text(page, ".tile.array"), /md0\s+Working\s+RAID 0 · 2\.0 TB/);
  },
  "rx6800x2-raid0-busy": async (page) => {
    const tile = await text(page, ".tile.gpu");
    assert.match(tile, /Temperature\s+84 °C\s+hotspot\s+of 110 °C/);
    assert.match(tile, /Busy\s+97 %/);
    assert.match(tile, /PCIe link\s+8 GT\/s ×8 of 8 GT\/s ×8/);
  },
  "rx6800x2-one-suspended": async (page) => {
    assert.match(await text(page, ".tile.gpu >> nth=1"), /Asleep/);
    assert.equal(await text(page, "#headline"), "Everything is healthy");
  },
  "rx6800x2-raid0-dead": async (page) => {
    assert.match(await text(page, "#headline"), /md0 .*does not serve reads and writes/);
    assert.match(await text(page, "#findings"), /What to do:.*mdadm --detail \/dev\/md0/);
    assert.match(await page.title(), /^1 problem/);
    assert.match(await page.locator("#icon").getAttribute("href"), /d5352f/);
    assert.match(await text(page, ".tile.array"), /Dead/);
    assert.match(await text(page, ".tile.array"), /sdb\s+not reported\s+removed/);
    assert.equal(await page.evaluate(() => document.querySelector("main > *").id), "storage");
  },
  "md-5.10-raid1-rebuilding": async (page) => {
    assert.match(await text(page, ".tile.array"), /Rebuilding\s+1\.1 MB\/s\s+24 s left\s+13\.3 %/);
    assert.equal(await text(page, "#no-gpus"), "No AMD GPU is present.");
  },
  mi300x: async (page) => {
    assert.equal(await page.locator(".tile.gpu").count(), 2);
    assert.match(await text(page, ".tile.gpu"), /Fan\s+not reported/);
  },
  "raid-zoo": async (page) => {
    assert.equal(await page.locator(".tile.array").count(), 38);
    const words = await page.locator(".array .badge").allInnerTexts();
    assert.deepEqual(words.slice(0, 7).sort(), [...Array(6).fill("Dead"), "Not started"]);
    for (const word of ["Degraded", "Checking", "Repairing", "Reshaping", "Read-only"]) {
      assert.ok(words.includes(word), word);
    }
  },
  "no-gpu-no-raid": async (page) => {
    assert.equal(await text(page, "#no-gpus"), "No AMD GPU is present.");
    assert.equal(await text(page, "#no-arrays"), "There is no md array.");
    assert.equal(await page.locator(".tile.gpu, .tile.array").count(), 0);
  },
};

async function check(server, metrics, special) {
  const address = await server.start();
  await waitForFindings(address);
  const { page, faults } = await openPage(browser.context, address);
  try {
    await firstValues(page);
    checks.checkValues(await checks.shownValues(page), await metrics(address));
    await special(page);
    await checks.checkAccessibility(page);
    await page.emulateMedia({ colorScheme: "dark" });
    await checks.checkAccessibility(page);
    for (const width of [360, 1280, 3840]) await checks.checkNoSidewaysScrolling(page, width);
    assert.deepEqual(faults, []);
  } finally {
    await page.close();
    await server.stop();
  }
}

test("The page notices that the exporter stops and that it is back", async (t) => {
  const exporter = new Exporter(program, join(RIGS, "rx6800x2-raid0"));
  const address = await exporter.start();
  if (!(await servesPage(address))) {
    await exporter.stop();
    t.skip("the exporter does not serve the page");
    return;
  }
  const { page } = await openPage(browser.context, address);
  const state = (wanted) =>
    page.waitForFunction((name) => document.body.dataset.state === name, wanted);
  await firstValues(page);
  await exporter.stop();
  await state("lost");
  assert.match(await text(page, "#headline"), /^No contact with the exporter since/);
  await exporter.start();
  await state("ok");
  await page.close();
  await exporter.stop();
});

for (const [name, special] of Object.entries(MACHINES)) {
  test(`The page of ${name} shows what /metrics has, and is accessible`, async (t) => {
    const real = new Exporter(program, join(RIGS, name));
    const isServed = await servesPage(await real.start());
    await real.stop();
    if (isServed) {
      const metrics = async (address) =>
        parseExposition(await (await fetch(`${address}metrics`)).text());
      await check(real, metrics, special);
    } else {
      t.diagnostic("the exporter does not serve the page; its data is served by a mock");
      const machine = await readRig(program, join(RIGS, name));
      const mock = new MockExporter(readPage(process.env.RIG_PAGE), () => machine);
      await check(mock, async () => machine.families, special);
    }
  });
}
