// SPDX-License-Identifier: GPL-2.0-or-later
// A real server with real documents, and a browser that looks at its page.
//
// The program is named by the environment variable LEDE_BINARY. Each server gets an empty data directory and a port of
// its own, and is stopped by its process.

import { readFileSync } from "node:fs";
import { browserPath, hasDriver, launchBrowser } from "./browser.mjs";
import { ownDocuments } from "./documents.mjs";
import { startServer } from "./server.mjs";
import { skipAll } from "./tap.mjs";

export { startServer };

const NEWS = new URL("../data/news.ndjson", import.meta.url);
const PATIENCE_MS = 10000;

async function needServerAndBrowser() {
  if (!(await hasDriver())) skipAll("playwright-core is not installed: run 'npm ci' in tests/web");
  if (!process.env.LEDE_BINARY) skipAll("LEDE_BINARY does not name the program");
  if (!browserPath()) skipAll("no Chromium on PATH, and CHROMIUM is not set");
}

export async function index(origin, ndjson) {
  const headers = { "Content-Type": "application/x-ndjson" };
  const response = await fetch(`${origin}/documents`, { method: "POST", headers, body: ndjson });
  const answer = await response.json();
  if (!response.ok || answer.failed !== 0) throw new Error(`indexing failed: ${JSON.stringify(answer)}`);
}

// A server that holds the shipped sample news and the documents made for these tests.
async function startServerWithNews(settings) {
  const server = await startServer(settings);
  await index(server.origin, readFileSync(NEWS));
  await index(server.origin, ownDocuments.map((document) => JSON.stringify(document)).join("\n"));
  return server;
}

export async function api(origin, pathAndQuery) {
  const response = await fetch(origin + pathAndQuery);
  return response.json();
}

// Runs a body with a fresh page (no history, no cache) and fails if the page wrote to the console by itself.
// options: `viewport` and others of a browser context; `allow`, a pattern of console messages that belong to the test.
function pages(browser) {
  return async function withPage(options, body) {
    const { allow = null, ...rest } = options;
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: "en-GB",
      timezoneId: "Europe/Berlin",
      ...rest,
    });
    const complaints = [];
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("console", (message) => {
      if (!allow?.test(message.text())) complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => complaints.push(error.stack));
    try {
      await body(page, context);
    } finally {
      await context.close();
    }
    if (complaints.length > 0) throw new Error(`the page complained:\n${complaints.join("\n")}`);
  };
}

// Until the script has taken the page over and asks for nothing.
export async function settled(page) {
  await page.waitForSelector("html[data-ready]:not([data-busy])", { state: "attached" });
}

export async function openPage(page, origin, query = "") {
  await page.goto(`${origin}/${query}`);
  await settled(page);
}

export async function searchFor(page, words) {
  await page.fill("#q", words);
  await page.press("#q", "Enter");
  await page.waitForFunction(
    (expected) => (new URLSearchParams(location.search).get("q") ?? "") === expected,
    words,
  );
  await settled(page);
}

export function shownIds(page) {
  return page.$$eval("#hits > .hit", (hits) => hits.map((hit) => hit.dataset.id));
}

// How a file of tests begins: a server with the sample news, a browser, and both gone by end(). Ends the process where either is missing.
export async function begin(settings) {
  await needServerAndBrowser();
  const server = await startServerWithNews(settings);
  const browser = await launchBrowser();
  const end = async () => {
    await browser.close();
    await server.stop();
  };
  return { server, origin: server.origin, withPage: pages(browser), end };
}
