// SPDX-License-Identifier: GPL-2.0-or-later
// A server that asks for a key: the page asks for it, keeps it in the tab, and sends it with everything.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { begin, openPage, searchFor, settled, shownIds } from "./fixture.mjs";
import { runTests, test } from "./tap.mjs";

const { origin, withPage, end } = await begin();
const REFUSED = { allow: /status of 40[134]/ };

async function makeKey(wanted, admin = "") {
  const headers = { "Content-Type": "application/json", ...(admin && { Authorization: `Bearer ${admin}` }) };
  const response = await fetch(`${origin}/keys`, { method: "POST", headers, body: JSON.stringify(wanted) });
  assert.equal(response.status, 201);
  return (await response.json()).key;
}

const admin = await makeKey({ rights: ["admin"] });
const reader = await makeKey({ rights: ["search", "read"] }, admin);
const searcher = await makeKey({ rights: ["search"] }, admin);

async function giveKey(page, key) {
  await page.fill("#key", key);
  await page.press("#key", "Enter");
  await settled(page);
}

async function openWith(page, key, query = "") {
  await openPage(page, origin, query);
  await giveKey(page, key);
}

test("a page without a key asks for one, and shows what was asked for once it has it", () =>
  withPage(REFUSED, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    assert.match(await page.textContent("#problem"), /asks for a key/);
    assert.deepEqual(await shownIds(page), []);
    await giveKey(page, "lede_00000000_0");
    assert.match(await page.textContent("#problem"), /not known here/);
    await giveKey(page, reader);
    assert.equal(await page.textContent("#problem"), "");
    assert.equal((await shownIds(page)).length, 10);
  }));

test("the key stays in its tab, and never stands in an address", () =>
  withPage(REFUSED, async (page, context) => {
    const addresses = [];
    context.on("request", (request) => addresses.push(request.url()));
    await openWith(page, reader, "?q=quillfeather");
    await page.reload();
    await settled(page);
    assert.equal((await shownIds(page)).length, 10);
    assert.ok(addresses.every((address) => !address.includes(reader)));
    const other = await context.newPage();
    await openPage(other, origin, "?q=quillfeather");
    assert.match(await other.textContent("#problem"), /asks for a key/);
  }));

test("suggestions and documents are asked for with it", () =>
  withPage(REFUSED, async (page) => {
    await openWith(page, reader);
    await page.fill("#q", "quillf");
    await page.waitForSelector("#suggestions [role=option]");
    await searchFor(page, "quillfeather");
    await page.click("#hits .title");
    await page.waitForSelector("#reading-title");
    assert.equal(await page.locator("#reading [role=alert]").count(), 0);
  }));

test("a document that is opened first asks for the key, too", () =>
  withPage(REFUSED, async (page) => {
    await openWith(page, reader, "?q=quillfeather");
    const [id] = await shownIds(page);
    await page.evaluate(() => sessionStorage.clear());
    await page.goto(`${origin}/?document=${encodeURIComponent(id)}`);
    await page.fill("#key", reader);
    await page.press("#key", "Enter");
    await page.waitForSelector("#reading-title");
  }));

test("a key that may not read says so where a document is opened", () =>
  withPage(REFUSED, async (page) => {
    await openWith(page, searcher, "?q=quillfeather");
    await page.click("#hits .title");
    assert.match(await page.textContent("#reading [role=alert]"), /not allowed.*'read'/);
  }));

test("files are saved with the key, and there are no links to feeds", () =>
  withPage(REFUSED, async (page) => {
    await openWith(page, reader, "?q=quillfeather");
    assert.equal(await page.locator("#exports a[href*='.atom'], #exports a[href*='.rss']").count(), 0);
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#exports a[href*='.csv']")]);
    assert.equal(download.suggestedFilename(), "search.csv");
    assert.match(readFileSync(await download.path(), "utf8"), /^"id","published","source"/);
  }));

test("a key can be forgotten", () =>
  withPage(REFUSED, async (page) => {
    await openWith(page, reader, "?q=quillfeather");
    await page.click("#forget");
    await page.waitForSelector("#key");
    await settled(page);
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
  }));

try {
  await runTests();
} finally {
  await end();
}
