// SPDX-License-Identifier: GPL-2.0-or-later
// How long until the results of a search are painted, in Chromium: from the start of the navigation to the first paint
// with content. The hits are in the server's HTML, so what is painted first has them; `hits` counts those that were seen
// then. A new tab starts a process of the browser and has no cache; in a tab that is open there is both. What a page of a
// few words takes (/version) is the browser's own share. Server and browser are warm. Prints milliseconds, the least and
// the median, and the machine's load: figures, never a verdict.
//
// usage: node paint.mjs [--url http://127.0.0.1:5333] [--runs 15] [QUERY …]

import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { launchBrowser } from "../web/browser.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { url: { type: "string", default: "http://127.0.0.1:5333" }, runs: { type: "string", default: "15" } },
});
const QUERIES = positionals.length > 0 ? positionals : ["?q=oil", "?q=oil+price", ""];
const LINES = {
  "loopback": null,
  "150 ms, 1.6 Mbit/s": { offline: false, latency: 150, downloadThroughput: 200000, uploadThroughput: 93750 },
};

const paintOf = (page) =>
  page.evaluate(async () => {
    const first = () => performance.getEntriesByName("first-contentful-paint")[0];
    while (!first()) await new Promise((resolve) => setTimeout(resolve, 10));
    const [navigation] = performance.getEntriesByType("navigation");
    const seen = [...document.querySelectorAll("#hits > .hit")].filter((hit) => hit.getBoundingClientRect().top < innerHeight);
    return { html: navigation.responseEnd, paint: first().startTime, hits: seen.length };
  });

// In a new tab, and in the same one again.
async function paint(browser, address, line) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  if (line) {
    const client = await context.newCDPSession(page);
    await client.send("Network.enable");
    await client.send("Network.emulateNetworkConditions", line);
  }
  await page.goto(address);
  const fresh = await paintOf(page);
  await page.goto(address);
  const again = await paintOf(page);
  await context.close();
  return { html: fresh.html, fresh: fresh.paint, again: again.paint, hits: fresh.hits };
}

const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const told = (numbers) => `${Math.min(...numbers).toFixed(0).padStart(6)} ${median(numbers).toFixed(0).padStart(6)}`;

const browser = await launchBrowser();
try {
  console.log(`load ${loadavg().map((load) => load.toFixed(1)).join(" ")}; ms, least and median of ${values.runs} runs`);
  console.log(`${"".padEnd(46)}      html          new tab       same tab   hits`);
  for (const [name, line] of Object.entries(LINES)) {
    const runs = new Map(["version", ...QUERIES].map((query) => [query, []]));
    for (let i = 0; i <= Number(values.runs); i++)
      for (const [query, found] of runs) {
        const one = await paint(browser, new URL(query, values.url).href, line);
        if (i > 0) found.push(one);
      }
    for (const [query, found] of runs) {
      const of = (key) => told(found.map((one) => one[key]));
      console.log(`${name.padEnd(20)} ${(query || "(newest)").padEnd(25)} ${of("html")}  ${of("fresh")}  ${of("again")} ${String(found[0].hits).padStart(6)}`);
    }
  }
} finally {
  await browser.close();
}
