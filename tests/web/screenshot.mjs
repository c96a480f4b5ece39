// SPDX-License-Identifier: GPL-2.0-or-later
// Take a picture of the search page of a running server.
//
// usage: node screenshot.mjs QUERY OUT.png [--url http://127.0.0.1:5333] [--width 1280] [--height 900] [--dark] [--full] [--keys j,Enter]
//
// QUERY is the words to search for, or a whole query string: '?q=harbour&section=world'.

import { parseArgs } from "node:util";
import { launchBrowser } from "./browser.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: "string", default: "http://127.0.0.1:5333" },
    width: { type: "string", default: "1280" },
    height: { type: "string", default: "900" },
    dark: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
    keys: { type: "string", default: "" },
  },
});
const [query, output] = positionals;
if (query === undefined || !output) {
  console.error(
    "usage: node screenshot.mjs QUERY OUT.png [--url URL] [--width N] [--height N] [--dark] [--full] [--keys j,Enter]",
  );
  process.exit(2);
}

const browser = await launchBrowser();
try {
  const page = await browser.newPage({
    viewport: { width: Number(values.width), height: Number(values.height) },
    colorScheme: values.dark ? "dark" : "light",
  });
  const address = new URL(query.startsWith("?") ? query : `?q=${encodeURIComponent(query)}`, values.url);
  await page.goto(address.href, { waitUntil: "networkidle" });
  for (const key of values.keys.split(",").filter(Boolean)) {
    await page.keyboard.press(key);
    await page.waitForTimeout(150);
  }
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: output, fullPage: values.full });
} finally {
  await browser.close();
}
