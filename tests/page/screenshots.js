// node screenshots.js EXPORTER DOCUMENT DIRECTORY [NAME...]: pictures of the page, to look at.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { firstValues, launch, openPage, readPage } from "./browser/chromium.js";
import { historyOf, varied, withArrays, withCpus, withGpus } from "./browser/machines.js";
import { MockExporter, readRig } from "./browser/mock_exporter.js";

const [exporter, documentFile, directory, ...names] = process.argv.slice(2);
const rigs = new URL("../rigs/", import.meta.url).pathname;
const read = (name) => readRig(exporter, join(rigs, name));

async function node() {
  const gpus = withGpus(await read("mi300x"), 8);
  const arrays = withArrays(gpus, await read("raid-zoo"), "md_raid6", 32);
  return withCpus(arrays, 256);
}

const machines = {
  busy: () => read("rx6800x2-raid0-busy"),
  idle: () => read("rx6800x2-raid0"),
  suspended: () => read("rx6800x2-one-suspended"),
  phantom: () => read("rx6800x2-phantom-busy"),
  dead: () => read("rx6800x2-raid0-dead"),
  rebuilding: () => read("md-5.10-raid1-rebuilding"),
  zoo: () => read("raid-zoo"),
  empty: () => read("no-gpu-no-raid"),
  node,
};
const sizes = [
  [360, 740],
  [1280, 900],
  [3840, 2160],
];

mkdirSync(directory, { recursive: true });
const { context, close } = await launch();
for (const name of names.length > 0 ? names : Object.keys(machines)) {
  const machine = await machines[name]();
  const start = Date.now() / 1000;
  const server = new MockExporter(readPage(documentFile), varied(machine, start - 600));
  server.history = historyOf(server.machine, start);
  const address = await server.start();
  for (const [width, height] of sizes) {
    for (const dark of [false, true]) {
      const { page, faults } = await openPage(context, address, { width, height, dark });
      await firstValues(page);
      await page.waitForTimeout(2500);
      const path = join(directory, `${name}-${width}-${dark ? "dark" : "light"}.png`);
      await page.screenshot({ path, fullPage: true });
      for (const fault of faults) console.log(`${path}: ${fault}`);
      await page.close();
    }
  }
  await server.stop();
}
await close();
