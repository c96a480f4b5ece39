// SPDX-License-Identifier: GPL-2.0-or-later
// Where the browser is and how it is started, for the tests and for the screenshot tool.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

// The browser's path: from the environment variable CHROMIUM, or found on PATH. Null where there is none.
export function browserPath() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of NAMES) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // not here: the next one
      }
    }
  }
  return null;
}

// Whether `npm ci` was run in this folder.
export async function hasDriver() {
  return import("playwright-core").then(
    () => true,
    () => false,
  );
}

export async function launchBrowser() {
  const { chromium } = await import("playwright-core");
  const executablePath = browserPath();
  if (!executablePath) throw new Error("no Chromium on PATH, and CHROMIUM is not set");
  // Chromium's own sandbox refuses to run as root.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args });
}
