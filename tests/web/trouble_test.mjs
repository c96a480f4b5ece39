// SPDX-License-Identifier: GPL-2.0-or-later
// What the page says when something is wrong, and what it refuses to do.

import assert from "node:assert/strict";
import { api, begin, openPage, searchFor, settled, shownIds, startServer } from "./fixture.mjs";
import { runTests, test } from "./tap.mjs";

const { server, origin, withPage, end } = await begin();
const REFUSED = /status of (4\d\d|5\d\d)/; // the browser's own note of an answer that the test wants
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const notice = (page) => page.textContent("#problem");

test("every file of the page comes with the strict Content-Security-Policy and its media type", async () => {
  const types = {
    "/": "text/html",
    "/assets/page.js": "text/javascript",
    "/assets/page.css": "text/css",
    "/assets/icon.svg": "image/svg+xml",
  };
  for (const [path, type] of Object.entries(types)) {
    const response = await fetch(origin + path);
    assert.equal(response.status, 200, path);
    assert.equal(response.headers.get("content-security-policy"), CONTENT_SECURITY_POLICY, path);
    assert.ok(response.headers.get("content-type").startsWith(type), path);
  }
});

test("the page holds no inline script or style", async () => {
  const html = await (await fetch(`${origin}/`)).text();
  assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son[a-z]+=/i);
});

test("a whole visit breaks no rule of the policy and causes no error", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    await searchFor(page, "quillfeather");
    await page.click(".bar >> nth=2");
    await settled(page);
    await page.click("#hits .title");
    await page.waitForSelector("#reading-title");
  }));

test("a query that can't be understood is explained, and its words alone are searched for", () =>
  withPage({ allow: REFUSED }, async (page) => {
    await openPage(page, origin);
    await searchFor(page, 'quillfeather ("report published:soon');
    const text = await notice(page);
    assert.match(text, /words alone/);
    assert.match(text, /quillfeather report/);
    assert.equal(await page.textContent("#status"), "1–10 of 23");
    assert.equal(await page.inputValue("#q"), 'quillfeather ("report published:soon');
    assert.equal(await page.locator("#problem .at").count(), 1);
  }));

test("the caret stands at the error after letters of several bytes", () =>
  withPage({ allow: REFUSED }, async (page) => {
    await openPage(page, origin, `?q=${encodeURIComponent("é港湾 quillfeather published:soon")}`);
    const { position } = await api(origin, `/search?q=${encodeURIComponent("é港湾 quillfeather published:soon")}`);
    const before = await page.$eval("#problem .at", (at) => at.previousSibling.textContent);
    assert.equal(new TextEncoder().encode(before).length, position);
  }));

test("after a query that was not understood a good one shows no notice", () =>
  withPage({ allow: REFUSED }, async (page) => {
    await openPage(page, origin, `?q=${encodeURIComponent("published:soon quillfeather")}`);
    await searchFor(page, "quillfeather");
    assert.equal(await notice(page), "");
  }));

test("a filter's bad value is named, and can be left out", () =>
  withPage({ allow: REFUSED }, async (page) => {
    await openPage(page, origin, "?q=quillfeather&after=yesterdayish");
    assert.match(await notice(page), /after/);
    await page.click('#problem a:has-text("Search without it")');
    await settled(page);
    assert.equal(await page.textContent("#status"), "1–10 of 23");
  }));

const busy = {
  status: 503,
  headers: { "Retry-After": "1" },
  contentType: "application/problem+json",
  json: { type: "/problems/busy", title: "The server is busy", status: 503, detail: "the queue is full" },
};

test("a busy server is asked again after the time it names, and the old results stay", () =>
  withPage({ allow: REFUSED }, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    let answers = 0;
    await page.route("**/?q=plimsole*", (route) => {
      answers += 1;
      return answers > 1 ? route.continue() : route.fulfill(busy);
    });
    await searchFor(page, "plimsole");
    assert.match(await notice(page), /The server is busy.*the queue is full.*Trying again in a second/s);
    assert.equal((await shownIds(page)).length, 10);
    await page.waitForFunction(() => document.querySelectorAll("#hits > .hit").length === 1);
    assert.equal(await notice(page), "");
  }));

test("an error without an explanation still shows its status", () =>
  withPage({ allow: REFUSED }, async (page) => {
    await openPage(page, origin);
    await page.route("**/?q=quillfeather", (route) => route.fulfill({ status: 502, contentType: "text/plain", body: "Bad gateway" }));
    await searchFor(page, "quillfeather");
    assert.match(await notice(page), /502/);
  }));

test("a search that takes long says so and can be stopped; what was there stays", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    await page.route("**/?q=plimsole*", () => {}); // never answered
    await page.fill("#q", "plimsole");
    await page.press("#q", "Enter");
    await page.click(".waiting-stop");
    await settled(page);
    assert.equal(await page.locator("#waiting").count(), 0);
    assert.equal((await shownIds(page)).length, 10);
    await searchFor(page, "murkledown");
    assert.equal((await shownIds(page)).length, 1);
  }));

test("a server that never answers is given up after a bounded time, and can be tried again", () =>
  withPage({}, async (page) => {
    await page.clock.install();
    await openPage(page, origin, "?q=quillfeather");
    await page.route("**/?q=plimsole*", () => {});
    await page.fill("#q", "plimsole");
    await page.press("#q", "Enter");
    await page.waitForSelector("html[data-busy]");
    await page.clock.fastForward(30000);
    await settled(page);
    assert.match(await notice(page), /The server does not answer/);
    assert.equal((await shownIds(page)).length, 10);
    await page.unroute("**/?q=plimsole*");
    await page.click("#problem button");
    await page.waitForFunction(() => document.querySelectorAll("#hits > .hit").length === 1);
    assert.equal(await notice(page), "");
  }));

test("an empty archive says how to fill it", async () => {
  const empty = await startServer();
  try {
    await withPage({}, async (page) => {
      await openPage(page, empty.origin);
      assert.match(await page.textContent("#empty"), /archive is empty/);
      assert.match(await page.textContent("#empty pre"), new RegExp(`curl .*${empty.origin}/documents`));
    });
  } finally {
    await empty.stop();
  }
});

test("a server that can't be reached is said so plainly, and can be tried again", () =>
  withPage({ allow: /ERR_|Failed to load/ }, async (page, context) => {
    await openPage(page, origin);
    await context.setOffline(true);
    await searchFor(page, "quillfeather");
    assert.match(await notice(page), /The server can’t be reached/);
    assert.equal((await shownIds(page)).length, 10); // the old ones
    await page.waitForFunction(() => Number(getComputedStyle(document.getElementById("hits")).opacity) < 1); // it fades
    await context.setOffline(false);
    await page.click("#problem button");
    await page.waitForSelector("#results:not([data-stale])");
    assert.equal((await shownIds(page)).length, 10);
    assert.equal(await notice(page), "");
  }));

test("a server that was stopped is said to be unreachable", () =>
  withPage({ allow: /ERR_|Failed to load/ }, async (page) => {
    await openPage(page, origin);
    await server.stop();
    await searchFor(page, "quillfeather");
    assert.match(await notice(page), /The server can’t be reached.*may have been stopped/s);
  }));

try {
  await runTests();
} finally {
  await end();
}
