// Pictures of the page, to look at.
//
//   node screenshots.js EXPORTER DOCUMENT DIRECTORY [NAME...]  each machine, in all sizes and colors
//   node screenshots.js EXPORTER DOCUMENT --documentation      those in docs/images,
//                                                            to be made smaller with pngquant
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { firstValues, launch, openPage, readPage } from "./browser/chromium.js";
import * as more from "./browser/machines.js";
import { MockExporter, readRig } from "./browser/mock_exporter.js";

const [exporter, documentFile, directory, ...names] = process.argv.slice(2);
const root = new URL("../../", import.meta.url).pathname;
const read = (name) => readRig(exporter, join(root, "tests/rigs", name));

async function node() {
  const gpus = more.withGpus(await read("mi300x"), 8);
  const arrays = more.withArrays(gpus, await read("raid-zoo"), "md_raid6", 32);
  return more.withCpus(arrays, 256);
}

const machines = {
  busy: async () => more.withEverything(await read("rx6800x2-raid0-busy")),
  idle: () => read("rx6800x2-raid0"),
  suspended: () => read("rx6800x2-one-suspended"),
  phantom: () => read("rx6800x2-phantom-busy"),
  dead: async () => more.withEverything(await read("rx6800x2-raid0-dead")),
  rebuilding: () => read("md-5.10-raid1-rebuilding"),
  zoo: () => read("raid-zoo"),
  empty: () => read("no-gpu-no-raid"),
  node: async () => more.withEverything(await node()),
};
const sizes = [
  [360, 740],
  [1280, 900],
  [3840, 2160],
];
const documentation = [
  { name: "busy", file: "live-page", width: 1280, height: 1180, scale: 1 },
  { name: "dead", file: "live-page-dead-array", width: 360, height: 740, scale: 2, dark: true },
  { name: "node", file: "live-page-node", width: 3840, height: 2160, scale: 1, dark: true },
];

async function picture(context, address, path, options) {
  const { page, faults } = await openPage(context, address, options);
  if (options.scale) {
    const session = await context.newCDPSession(page);
    const { width, height, scale: deviceScaleFactor } = options;
    const metrics = { width, height, deviceScaleFactor, mobile: false };
    await session.send("Emulation.setDeviceMetricsOverride", metrics);
  }
  await firstValues(page);
  await page.waitForTimeout(4500);
  await page.screenshot({ path, fullPage: !options.scale, scale: "device" });
  for (const fault of faults) console.log(`${path}: ${fault}`);
  await page.close();
}

async function serve(name, body) {
  const machine = await machines[name]();
  const start = Date.now() / 1000;
  const server = new MockExporter(readPage(documentFile), more.varied(machine, start - 600));
  server.history = more.historyOf(server.machine, start);
  await body(await server.start());
  await server.stop();
}

const { context, close } = await launch();
if (directory === "--documentation") {
  for (const { name, file, ...options } of documentation) {
    const path = join(root, "docs/images", `${file}.png`);
    await serve(name, (address) => picture(context, address, path, options));
  }
} else {
  mkdirSync(directory, { recursive: true });
  for (const name of names.length > 0 ? names : Object.keys(machines)) {
    await serve(name, async (address) => {
      for (const [width, height] of sizes) {
        for (const dark of [false, true]) {
          const path = join(directory, `${name}-${width}-${dark ? "dark" : "light"}.png`);
          await picture(context, address, path, { width, height, dark });
        }
      }
    });
  }
}
await close();
