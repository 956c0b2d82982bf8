// The page when values change, and on machines that no rig is.
// In the environment: RIG_EXPORTER, RIG_PAGE.
import assert from "node:assert/strict";
import test, { before } from "node:test";
import * as checks from "./checks.js";
import { firstValues } from "./chromium.js";
import { historyOf, varied, withArrays, withCpus, withGpus } from "./machines.js";
import { MockExporter } from "./mock_exporter.js";
import { files, headline, openMocked, pause, readMachine, withPage } from "./mocked_page.js";

let busy;
before(async () => (busy = await readMachine("rx6800x2-raid0-busy")));

test("Values that change move nothing, and their nodes stay", async () => {
  const start = Date.now() / 1000;
  const server = new MockExporter(files, varied(busy, start - 600));
  server.history = historyOf(server.machine, start);
  const address = await server.start();
  const { page, faults } = await openMocked("about:blank");
  faults.length = 0;
  await checks.startCountingShifts(page);
  await page.setViewportSize({ width: 1280, height: 2000 });
  await page.goto(address);
  await firstValues(page);
  await page.evaluate(() => {
    window.nodes = [...document.querySelectorAll("main *")];
  });
  const charts = await page
    .locator(".gauge .line, .gpu .fact .line")
    .evaluateAll((lines) => lines.map((line) => line.getAttribute("d").split("L").length));
  assert.ok(Math.min(...charts) > 60, `ten minutes at first view: ${charts}`);
  await pause(page, 9);
  assert.ok(await page.evaluate(() => window.nodes.every((node) => node.isConnected)));
  await checks.checkShifts(page);
  await page.close();
  await server.stop();
});

test("GPUs that hang, are gone, sleep or report a stuck value say so", async () => {
  const machine = withGpus(busy, 4);
  const { families } = machine;
  const [hung, gone, asleep, stuck] = families.rig_gpu_up.map(([labels]) => labels.pci_address);
  const of = (metric, address) =>
    families[metric].filter(([labels]) => labels.pci_address === address);
  for (const address of [hung, gone, asleep]) {
    for (const metric of Object.keys(families)) {
      const keeps = metric === "rig_gpu_up" || (metric === "rig_gpu_info" && address !== gone);
      if (keeps) continue;
      families[metric] = families[metric].filter(([{ pci_address }]) => pci_address !== address);
    }
  }
  for (const address of [hung, gone]) of("rig_gpu_up", address)[0][1] = 0;
  families.rig_gpu_sample_age_seconds.push([{ gpu: "0", pci_address: hung }, 93]);
  const sleeping = { gpu: "2", pci_address: asleep, state: "suspended" };
  families.rig_gpu_runtime_state.push([sleeping, 1]);
  of("rig_gpu_busy_suspect", stuck)[0][1] = 1;
  await withPage(
    () => machine,
    async (page) => {
      const tiles = await page.locator(".tile.gpu").allInnerTexts();
      const expected = ["Not responding", "Gone", "Asleep", "stuck, not believed"];
      expected.forEach((words, index) => assert.ok(tiles[index].includes(words), tiles[index]));
      assert.match(tiles[1], /has disappeared/);
      assert.match(await headline(page), /^2 problems$/);
      await checks.checkAccessibility(page);
      await checks.checkNoSidewaysScrolling(page, 360);
    },
  );
});

// A machine with one GPU whose values are all different.
function distinctGpu() {
  const gpu = { gpu: "0", pci_address: "0000:03:00.0" };
  const of = (labels, value) => [[{ ...gpu, ...labels }, value]];
  return {
    rig_gpu_up: of({}, 1),
    rig_gpu_info: of({ name: "RX 6800", card: "card0" }, 1),
    rig_gpu_temperature_celsius: [
      ...of({ sensor: "junction" }, 84),
      ...of({ sensor: "edge" }, 61),
      ...of({ sensor: "vr_gfx" }, 62),
    ],
    rig_gpu_temperature_limit_celsius: [
      ...of({ sensor: "junction", limit: "emergency" }, 115),
      ...of({ sensor: "junction", limit: "critical" }, 110),
    ],
    rig_gpu_power_watts: of({}, 198),
    rig_gpu_power_cap_watts: of({}, 203),
    rig_gpu_memory_used_bytes: [...of({ kind: "gtt" }, 1e8), ...of({ kind: "vram" }, 3 * 2 ** 30)],
    rig_gpu_memory_size_bytes: [...of({ kind: "gtt" }, 1e9), ...of({ kind: "vram" }, 2 ** 34)],
    rig_gpu_busy_ratio: [...of({ engine: "memory" }, 0.5), ...of({ engine: "gfx" }, 0.97)],
    rig_gpu_clock_hertz: [...of({ clock: "mclk" }, 9e8), ...of({ clock: "sclk" }, 2.31e9)],
    rig_gpu_clock_max_hertz: [...of({ clock: "mclk" }, 1e9), ...of({ clock: "sclk" }, 2.475e9)],
    rig_gpu_fan_rpm: of({}, 1800),
    rig_gpu_fan_ratio: of({}, 0.45),
    rig_gpu_pcie_link_lanes: of({}, 4),
    rig_gpu_pcie_link_max_lanes: of({}, 16),
    rig_gpu_pcie_link_transfers_per_second: of({}, 5e9),
    rig_gpu_pcie_link_max_transfers_per_second: of({}, 16e9),
    rig_gpu_throttled: [...of({ reason: "power" }, 1), ...of({ reason: "current" }, 0)],
  };
}

test("Each value stands beside its own name", async () => {
  const machine = { ...busy, families: distinctGpu() };
  await withPage(
    () => machine,
    async (page) => {
      const tile = await page.locator(".tile.gpu").innerText();
      const words = tile.replaceAll(/[\s\u00a0]+/g, " ");
      for (const expected of [
        "RX 6800 · 0000:03:00.0",
        "Temperature 84 °C hotspot of 110 °C",
        "Power 198 W of 203 W",
        "Busy 97 %",
        "VRAM 3.0 GiB of 16.0 GiB",
        "Core clock 2310 of 2475 MHz",
        "Memory clock 900 of 1000 MHz",
        "Fan 1800 rpm at 45 %",
        "Memory busy 50 %",
        "Host RAM 95.4 MiB of 954 MiB",
        "Throttled by power limit",
        "PCIe link 5 GT/s ×4 of 16 GT/s ×16",
        "Sensors edge 61 °Cvr gfx 62 °C", // the comma is in the style,
        "Processes not reported",
      ]) {
        assert.ok(words.includes(expected), `${expected}: ${words}`);
      }
    },
  );
});

test("Text of devices is never markup", async () => {
  const evil = '"><img src=x onerror=alert(1)><script>alert(2)</script>';
  const machine = JSON.parse(JSON.stringify(busy));
  const { families } = machine;
  families.rig_gpu_info[0][0].name = evil;
  const labels = { gpu: "0", pci_address: "0000:03:00.0", pid: "7", command: evil };
  families.rig_gpu_process_memory_bytes = [[{ ...labels, unit: "", container: evil }, 1 << 30]];
  families.rig_raid_member_info[0][0].model = evil;
  families.rig_filesystem_readonly.push([{ device: evil, mountpoint: evil, fstype: evil }, 0]);
  machine.problems = [{ collector: "gpu", text: evil }];
  machine.findings = [{ level: "problem", subject: evil, what: evil, advice: evil }];
  machine.exporter = { ...machine.exporter, hostname: evil, telemetry_path: "//other/javascript:" };
  await withPage(
    () => machine,
    async (page, server, faults) => {
      assert.equal(await page.locator("img, main script, header script").count(), 0);
      assert.ok((await page.locator(".tile.gpu").first().innerText()).includes(evil));
      assert.ok((await headline(page)).includes(evil));
      assert.equal(await page.locator("#metrics").getAttribute("href"), "metrics");
      await checks.checkNoSidewaysScrolling(page, 360);
      assert.deepEqual(faults, []);
    },
  );
});

test("A node with 8 GPUs, 32 arrays and 256 CPUs fits and costs little", async () => {
  const gpus = withGpus(await readMachine("mi300x"), 8);
  const machine = withCpus(withArrays(gpus, await readMachine("raid-zoo"), "md_raid6", 32), 256);
  const size = { width: 3840, height: 2160 };
  await withPage(
    varied(machine, Date.now() / 1000),
    async (page, server, faults) => {
      assert.equal(await page.locator(".tile.gpu").count(), 8);
      assert.equal(await page.locator(".tile.array").count(), 32);
      assert.equal(await page.locator(".core").count(), 256);
      const rows = await page
        .locator(".tile.gpu")
        .evaluateAll(
          (tiles) => new Set(tiles.map((tile) => tile.getBoundingClientRect().top)).size,
        );
      assert.equal(rows, 1);
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      assert.ok(height <= 2160, `the whole node is visible at once: ${height}`);
      await checks.checkAccessibility(page);
      for (const width of [360, 1280]) await checks.checkNoSidewaysScrolling(page, width);
      const session = await page.context().newCDPSession(page);
      await session.send("Performance.enable");
      const busySeconds = async () => {
        const { metrics } = await session.send("Performance.getMetrics");
        return metrics.find(({ name }) => name === "TaskDuration").value;
      };
      const earlier = await busySeconds();
      await pause(page, 6);
      const share = ((await busySeconds()) - earlier) / 6;
      assert.ok(share < 0.25, `${Math.round(share * 100)} % of a CPU`);
      assert.deepEqual(faults, []);
    },
    size,
  );
});

test("Everything can be reached without a mouse, and the focus is visible", async () => {
  const dead = await readMachine("raid-zoo");
  await withPage(
    () => dead,
    async (page) => {
      await page.keyboard.press("Tab");
      const focused = () =>
        page.evaluate(() => {
          const node = document.activeElement;
          const { outlineStyle } = getComputedStyle(node);
          const { top, height } = node.getBoundingClientRect();
          return { text: node.textContent.trim(), outlineStyle, top, height };
        });
      const skip = await focused();
      assert.equal(skip.text, "Skip to the values");
      assert.ok(skip.top >= 0 && skip.outlineStyle !== "none");
      await page.keyboard.press("Tab");
      assert.match((await focused()).text, /\d+ more/);
      assert.notEqual((await focused()).outlineStyle, "none");
      await page.keyboard.press("Enter");
      assert.ok(await page.locator("#more-findings").isVisible());
      await page.keyboard.press("Tab");
      assert.equal((await focused()).text, "Metrics");
      await page.keyboard.press("Tab");
      assert.equal((await focused()).text, "Values as JSON");
      await page.locator(".skip").focus();
      await page.keyboard.press("Enter");
      assert.equal(await page.evaluate(() => document.activeElement.id), "values");
    },
  );
});

test("Nothing moves for people who want less motion", async () => {
  await withPage(
    () => busy,
    async (page) => {
      await page.emulateMedia({ reducedMotion: "reduce" });
      const bar = page.locator(".bar").first();
      assert.equal(await bar.evaluate((node) => getComputedStyle(node).transitionDuration), "0s");
    },
  );
});
