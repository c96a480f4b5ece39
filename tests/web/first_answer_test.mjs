// SPDX-License-Identifier: GPL-2.0-or-later
// The first answer is HTML that the server wrote: it works without scripts, and the script shows the same.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { begin, openPage, searchFor, settled, shownIds } from "./fixture.mjs";
import { NASTY_TITLE } from "./documents.mjs";
import { runTests, test } from "./tap.mjs";

const { origin, withPage, end } = await begin();
const WITHOUT_SCRIPTS = { javaScriptEnabled: false };
const REQUESTS_MAX = 6;
const BYTES_MAX = 60 * 1024;

const html = async (path) => (await fetch(origin + path)).text();

test("the address of a search answers with its hits, marks, filters and pages", async () => {
  const answer = await fetch(`${origin}/?q=quillfeather`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /^text\/html/);
  const page = await answer.text();
  assert.equal(page.match(/<li class="hit"/g).length, 10);
  assert.match(page, /<mark>Quillfeather<\/mark> report number/);
  assert.match(page, /href="\?q=quillfeather&amp;source=Test\+Beta"/);
  assert.match(page, /href="\?q=quillfeather&amp;offset=10" rel="next"/);
  assert.match(page, /1–10 of <strong>23<\/strong>/);
  assert.match(page, /<link rel="alternate" href="search.atom\?q=quillfeather" type="application\/atom\+xml"/);
});

test("the address of a document answers with its text and its marks", async () => {
  const page = await html("/?q=quillfeather&document=page-3");
  assert.match(page, /<h1 id="reading-title"[^>]*><mark id="mark-1">Quillfeather<\/mark> report number 3<\/h1>/);
  assert.match(page, /The <mark id="mark-2">quillfeather<\/mark> was seen again/);
  assert.match(page, /<p dir="auto" lang="en">A second paragraph/);
});

test("a document that is not there, a bad filter and a good page have their own statuses", async () => {
  assert.equal((await fetch(`${origin}/?document=nowhere`)).status, 404);
  assert.equal((await fetch(`${origin}/?after=yesterdayish`)).status, 400);
  assert.equal((await fetch(`${origin}/?q=published:soon+ferry`)).status, 200);
});

test("a page that is known is not sent again", async () => {
  const first = await fetch(`${origin}/?q=quillfeather`);
  const headers = { "If-None-Match": first.headers.get("etag") };
  assert.equal((await fetch(`${origin}/?q=quillfeather`, { headers })).status, 304);
  assert.equal((await fetch(`${origin}/?q=plimsole`, { headers })).status, 200);
});

test("without scripts one searches, narrows, orders, turns pages and reads", () =>
  withPage(WITHOUT_SCRIPTS, async (page) => {
    await page.goto(origin);
    await page.fill("#q", "quillfeather");
    await page.click(".search-button");
    assert.equal(await page.textContent("#status"), "1–10 of 23");
    await page.click('[data-key="source:Test Beta"]');
    assert.equal(await page.textContent("#status"), "1–8 of 8");
    await page.fill("#q", "quillfeather northern");
    await page.click(".search-button");
    assert.equal(await page.textContent("#status"), "1–8 of 8");
    await page.click("#chips .chip");
    await page.click('[data-key="sort:Oldest"]');
    await page.click("#pager [rel=next]");
    assert.equal(await page.textContent("#status"), "11–20 of 23");
    const [id] = await shownIds(page);
    await page.click("#hits .title");
    assert.equal(new URL(page.url()).searchParams.get("document"), id);
    assert.match(await page.textContent("#reading-title"), /Quillfeather report/);
    await page.click("#reading .way [rel=next]");
    assert.notEqual(new URL(page.url()).searchParams.get("document"), id);
    await page.click("#reading .back");
    assert.equal(await page.textContent("#status"), "11–20 of 23");
  }));

test("without scripts dates narrow, help helps, lists look as wished", () =>
  withPage(WITHOUT_SCRIPTS, async (page) => {
    await page.goto(`${origin}/?q=quillfeather`);
    await page.fill("#after", "2001-02-01");
    await page.fill("#before", "2001-02-28");
    await page.click("#dates button");
    assert.match(await page.textContent("#chips"), /From 2001-02-01 to 2001-02-28/);
    await page.click(".help-button");
    assert.ok((await page.locator(".help-list a").count()) >= 10);
    await page.goto(`${origin}/?q=quillfeather`);
    await page.click("#view-menu summary");
    await page.click('[data-key="list:Table"]');
    assert.equal(await page.getAttribute("html", "data-density"), "table");
    await page.goto(`${origin}/?q=quillfeather`);
    assert.equal(await page.getAttribute("html", "data-density"), "table");
  }));

const hasTextBrowser = spawnSync("w3m", ["-version"]).status === 0;
const readAsText = async (path) =>
  spawnSync("w3m", ["-dump", "-cols", "100", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8"], { input: await html(path), encoding: "utf8" }).stdout;

test(`a text browser reads results and a document${hasTextBrowser ? "" : " # SKIP there is no w3m"}`, async () => {
  if (!hasTextBrowser) return;
  const results = await readAsText("/?q=quillfeather");
  assert.match(results, /1–10 of 23/);
  assert.match(results, /Quillfeather report number \d+\s+Test Alpha (nature|coast) \d+ \w+ 2001, 10:30 UTC\s+The quillfeather was seen again/);
  assert.match(results, /Next →/);
  const compared = await readAsText("/?document=page-copy-2&against=page-copy-0");
  assert.match(compared, /2 other versions of this story, first run by Test Alpha, 6 Jan 2001/);
  assert.match(compared, /\[only\s+there:\s+one\]\S*\[only\s+here:\s+three\]/);
  assert.ok(compared.indexOf("says Test") < compared.indexOf("Latest news"), "the document comes before the list");
});

test("what the script shows is what the server wrote", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    await searchFor(page, "quillfeather");
    const plain = (element) => element.innerHTML.replace(/<time.*?<\/time>/gs, "").replaceAll(' hidden=""', "");
    const shown = await page.$eval("#hits", plain);
    const page2 = await page.context().newPage();
    await page2.goto(`${origin}/?q=quillfeather`);
    assert.equal(await page2.$eval("#hits", plain), shown);
  }));

test("the first page takes at most six requests, a search one", () =>
  withPage({}, async (page) => {
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await openPage(page, origin, "?q=quillfeather");
    await page.waitForLoadState("networkidle");
    assert.ok(asked.length <= REQUESTS_MAX, asked.join("\n"));
    asked.length = 0;
    await searchFor(page, "plimsole");
    await page.click('[data-key="section:nature"]').catch(() => {});
    asked.length = 0;
    await page.evaluate(() => document.activeElement.blur());
    await page.click(".wordmark");
    await settled(page);
    await page.waitForLoadState("networkidle");
    assert.deepEqual(asked.filter((address) => !address.endsWith("icon.svg")), [`${origin}/`]);
  }));

test("all files of the page come in 60 KiB", async () => {
  const page = await html("/?q=quillfeather");
  const paths = [...page.matchAll(/(?:href|src)="(assets\/[^"]+)"/g)].map(([, path]) => `/${path}`);
  let bytes = 0;
  for (const path of new Set(paths)) bytes += gzipSync(await html(path)).length;
  console.log(`# files: ${bytes} bytes, the page: ${gzipSync(page).length} bytes`);
  assert.ok(paths.length >= 4);
  assert.ok(bytes <= BYTES_MAX, `${bytes} bytes`);
});

test("a document whose every field is an attack is text in every view", async () => {
  for (const path of ["/?q=wobblegate", "/?q=wobblegate&document=page-nasty", "/?document=page-nasty", "/?document=page-nasty&against=page-3", "/?document=page-3&against=page-nasty", "/?q=wobblegate&unfold=tag", "/?similar=page-nasty", "/?section=nature&list=table"]) {
    const page = await html(path);
    assert.doesNotMatch(page, /<script(?! type="module" src="assets\/page.js")|<img|<b |<svg|javascript:/i, path);
    assert.doesNotMatch(page.replace(/"[^"]*"/g, '""'), /<[^>]*\son[a-z]+=/i, path);
  }
  assert.match(await html("/?q=wobblegate&document=page-nasty"), /&lt;script&gt;window.hurt = 1&lt;\/script&gt;/);
  assert.ok(NASTY_TITLE.includes("<script>"));
});

test("a query that is an attack is text, too", async () => {
  const page = await html(`/?q=${encodeURIComponent('"><script>x</script>')}&source=${encodeURIComponent('"><img src=x>')}&after=${encodeURIComponent("<b>")}`);
  assert.doesNotMatch(page, /<script>|<img|<b>/);
});

try {
  test("a navigation brings its style along, which the policy knows by its hash; who reads HTML otherwise is spared it", () =>
  withPage({}, async (page) => {
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    const answer = await page.goto(`${origin}/?q=quillfeather`);
    await settled(page);
    const style = /<style>([^]*?)<\/style>/.exec(await answer.text())[1];
    const hash = createHash("sha256").update(style).digest("base64");
    assert.match(answer.headers()["content-security-policy"], new RegExp(`style-src 'self' 'sha256-${hash.replaceAll("+", "\\+")}';`));
    assert.match(answer.headers().vary, /Sec-Fetch-Dest/);
    assert.ok(!asked.includes("/assets/page.css"), asked.join());
    const [inPage, linked] = await page.evaluate(async () => {
      const rules = (sheet) => [...sheet.cssRules].map((rule) => rule.cssText.replace(/\s+/g, " "));
      const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: "assets/page.css" });
      await new Promise((resolve) => {
        link.onload = resolve;
        document.head.append(link);
      });
      return [rules(document.querySelector("style").sheet), rules(link.sheet)];
    });
    assert.deepEqual(inPage, linked);
    const plain = await (await fetch(`${origin}/?q=quillfeather`)).text();
    assert.doesNotMatch(plain, /<style/);
    assert.match(plain, /<link rel="stylesheet" href="assets\/page.css">/);
  }));

await runTests();
} finally {
  await end();
}
