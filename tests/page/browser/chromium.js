// Starts Chromium for a test, and collects what must not happen in it.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const EXECUTABLE = "/usr/bin/chromium";

export const hasChromium = () => existsSync(EXECUTABLE);

export async function launch() {
  const profile = mkdtempSync(join(tmpdir(), "rig_page."));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { context, close };
}

export function readPage(file) {
  return {
    document: readFileSync(file, "utf8"),
    policy: readFileSync(`${file}.policy`, "utf8"),
  };
}

// Opens the page and waits for its first values. `faults` collects errors of the page and requests
// to anything but the exporter.
export async function openPage(
  context,
  address,
  { width = 1280, height = 900, dark = false } = {},
) {
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(address) && !request.url().startsWith("data:"))
      faults.push(`request to ${request.url()}`);
  });
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
  await page.goto(address);
  return { page, faults };
}

export function firstValues(page) {
  return page.waitForSelector("#values:not([hidden])", { timeout: 20_000 });
}
