// SPDX-License-Identifier: GPL-2.0-or-later
// Searching with the page: results, filters, dates, order, pages, addresses.

import assert from "node:assert/strict";
import { api, begin, openPage, searchFor, settled, shownIds } from "./fixture.mjs";
import { runTests, test } from "./tap.mjs";

const { origin, withPage, end } = await begin();
const WORD = "quillfeather";

const status = (page) => page.textContent("#status");
const chips = (page) =>
  page.$$eval("#chips .chip-label", (labels) => labels.map((label) => label.textContent));

async function click(page, selector) {
  await page.click(selector);
  await settled(page);
}

async function totalOf(query) {
  return (await api(origin, `/search?${query}`)).total.value;
}

test("the first view shows the newest news in the API's order", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    const { hits } = await api(origin, "/search?sort=newest");
    assert.equal(hits.length, 10);
    assert.deepEqual(
      await shownIds(page),
      hits.map((hit) => hit.id),
    );
    assert.equal(await page.textContent("#headline"), "Latest news");
  }));

test("the search box has the focus at first", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    assert.equal(await page.evaluate(() => document.activeElement.id), "q");
  }));

test("a search marks its words in titles and snippets", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    await searchFor(page, WORD);
    assert.equal(await status(page), "1–10 of 23");
    const marks = await page.$$eval("#hits .title mark", (found) => found.map((mark) => mark.textContent));
    assert.equal(marks.length, 10);
    assert.ok(marks.every((mark) => mark === "Quillfeather"));
    assert.equal(
      await page.$$eval(
        "#hits .hit",
        (hits) => hits.filter((hit) => hit.querySelector(".snippet mark")).length,
      ),
      10,
    );
  }));

test("a title with a mark is still whole", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}&sort=oldest`);
    assert.match(await page.textContent("#hits .title"), /^Quillfeather report number \d+$/);
  }));

test("a filter narrows, and its count is the API's", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}`);
    const row = page.locator('[data-key="source:Test Beta"]');
    const counted = Number(await row.locator(".count").textContent());
    await row.click();
    await settled(page);
    assert.equal(counted, await totalOf(`q=${WORD}&source=Test%20Beta`));
    assert.equal(await status(page), `1–${counted} of ${counted}`);
    assert.deepEqual(
      await page.$$eval("#hits .source", (found) => [...new Set(found.map((e) => e.textContent))]),
      ["Test Beta"],
    );
    assert.deepEqual(await chips(page), ["Source: Test Beta"]);
  }));

test("the other values of a chosen filter can still be chosen", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}&source=Test+Beta`);
    await click(page, '[data-key="source:Test Alpha"]');
    assert.equal(await status(page), "1–10 of 23");
    assert.equal((await chips(page)).length, 2);
  }));

test("a name with a comma is one value of a filter", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=plimsole+OR+quillfeather");
    await click(page, '[data-key="author:Example, Comma"]');
    assert.equal(await status(page), "1 result");
    assert.deepEqual(await chips(page), ["Author: Example, Comma"]);
  }));

test("a byline that was found is marked", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=ada+quillfeather");
    assert.equal(await page.locator(".hit .author").first().innerText(), "Ada Example");
    assert.equal(await page.locator(".hit .author mark").first().innerText(), "Ada");
  }));

test("a value can be excluded, and its chip takes the exclusion back", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}`);
    await page.hover('[data-key="source:Test Alpha"]');
    await click(page, '[data-key="-source:Test Alpha"]');
    assert.equal(await status(page), `1–8 of ${await totalOf(`q=${WORD}&source=-Test%20Alpha`)}`);
    assert.deepEqual(await chips(page), ["not Source: Test Alpha"]);
    await click(page, "#chips a");
    assert.equal(await status(page), "1–10 of 23");
  }));

test("every choice narrows what the others count", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}&source=Test+Beta`);
    const shown = await page.$$eval('[data-key^="section:"]', (rows) =>
      rows.map((row) => [row.dataset.key.slice(8), Number(row.querySelector(".count").textContent)]),
    );
    const { facets } = await api(origin, `/search?q=${WORD}&source=Test%20Beta&facets=section`);
    assert.deepEqual(new Map(shown), new Map(facets.section.map(({ value, count }) => [value, count])));
  }));

test("a long list of values unfolds and folds", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}`);
    const rows = () => page.locator('[data-key^="tag:"]').count();
    const before = await rows();
    await page.click('[data-key="more:tag"]');
    await page.waitForFunction(() => document.querySelectorAll('[data-key^="tag:"]').length === 13);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.key), "more:tag");
    await page.click('[data-key="more:tag"]');
    await page.waitForFunction((wanted) => document.querySelectorAll('[data-key^="tag:"]').length === wanted, before);
  }));

test("the back button brings back query, filters and results, and forward too", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    await searchFor(page, WORD);
    const before = await shownIds(page);
    await click(page, '[data-key="source:Test Beta"]');
    const after = await shownIds(page);
    await page.goBack();
    await settled(page);
    assert.deepEqual(await shownIds(page), before);
    assert.equal(await page.inputValue("#q"), WORD);
    assert.equal(await page.isHidden("#chips"), true);
    await page.goForward();
    await settled(page);
    assert.deepEqual(await shownIds(page), after);
    await page.goBack();
    await page.goBack();
    await settled(page);
    assert.equal(await page.inputValue("#q"), "");
  }));

test("a shared address opens the same results", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}`);
    await click(page, '[data-key="section:nature"]');
    await page.click('[data-key="sort:Oldest"]');
    await settled(page);
    const address = page.url();
    const expected = await shownIds(page);
    await withPage({}, async (other) => {
      await other.goto(address);
      await settled(other);
      assert.deepEqual(await shownIds(other), expected);
      assert.equal(await other.textContent('[aria-label="Order"] [aria-current]'), "Oldest");
    });
  }));

test("the address holds the API's own parameters", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}`);
    await click(page, '[data-key="source:Test Beta"]');
    await page.click('[data-key="sort:Newest"]');
    await settled(page);
    const { hits } = await api(origin, `/search${new URL(page.url()).search}`);
    assert.deepEqual(
      await shownIds(page),
      hits.map((hit) => hit.id),
    );
  }));

test("foreign parameters of an address do no harm", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}&utm_source=newsletter&limit=10`);
    assert.equal(await status(page), "1–10 of 23");
  }));

test("a new search keeps the filters and starts at the first page", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}&source=Test+Alpha&offset=10`);
    await searchFor(page, `${WORD} northern`);
    assert.equal(await status(page), "1–10 of 15");
  }));

test("pages follow each other and say where they are", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}&sort=oldest`);
    const seen = await shownIds(page);
    await click(page, "#pager [rel=next]");
    assert.equal(await status(page), "11–20 of 23");
    seen.push(...(await shownIds(page)));
    await click(page, "#pager [rel=next]");
    assert.equal(await status(page), "21–23 of 23");
    seen.push(...(await shownIds(page)));
    assert.equal(new Set(seen).size, 23);
    assert.equal(await page.locator("#pager [rel=next]").count(), 0);
    await click(page, "#pager [rel=prev]");
    assert.equal(await status(page), "11–20 of 23");
  }));

test("a page past the end leads back to the first", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}&offset=500`);
    await click(page, "#empty a");
    assert.equal(await status(page), "1–10 of 23");
  }));

for (const order of ["newest", "oldest"]) {
  test(`sorted by ${order}, results come in the API's order`, () =>
    withPage({}, async (page) => {
      await openPage(page, origin, `?q=${WORD}`);
      await page.click(`[data-key="sort:${order[0].toUpperCase()}${order.slice(1)}"]`);
      await settled(page);
      const { hits } = await api(origin, `/search?q=${WORD}&sort=${order}`);
      assert.deepEqual(
        await shownIds(page),
        hits.map((hit) => hit.id),
      );
    }));
}

test("a date range typed in is searched", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}`);
    await page.fill("#after", "2001-01-01");
    await page.fill("#before", "2001-03-31");
    await click(page, "#dates button");
    const total = await totalOf(`q=${WORD}&after=2001-01-01&before=2001-03-31`);
    assert.equal(await status(page), `1–10 of ${total}`);
    assert.deepEqual(await chips(page), ["From 2001-01-01 to 2001-03-31"]);
  }));

test("dates are written as the reader writes them", () =>
  withPage({ locale: "de-DE" }, async (page) => {
    await openPage(page, origin, `?q=${WORD}&sort=oldest`);
    assert.match(await page.textContent("#hits time"), /^\d{2}\.\d{2}\.2001, \d{2}:30$/);
  }));

test("a date without a time is the same day everywhere", () =>
  withPage({ timezoneId: "America/Los_Angeles" }, async (page) => {
    await openPage(page, origin, "?q=plimsole");
    assert.equal(await page.textContent("#hits time"), "5 Jan 2001");
  }));

test("where nothing matches the page says so and offers a way on", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}+xyzzyplugh&source=Test+Beta`);
    assert.equal(await status(page), "No results");
    assert.match(await page.textContent("#empty"), /Nothing matches/);
    assert.match(await page.textContent("#empty"), /xyzzyplugh is in no document\./);
    await click(page, '#empty a:has-text("Leave out “xyzzyplugh”")');
    assert.equal(new URL(page.url()).search, `?q=${WORD}&source=Test+Beta`);
    assert.notEqual(await status(page), "No results");
  }));

test("parts that find something each by itself are told with what each finds", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}+ferry+plimsole`);
    const said = await page.textContent("#empty");
    assert.match(said, /Each part finds something, but no document has all of it:.*plimsole: 1 document by itself/s);
  }));

test("a filter that lets nothing through can be left out at a click", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}&source=Nowhere&after=2001-01-01`);
    assert.match(await page.textContent("#empty"), /source=Nowhere lets no document through\./);
    await click(page, '#empty a:has-text("Leave out “source=Nowhere”")');
    assert.equal(new URL(page.url()).search, `?q=${WORD}&after=2001-01-01`);
  }));

test("similar documents are a click away from a hit and from the document that is read", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=ferry+aground");
    const [first] = await shownIds(page);
    await click(page, ".hit .similar");
    assert.equal(new URL(page.url()).searchParams.get("similar"), first);
    assert.match(await page.textContent("#headline"), /^Similar to “.*ferry.*”$/i);
    const ids = await shownIds(page);
    assert.ok(ids.length > 0 && !ids.includes(first));
    assert.match(await page.textContent("#exports"), /^This search as JSON$/);
    await page.click("#hits .title");
    await page.click("#reading .similar");
    await page.waitForURL((url) => !url.searchParams.has("document"));
    await settled(page);
    assert.equal(new URL(page.url()).searchParams.get("similar"), ids[0]);
    assert.equal(new URL(page.url()).searchParams.get("document"), null);
  }));

test("a search from similar documents is a new one, filters are not", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?similar=kv-2024-1118-01");
    assert.equal(await page.textContent('[aria-label="Order"] [aria-current]'), "Relevance");
    await page.click("#facets a");
    await settled(page);
    assert.equal(new URL(page.url()).searchParams.get("similar"), "kv-2024-1118-01");
    await searchFor(page, "ferry");
    assert.equal(new URL(page.url()).searchParams.get("similar"), null);
  }));

test("old results stay until new ones come, and a late answer is dropped", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}`);
    await page.route("**/?q=plimsole*", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await route.continue().catch(() => {});
    });
    await page.fill("#q", "plimsole");
    await page.press("#q", "Enter");
    await page.waitForSelector('#results[aria-busy="true"]');
    assert.equal((await shownIds(page)).length, 10);
    await searchFor(page, "murkledown");
    await page.waitForTimeout(1500);
    assert.match(await page.textContent("#hits"), /murkledown/);
    assert.equal((await shownIds(page)).length, 1);
  }));

test("on a phone the filters are folded and unfold at a touch", () =>
  withPage({ viewport: { width: 360, height: 740 }, hasTouch: true }, async (page) => {
    await openPage(page, origin, `?q=${WORD}`);
    assert.equal(await page.isVisible('[data-key="source:Test Beta"]'), false);
    await page.tap(".fold > summary");
    await page.tap('[data-key="source:Test Beta"]');
    await settled(page);
    assert.equal(await status(page), "1–8 of 8");
  }));

test("a search can be taken along as a feed, a table or JSON", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}&source=Test+Beta`);
    const links = await page.$$eval("#exports a", (found) => found.map((link) => new URL(link.href)));
    assert.deepEqual(
      links.map((link) => link.pathname),
      ["/search.atom", "/search.rss", "/search.jsonfeed", "/export.csv", "/export.ndjson", "/export.txt"],
    );
    const lines = await (await fetch(links[4])).text();
    assert.equal(lines.trim().split("\n").length, 8);
  }));

const copies = (page) => page.$$eval(".copy-list .hit", (hits) => hits.map((hit) => hit.dataset.id));

test("each story is shown once, with who ran it first and when, and its copies unfold in place", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=brindlecove&sort=newest");
    assert.deepEqual(await shownIds(page), ["page-copy-2"]);
    assert.equal(await status(page), "1 story, from 3 documents");
    assert.equal(await page.textContent("#hits .copies"), "+2 more in Test Alpha, Test Beta");
    assert.match(await page.textContent("#hits .first-run"), /^first: Test Alpha, 6 Jan 2001/);
    assert.equal(await page.getAttribute("#hits .first-run time", "datetime"), "2001-01-06T12:00:00Z");
    await page.click("#hits .copies");
    await page.waitForSelector(".copy-list .hit");
    assert.deepEqual(await copies(page), ["page-copy-0", "page-copy-1", "page-copy-2"]);
    assert.equal(await page.textContent(".copy-list time"), "6 Jan 2001, 13:00");
    assert.equal(await page.getAttribute("#hits .copies", "aria-expanded"), "true");
    assert.equal(new URL(page.url()).searchParams.get("story"), null);
    await page.focus("#hits .copies");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".copy-list", { state: "detached" });
    await page.keyboard.press("Enter");
    await page.waitForSelector(".copy-list .hit");
  }));

test("a copy that ran first says so itself", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=brindlecove&sort=oldest");
    assert.deepEqual(await shownIds(page), ["page-copy-0"]);
    assert.equal(await page.textContent("#hits .first-run"), "ran it first");
  }));

test("all copies are shown where the address says so, and a switch says it", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=brindlecove&sort=newest");
    assert.equal(await page.getAttribute("#once", "aria-current"), "true");
    await click(page, "#once");
    assert.equal(new URL(page.url()).searchParams.get("collapse"), "off");
    assert.equal((await shownIds(page)).length, 3);
    assert.equal(await status(page), "1–3 of 3");
    await openPage(page, origin, "?q=brindlecove&collapse=off");
    assert.equal(await page.getAttribute("#once", "aria-current"), null);
    assert.equal(await page.isHidden("#chips"), true);
    await click(page, "#once");
    assert.equal(new URL(page.url()).searchParams.get("collapse"), null);
    assert.equal((await shownIds(page)).length, 1);
  }));

test("the last page of a search that has copies counts documents as such", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=brindlecove+OR+murkledown&limit=1&offset=1&sort=newest");
    assert.equal(await status(page), "Story 2 of 2, from 4 documents");
    await openPage(page, origin, `?q=${WORD}&offset=20`);
    assert.equal(await status(page), "21–23 of 23");
  }));

test("the pages of a search that shows each story once end where the stories do", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=brindlecove&limit=1");
    assert.equal((await shownIds(page)).length, 1);
    assert.equal(await page.isHidden("#pager"), true);
  }));

try {
  await runTests();
} finally {
  await end();
}
