// Serves the page, and a machine as data, for tests: the machine may be one that no rig is, values
// may change, and the server may refuse, hang or stop.
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { promisify } from "node:util";

const run = promisify(execFile);

export function rigFlags(rig) {
  return [`--path.procfs=${rig}/proc`, `--path.sysfs=${rig}/sys`, `--path.rootfs=${rig}`];
}

// A sample line: name{label="value",...} value. Values of labels may contain \\ \" and \n.
function parseSample(line) {
  const [, metric, rest, number] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
  const labels = {};
  for (const [, name, text] of (rest ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
    labels[name] = text.replace(/\\(.)/g, (_, escaped) => (escaped === "n" ? "\n" : escaped));
  }
  const value = Number(number);
  return [metric, [labels, Number.isFinite(value) ? value : number]];
}

export function parseExposition(text) {
  const families = {};
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const [metric, sample] = parseSample(line);
    (families[metric] ??= []).push(sample);
  }
  return families;
}

// The problems and notes of the doctor's report.
function parseFindings(report) {
  const findings = [];
  let level;
  for (const line of report.split("\n")) {
    if (/^\S/.test(line)) level = { PROBLEMS: "problem", NOTES: "note" }[line.trim()];
    if (!level) continue;
    const start = /^ {2}(\w[^:]*): (.*)$/.exec(line);
    const last = findings[findings.length - 1];
    if (start) findings.push({ level, subject: start[1], what: start[2], advice: "" });
    else if (/^ {4}What to do: /.test(line)) last.advice = line.trim().slice("What to do: ".length);
    else if (last?.advice && /^ {6}/.test(line)) last.advice += ` ${line.trim()}`;
    else if (last && /^ {4}/.test(line)) last.what += ` ${line.trim()}`;
  }
  return findings;
}

// What /api/v1/live has for a rig, without the time.
export async function readRig(exporter, rig) {
  const options = { maxBuffer: 64 << 20 };
  const [once, doctor] = await Promise.all([
    run(exporter, ["--once", ...rigFlags(rig)], options).catch((error) => error),
    run(exporter, ["doctor", ...rigFlags(rig)], options).catch((error) => error),
  ]);
  return {
    exporter: { version: "0.1.0", revision: "test", hostname: "rig", telemetry_path: "/metrics" },
    families: parseExposition(once.stdout),
    problems: [],
    findings: parseFindings(doctor.stdout),
  };
}

export class MockExporter {
  // `page` is {document, policy}; `machine(time)` returns the data at that Unix time.
  constructor(page, machine) {
    this.page = page;
    this.machine = machine;
    this.status = 200; // of the JSON interface
    this.requests = [];
    this.history = { series: [] };
    this.server = createServer((request, response) => this.#answer(request, response));
  }

  async start(port = 0) {
    await new Promise((resolve) => this.server.listen(port, "127.0.0.1", resolve));
    this.port = this.server.address().port;
    return `http://127.0.0.1:${this.port}/`;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #answer(request, response) {
    const { pathname } = new URL(request.url, "http://localhost");
    this.requests.push(request.url);
    const json = (value) => {
      response.writeHead(this.status, { "Content-Type": "application/json" });
      response.end(this.status === 200 ? JSON.stringify(value) : "");
    };
    const time = Date.now() / 1000;
    if (pathname === "/") {
      response.writeHead(200, {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": this.page.policy,
        "X-Content-Type-Options": "nosniff",
      });
      response.end(this.page.document);
    } else if (pathname === "/api/v1/live") {
      json({ time, findings_time: time, ...this.machine(time) });
    } else if (pathname === "/api/v1/history") {
      json({ time, ...this.history });
    } else {
      response.writeHead(404).end();
    }
  }
}
