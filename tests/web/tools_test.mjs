// SPDX-License-Identifier: GPL-2.0-or-later
// What an editor works with all day: help, filters, densities, kept searches, ticked hits.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { begin, index, openPage, searchFor, settled, shownIds } from "./fixture.mjs";
import { runTests, test } from "./tap.mjs";

const { origin, withPage, end } = await begin();

test("the key ? opens ten examples, and each is a search", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    await page.keyboard.press("?");
    assert.ok((await page.locator(".help-list a:visible").count()) >= 10);
    await page.click('.help-list a:has-text("ferry OR boat")');
    await settled(page);
    assert.equal(new URL(page.url()).searchParams.get("q"), "ferry OR boat");
    await page.keyboard.press("?");
    await page.keyboard.press("Escape");
    assert.equal(await page.locator(".help-list a:visible").count(), 0);
  }));

test("names of fields and operators complete as one types", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    await page.type("#q", "ferry auth");
    await page.waitForSelector('.suggestion[data-insert="author:"]');
    await page.click('.suggestion[data-insert="author:"]');
    assert.equal(await page.inputValue("#q"), "ferry author:");
    await page.fill("#q", "");
    await page.type("#q", "ferry NE");
    await page.waitForSelector('.suggestion[data-insert="NEAR/5 "]');
    await page.press("#q", "ArrowDown");
    await page.press("#q", "Enter");
    assert.equal(await page.inputValue("#q"), "ferry NEAR/5 ");
  }));

test("a list of suggestions has no entry twice", () =>
  withPage({}, async (page) => {
    await index(origin, [1, 2].map((number) => JSON.stringify({ id: `twin-${number}`, title: "Twinhead line of news", body: `Text ${number}` })).join("\n"));
    await openPage(page, origin);
    await page.type("#q", "twinhead");
    await page.waitForSelector("#suggestions:not([hidden]) [data-document]");
    const names = await page.$$eval(".suggestion", (all) => all.map((one) => one.querySelector(".suggestion-text").textContent));
    assert.equal(new Set(names).size, names.length, String(names));
  }));

test("what a query was understood as is said where it says something new", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather+northern");
    assert.equal(await page.locator(".understood").count(), 0);
    await openPage(page, origin, "?q=ferry+OR+boat+-harbour");
    assert.ok((await page.locator(".understood").count()) <= 1);
  }));

test("values are included, several, and excluded", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    await page.hover('[data-key="section:nature"]');
    await page.click('[data-key="-section:nature"]');
    await settled(page);
    assert.deepEqual(new URL(page.url()).searchParams.getAll("section"), ["-nature"]);
    assert.match(await page.textContent("#chips"), /not Section: nature/);
  }));

test("an unfolded filter is searched within", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    await page.click('[data-key="more:tag"]');
    await page.waitForSelector(".group-search");
    await page.fill(".group-search", "tag-11");
    const visible = await page.$$eval('[data-facet="tag"] .row', (rows) => rows.filter((row) => !row.hidden).map((row) => row.querySelector(".name").textContent));
    assert.deepEqual(visible, ["tag-11"]);
  }));

test("lists are comfortable, headlines or a table, of 10 to 100, and it is remembered", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    await page.click("#view-menu > summary");
    await page.click('[data-key="limit:25"]');
    await settled(page);
    assert.equal((await shownIds(page)).length, 23);
    assert.equal(new URL(page.url()).search, "?q=quillfeather");
    await page.click("#view-menu > summary");
    await page.click('[data-key="list:Headlines"]');
    await settled(page);
    assert.equal(await page.locator(".snippet:visible").count(), 0);
    await openPage(page, origin, "?q=northern");
    assert.equal(await page.getAttribute("html", "data-density"), "headlines");
    await searchFor(page, "quillfeather");
    assert.equal((await shownIds(page)).length, 23);
  }));

test("a search is kept, and says what is new since", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=keptsearchword");
    await openPage(page, origin, "?q=quillfeather&source=Test+Beta");
    await page.click("#kept-menu > summary");
    await page.click("#save-search");
    await page.waitForSelector(".menu-drop");
    await index(origin, JSON.stringify({ id: "new-one", title: "Quillfeather news", source: "Test Beta" }));
    await openPage(page, origin, "?q=plimsole");
    await page.click("#kept-menu > summary");
    await page.waitForFunction(() => /1 new since/.test(document.getElementById("kept").textContent));
    assert.match(await page.textContent("#kept"), /Saved.*quillfeather, Source: Test Beta.*Recent/s);
    await page.click("#kept li a");
    await settled(page);
    assert.equal(new URL(page.url()).searchParams.get("source"), "Test Beta");
    await page.click("#kept-menu > summary");
    await page.click(".menu-drop");
    assert.equal(await page.locator(".menu-drop").count(), 0);
  }));

test("a document without a date says when it was received, and does not lead", () =>
  withPage({}, async (page) => {
    await index(origin, JSON.stringify({ id: "undated-one", title: "Undatedword quillfeather" }));
    await openPage(page, origin, "?q=undatedword");
    assert.match(await page.textContent("#hits .hit-origin"), /received/);
    await openPage(page, origin);
    assert.ok(!(await shownIds(page)).includes("undated-one"));
  }));

test("ticked hits are saved as text, a table and lines of JSON", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather&sort=oldest");
    const ids = await shownIds(page);
    await page.click(".tick-box >> nth=0");
    await page.click("#pager [rel=next]");
    await settled(page);
    await page.click(".tick-box >> nth=2");
    ids.push(...(await shownIds(page)));
    assert.match(await page.textContent(".ticked"), /2 ticked/);
    const [file] = await Promise.all([page.waitForEvent("download"), page.click('.ticked button:has-text("NDJSON")')]);
    const lines = readFileSync(await file.path(), "utf8").trim().split("\n").map((line) => JSON.parse(line).id);
    assert.deepEqual(lines.sort(), [ids[0], ids[12]].sort());
    await page.click('.ticked button:has-text("Untick")');
    assert.equal(await page.locator(".ticked").count(), 0);
  }));

try {
  // As a browser does: the page names the description, that has templates of addresses.
async function described(page, type) {
  const href = await page.getAttribute('link[rel="search"]', "href");
  const text = await page.evaluate((address) => fetch(address).then((answer) => answer.text()), href);
  return page.evaluate(
    ([xml, wanted]) => {
      const urls = [...new DOMParser().parseFromString(xml, "text/xml").querySelectorAll("Url")];
      return urls.find((url) => url.getAttribute("type") === wanted).getAttribute("template");
    },
    [text, type],
  );
}

const filled = (template, words) => template.replace("{searchTerms}", encodeURIComponent(words));

test("a browser's own search field finds by the description that the page names", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    const template = await described(page, "text/html");
    await page.goto(filled(template, 'quillfeather "report 3" & more'));
    await settled(page);
    assert.equal(await page.inputValue("#q"), 'quillfeather "report 3" & more');
    await page.goto(filled(template, "zindlefinch"));
    await settled(page);
    assert.deepEqual((await shownIds(page)).sort(), ["page-arabic", "page-japanese"]);
  }));

test("a browser's own search field completes by the same description", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    const address = filled(await described(page, "application/x-suggestions+json"), "report quillfea");
    let answer;
    for (let tries = 0; tries < 50 && !answer?.[1].length; tries += 1) {
      const response = await fetch(address);
      assert.equal(response.headers.get("content-type"), "application/x-suggestions+json");
      answer = await response.json();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.deepEqual(answer, ["report quillfea", ["report quillfeather"]]);
    const feed = await fetch(filled(await described(page, "application/atom+xml"), "zindlefinch"));
    assert.equal((await feed.text()).match(/<entry>/g).length, 2);
  }));

await runTests();
} finally {
  await end();
}
