// Opens the page with the data of a mock.
import { join } from "node:path";
import { after, before } from "node:test";
import { firstValues, launch, openPage, readPage } from "./chromium.js";
import { MockExporter, readRig } from "./mock_exporter.js";

const RIGS = new URL("../../rigs/", import.meta.url).pathname;

export const files = readPage(process.env.RIG_PAGE);
export const readMachine = (name) => readRig(process.env.RIG_EXPORTER, join(RIGS, name));

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

export const openMocked = (address, options) => openPage(browser.context, address, options);

// Runs `body` with the page of a machine. options.server: properties of the mock.
export async function withPage(machine, body, options = {}) {
  const server = new MockExporter(files, machine);
  Object.assign(server, options.server);
  const address = await server.start();
  const { page, faults } = await openMocked(address, options);
  try {
    if (!options.server?.status) await firstValues(page);
    await body(page, server, faults);
  } finally {
    await page.close();
    await server.stop();
  }
}

export const headline = (page) => page.locator("#headline").innerText();
export const pause = (page, seconds) => page.waitForTimeout(seconds * 1000);
