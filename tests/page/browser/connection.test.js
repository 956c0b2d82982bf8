// The page while the exporter stops, fails, changes, or nobody looks.
// In the environment: RIG_EXPORTER, RIG_PAGE.
import assert from "node:assert/strict";
import test, { before } from "node:test";
import * as checks from "./checks.js";
import { headline, pause, readMachine, withPage } from "./mocked_page.js";

let busy;
before(async () => (busy = await readMachine("rx6800x2-raid0-busy")));

const lives = (server) => server.requests.filter((path) => path.startsWith("/api/v1/live")).length;

test("When the exporter stops, the page says since when, and recovers by itself", async () => {
  await withPage(
    () => busy,
    async (page, server, faults) => {
      await server.stop();
      await page.waitForFunction(() => document.body.dataset.state === "lost");
      assert.match(await headline(page), /^No contact with the exporter since \d\d:\d\d:\d\d\.$/);
      assert.match(await page.title(), /^No values/);
      assert.equal(await page.locator(".tile.gpu").count(), 2);
      await checks.checkAccessibility(page);
      faults.length = 0; // the browser reports requests that were refused
      await server.start(server.port);
      await page.waitForFunction(() => document.body.dataset.state === "ok", null, {
        timeout: 20_000,
      });
      assert.equal(await headline(page), "Everything is healthy");
      assert.ok(
        faults.every((fault) => fault.includes("ERR_CONNECTION_REFUSED")),
        faults.join(),
      );
    },
  );
});

test("It asks less and less often while the exporter answers with errors", async () => {
  await withPage(
    () => busy,
    async (page, server) => {
      server.status = 500;
      await page.waitForFunction(() => document.body.dataset.state === "lost");
      const earlier = lives(server);
      await pause(page, 9);
      assert.ok(lives(server) - earlier <= 2, "at 2 s and 6 s");
    },
  );
});

test("What the page does not understand is not shown as healthy", async () => {
  const machine = { ...busy };
  await withPage(
    () => machine,
    async (page) => {
      machine.families = { rig_gpu_up: 1 };
      await page.waitForFunction(() => document.body.dataset.state === "lost");
      assert.match(await headline(page), /^This page cannot show the values since/);
    },
  );
});

test("When the exporter is updated, the page is, too", async () => {
  const machine = JSON.parse(JSON.stringify(busy));
  await withPage(
    () => machine,
    async (page, server) => {
      machine.exporter.version = "0.2.0";
      await pause(page, 4);
      assert.equal(server.requests.filter((path) => path === "/").length, 2);
      assert.ok((await page.locator("#version").innerText()).includes("0.2.0"));
    },
  );
});

test("Without a password it says that one is needed, and shows no values", async () => {
  const options = { server: { status: 401 } };
  await withPage(
    () => busy,
    async (page) => {
      await page.waitForFunction(() => document.body.dataset.state === "lost");
      assert.match(await headline(page), /^Not signed in since .*user name and password/);
      assert.equal(await page.locator("#values").isVisible(), false);
    },
    options,
  );
});

test("It does not ask while the tab is hidden, and then fetches what it missed", async () => {
  await withPage(
    () => busy,
    async (page, server) => {
      const setHidden = (hidden) =>
        page.evaluate((value) => {
          Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
          document.dispatchEvent(new Event("visibilitychange"));
        }, hidden);
      await setHidden(true);
      await pause(page, 1);
      const asked = server.requests.length;
      await pause(page, 7);
      assert.equal(server.requests.length, asked);
      await setHidden(false);
      await pause(page, 1);
      const missed = server.requests.slice(asked);
      assert.equal(missed[0], "/api/v1/live");
      assert.match(missed[1], /^\/api\/v1\/history\?since=\d/);
    },
  );
});

test("When the clock of the exporter is set back, values go on", async () => {
  const machine = JSON.parse(JSON.stringify(busy));
  let step = 0;
  const set = (time) => ({ ...machine, time: time - step });
  await withPage(set, async (page, server) => {
    step = 3600;
    machine.families.rig_gpu_power_watts[0][1] = 77;
    await page.waitForFunction(() => document.querySelector(".gpu").innerText.includes("77"));
    assert.ok(server.requests.filter((path) => path.startsWith("/api/v1/history")).length >= 2);
    await pause(page, 3);
    assert.equal(await page.evaluate(() => document.body.dataset.state), "ok");
  });
});
