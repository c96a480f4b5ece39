// SPDX-License-Identifier: GPL-2.0-or-later
// A server of a test in node: the program that the environment variable LEDE_BINARY names, an empty data directory, a port
// of its own; stopped by its process.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const START_MS = 60000;

// Start a server and wait until it says where it listens. settings: as the environment has them. Returns {origin, stop()},
// which stops it and gives its exit code.
export async function startServer(settings = {}) {
  const data = mkdtempSync(join(tmpdir(), "lede-page-"));
  const child = spawn(process.env.LEDE_BINARY, ["serve", "--data", data, "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...settings },
  });
  let said = "";
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const origin = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the server did not start:\n${said}`)), START_MS);
    const listen = (bytes) => {
      said += bytes;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
      if (found) resolve(found[0]);
      if (found) clearTimeout(timer);
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`the server ended:\n${said}`)));
  });
  return {
    origin,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      const code = await ended;
      rmSync(data, { recursive: true, force: true });
      return code;
    },
  };
}
