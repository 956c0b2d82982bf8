// The real exporter, for tests of the page.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { rigFlags } from "./mock_exporter.js";

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

export class Exporter {
  constructor(program, rig) {
    this.program = program;
    this.rig = rig;
  }

  // Resolves to its address once it is ready.
  async start() {
    this.port ??= await freePort();
    const address = `http://127.0.0.1:${this.port}/`;
    const flags = [`--web.listen-address=127.0.0.1:${this.port}`, ...rigFlags(this.rig)];
    this.process = spawn(this.program, flags, { stdio: "ignore" });
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const ready = await fetch(`${address}-/ready`).catch(() => undefined);
      if (ready?.ok) return address;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await this.stop();
    throw new Error(`${this.program} is not ready after 10 s`);
  }

  async stop() {
    if (this.process.exitCode !== null) return;
    this.process.kill("SIGTERM");
    await once(this.process, "exit");
  }
}

// Whether the exporter serves the page and its values.
export async function servesPage(address) {
  const answers = await Promise.all(["", "api/v1/live"].map((path) => fetch(address + path)));
  const [page, live] = answers;
  return page.headers.has("Content-Security-Policy") && live.ok;
}

// The findings are determined once somebody asks for them.
export async function waitForFindings(address) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const live = await (await fetch(`${address}api/v1/live`)).json();
    if (live.findings_time !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("no findings after 20 s");
}
