// SPDX-License-Identifier: GPL-2.0-or-later
// Reading with the page: the keyboard, whole documents, scripts of the world, and documents that mean harm.

import assert from "node:assert/strict";
import { begin, openPage, searchFor, settled, shownIds } from "./fixture.mjs";
import { NASTY_TITLE } from "./documents.mjs";
import { runTests, test } from "./tap.mjs";

const { origin, withPage, end } = await begin();

const focusedId = (page) =>
  page.evaluate(() => document.activeElement.closest("#hits > .hit")?.dataset.id ?? document.activeElement.id);

async function openReading(page, id, query = "") {
  await page.goto(`${origin}/?${query}document=${encodeURIComponent(id)}`);
  await page.waitForSelector("#reading-title");
}

test("the keyboard alone leads from search to reading and back", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    await page.keyboard.type("quillfeather");
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.search === "?q=quillfeather");
    await settled(page);
    const ids = await shownIds(page);
    await page.keyboard.press("ArrowDown");
    assert.equal(await focusedId(page), ids[0]);
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    assert.equal(await focusedId(page), ids[1]);
    await page.keyboard.press("Enter");
    await page.waitForSelector("#reading-title");
    assert.equal(await focusedId(page), "reading-title");
    assert.equal(new URL(page.url()).searchParams.get("document"), ids[1]);
    await page.keyboard.press("Escape");
    await page.waitForSelector("#reading", { state: "hidden" });
    assert.equal(await focusedId(page), ids[1]);
    await page.keyboard.press("/");
    assert.equal(await focusedId(page), "q");
  }));

test("in the reading view j and k go to the documents beside this one", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    const ids = await shownIds(page);
    await page.click("#hits .title");
    await page.waitForSelector("#reading-title");
    await page.keyboard.press("j");
    await page.waitForFunction((id) => new URLSearchParams(location.search).get("document") === id, ids[1]);
    await page.waitForSelector("#reading-title");
    await page.keyboard.press("Escape");
    await page.waitForSelector("#reading", { state: "hidden" });
    assert.equal(await focusedId(page), ids[1]);
  }));

test("after a search the focus is on the results, and j goes to the first hit", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    await searchFor(page, "quillfeather");
    assert.equal(await focusedId(page), "headline");
    await page.keyboard.press("j");
    assert.equal(await focusedId(page), (await shownIds(page))[0]);
    assert.equal(await page.inputValue("#q"), "quillfeather");
  }));

test("Tab comes to the first hit within ten presses of the head's end", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    await page.focus("#headline");
    let presses = 0;
    while (presses < 10 && !(await page.evaluate(() => document.activeElement.matches("#hits .title")))) {
      await page.keyboard.press("Tab");
      presses += 1;
    }
    assert.ok(presses < 10);
  }));

test("Escape in the search box takes nothing away", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    await page.focus("#q");
    await page.keyboard.press("Escape");
    assert.equal(await page.inputValue("#q"), "quillfeather");
    assert.equal(await focusedId(page), "headline");
  }));

test("j at the last hit goes on to the next page, k back to the last of the one before", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather&sort=oldest");
    const before = await shownIds(page);
    await page.focus("#hits > .hit:last-child .title");
    await page.keyboard.press("j");
    await page.waitForURL((url) => url.searchParams.get("offset") === "10");
    await settled(page);
    const after = await shownIds(page);
    await page.waitForFunction((id) => document.activeElement.closest("#hits > .hit")?.dataset.id === id, after[0]);
    await page.keyboard.press("k");
    await page.waitForFunction((id) => document.activeElement.closest("#hits > .hit")?.dataset.id === id, before[9]);
  }));

test("previous and next are there after a reload, too", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    const ids = await shownIds(page);
    await openReading(page, ids[1], "q=quillfeather&");
    await page.reload();
    await settled(page);
    await page.click("#reading .way [rel=prev]");
    await page.waitForFunction((id) => new URLSearchParams(location.search).get("document") === id, ids[0]);
  }));

test("a document opens with its marks, and keys and buttons go through them", () =>
  withPage({}, async (page) => {
    await openReading(page, "page-3", "q=quillfeather+harbour&");
    await settled(page);
    await page.waitForSelector(".marks-told");
    const all = await page.locator("#reading mark[id]").count();
    assert.ok(all >= 3);
    const at = async () => Number((await page.textContent(".marks-told")).split(" of ")[0]);
    assert.match(await page.textContent(".marks-told"), new RegExp(`^\\d+ of ${all}$`));
    const first = await at();
    await page.keyboard.press("n");
    assert.equal(await at(), (first % all) + 1);
    await page.keyboard.press("p");
    await page.click('[aria-label="Next mark"]');
    assert.equal(await at(), (first % all) + 1);
    assert.equal(await page.locator("#reading mark.is-current").count(), 1);
  }));

test("a long document opens at a mark that is far down, and ticks show where marks are", () =>
  withPage({ viewport: { width: 1000, height: 500 } }, async (page) => {
    await openReading(page, "page-far", "q=farawaymark&");
    await page.waitForSelector(".place-tick");
    const top = await page.$eval("#reading mark", (mark) => mark.getBoundingClientRect().top);
    assert.ok(top > 0 && top < 500, String(top));
    assert.equal(await page.locator(".place-tick").count(), 1);
  }));

test("on a wide screen the list stays beside the document, where it was", () =>
  withPage({ viewport: { width: 1400, height: 700 } }, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    const ids = await shownIds(page);
    await page.click(`[data-id="${ids[4]}"] .title`);
    await page.waitForSelector("#reading-title");
    await settled(page);
    assert.ok(await page.isVisible(`#hits [data-id="${ids[4]}"]`));
    assert.ok(await page.isVisible("#reading .text"));
    const list = await page.$("#hits");
    await page.click(`#hits [data-id="${ids[5]}"] .title`);
    await page.waitForFunction((id) => new URLSearchParams(location.search).get("document") === id, ids[5]);
    await settled(page);
    assert.ok(await list.evaluate((element) => element.isConnected && element.querySelector("[data-open]") !== null));
    assert.equal(await page.getAttribute("#hits [data-open]", "data-id"), ids[5]);
  }));

test("a quotation is copied with its source and its date", () =>
  withPage({ permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
    await openReading(page, "page-3");
    await page.click("#copy-quotation");
    await page.waitForFunction(() => document.getElementById("copy-quotation").textContent === "Copied");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^“The quillfeather was seen again.*”\n— Ada Example: “Quillfeather report number 3”\. Test Alpha, 4 Apr 2001/s);
    assert.match(copied, /https:\/\/example\.org\/quillfeather\/3/);
  }));

test("a citation is copied by keyboard", () =>
  withPage({ permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
    await openPage(page, origin, "?document=page-3");
    await page.focus("#copy-citation");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.getElementById("copy-citation").textContent === "Copied");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^Ada Example: “Quillfeather report number 3”\. Test Alpha, 4 Apr 2001.*https:\/\/example\.org\/quillfeather\/3$/);
  }));

test("what is like a document is listed below it", () =>
  withPage({}, async (page) => {
    await openReading(page, "page-3");
    await page.locator(".reading-foot").scrollIntoViewIfNeeded();
    await page.waitForSelector(".alike .title");
    await page.click(".alike .title");
    await page.waitForFunction(() => new URLSearchParams(location.search).get("document") !== "page-3");
  }));

test("a story's other versions are told, and what differs between two is marked", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=brindlecove&document=page-copy-2");
    assert.match(await page.textContent(".versions > summary"), /^2 other versions of this story, first run by Test Alpha, 6 Jan 2001/);
    assert.equal(await page.isVisible(".version-list"), false);
    await page.focus(".versions > summary");
    await page.keyboard.press("Enter");
    assert.deepEqual(await page.$$eval(".version-title", (titles) => titles.map((title) => title.textContent)), [
      "Brindlecove reopens, says Test Alpha",
      "Brindlecove reopens, says Test Beta",
      "Brindlecove reopens, says Test Gamma",
    ]);
    assert.equal(await page.locator(".version-title[aria-current]").innerText(), "Brindlecove reopens, says Test Gamma");
    await page.click(".version-differs >> nth=0");
    await settled(page);
    assert.equal(new URL(page.url()).searchParams.get("against"), "page-copy-0");
    const shown = (selector) => page.$$eval(selector, (found) => found.map((element) => element.textContent.trim()));
    assert.deepEqual(await shown("#reading-title :is(del, ins)"), ["[only there: Alpha]", "[only here: Gamma]"]);
    assert.deepEqual(await shown(".text :is(del, ins)"), ["[only there: one]", "[only here: three]"]);
    const looks = await page.$$eval(".text :is(del, ins)", (both) => both.map((element) => getComputedStyle(element).textDecorationLine));
    assert.deepEqual(looks, ["line-through", "underline"]);
    assert.equal(await page.locator("#reading mark").count(), 0);
    assert.match(await page.textContent(".version-legend"), /^Compared with Test Alpha, 6 Jan 2001/);
    await page.click(".version-legend a");
    await settled(page);
    assert.equal(await page.locator("#reading :is(del, ins)").count(), 0);
    assert.equal(new URL(page.url()).searchParams.get("against"), null);
  }));

test("without scripts versions are compared, too, and text of both stays text", () =>
  withPage({ javaScriptEnabled: false }, async (page) => {
    await page.goto(`${origin}/?document=page-nasty&against=page-3`);
    assert.equal(await page.locator("#reading-title del").count(), 1);
    assert.match(await page.textContent("#reading-title ins"), /<script>window.hurt = 1<\/script>/);
    assert.equal(await page.locator("#reading script, #reading img").count(), 0);
    await page.goto(`${origin}/?document=page-3&against=nowhere`);
    assert.equal(await page.locator("#reading-title del").count(), 0);
    assert.match(await page.textContent("#reading-title"), /Quillfeather report number 3/);
  }));

test("what is quoted of a document that is compared has its own words alone", () =>
  withPage({}, async (page, context) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await openPage(page, origin, "?document=page-copy-2&against=page-copy-0");
    await page.click("#copy-quotation");
    await page.waitForFunction(() => document.getElementById("copy-quotation").textContent === "Copied");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /ending of paper three\.”/);
    assert.doesNotMatch(copied, /only there|one\b/);
  }));

test("keys typed into the search box are text", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    await page.focus("#q");
    await page.keyboard.type("j/k");
    assert.equal(await page.inputValue("#q"), "j/k");
  }));

test("the focus of the keyboard can be seen", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    await page.keyboard.press("j");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.equal(outline, "solid");
  }));

test("the first stop of the Tab key skips to the results", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    await page.focus(".wordmark");
    await page.keyboard.press("Shift+Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    await page.keyboard.press("Enter");
    assert.equal(await focusedId(page), "main");
  }));

test("every control has a name, and the landmarks are there", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather&source=Test+Beta");
    const nameless = await page.$$eval("a, button, input, select", (found) =>
      found
        .filter(
          (element) =>
              !(element.type === "hidden" || element.getAttribute("aria-label") || element.textContent.trim() || element.labels?.length),
        )
        .map((element) => element.outerHTML),
    );
    assert.deepEqual(nameless, []);
    for (const landmark of ["banner", "search", "main", "complementary", "contentinfo"])
      assert.ok((await page.getByRole(landmark).count()) > 0, landmark);
  }));

test("a filter that was chosen by keyboard keeps the focus", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    await page.focus('[data-key="source:Test Beta"]');
    await page.keyboard.press("Enter");
    await page.waitForSelector("#chips li");
    await settled(page);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.key), "source:Test Beta");
  }));

test("arrow keys move over the bars of the months", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    await page.focus('.bar[tabindex="0"]');
    const bars = await page.$$eval(".bar", (all) => all.map((bar) => bar.dataset.after));
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#chips li");
    assert.ok((await page.textContent("#chips")).includes(`From ${bars.at(-2)}`));
  }));

test("the reading view shows the whole text in its paragraphs", () =>
  withPage({}, async (page) => {
    await openReading(page, "page-3");
    const paragraphs = await page.$$eval("#reading .text p", (found) => found.map((p) => p.textContent));
    assert.equal(paragraphs.length, 2);
    assert.match(paragraphs[1], /^A second paragraph .* thought little of it\.$/);
    assert.equal(await page.textContent("#reading-title"), "Quillfeather report number 3");
    assert.equal(await page.title(), "Quillfeather report number 3 – Lede");
    assert.equal(await page.getAttribute("#reading .original", "href"), "https://example.org/quillfeather/3");
  }));

test("a text wrapped by a machine is set in whole paragraphs", () =>
  withPage({}, async (page) => {
    await openReading(page, "page-lines");
    assert.deepEqual(await page.$$eval("#reading .text p", (found) => found.map((p) => p.textContent)), [
      "The first plimsole sentence goes over two lines and ends here.",
      "The second paragraph follows at once and ends as well.",
    ]);
  }));

test("the address of a document that is read can be shared, and leads back to its search", () =>
  withPage({}, async (page) => {
    await openReading(page, "page-3", "q=quillfeather&");
    await page.click("#reading .back");
    await settled(page);
    assert.equal((await shownIds(page)).length, 10);
    assert.equal(new URL(page.url()).search, "?q=quillfeather");
  }));

test("back from reading returns to the same place on the page", () =>
  withPage({ viewport: { width: 1000, height: 500 } }, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    const title = page.locator("#hits .title").nth(7);
    await title.scrollIntoViewIfNeeded();
    await page.waitForTimeout(300);
    const before = await page.evaluate(() => scrollY);
    assert.ok(before > 0);
    await title.click();
    await page.waitForSelector("#reading-title");
    await page.goBack();
    await page.waitForSelector("#reading", { state: "hidden" });
    assert.ok(Math.abs((await page.evaluate(() => scrollY)) - before) < 3);
  }));

test("an identifier of any characters can be read", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=murkledown");
    await page.click("#hits .title");
    await page.waitForSelector("#reading-title");
    assert.equal(await page.textContent("#reading-title"), "The murkledown has an odd identifier");
  }));

test("a document that does not exist is said not to", () =>
  withPage({ allow: /404/ }, async (page) => {
    await openReading(page, "no-such-document");
    assert.equal(await page.textContent("#reading-title .notice-title"), "There is no such document");
  }));

test("a tag leads to the documents that have it", () =>
  withPage({}, async (page) => {
    await openReading(page, "page-3");
    await page.click('#reading .tags a:has-text("birds")');
    await settled(page);
    assert.equal(await page.textContent("#status"), "1–10 of 23");
  }));

async function assertUnhurt(page) {
  await page.waitForTimeout(200);
  assert.equal(await page.evaluate(() => window.hurt), undefined);
  assert.equal(await page.locator("main script, main img, main svg, main b, aside img, aside i").count(), 0);
}

test("a script in a title is shown and not run, in the results", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    await searchFor(page, "wobblegate");
    assert.equal(await page.textContent("#hits .title"), NASTY_TITLE);
    assert.match(await page.textContent("#hits .snippet"), /<b onclick=.*<\/mark><mark> &lt;i&gt; <svg/);
    assert.deepEqual(
      [...new Set(await page.$$eval("#hits mark", (marks) => marks.map((mark) => mark.textContent)))],
      ["wobblegate"],
    );
    await assertUnhurt(page);
  }));

test("a script in a title is shown and not run, in the reading view", () =>
  withPage({}, async (page) => {
    await openReading(page, "page-nasty");
    assert.equal(await page.textContent("#reading-title"), NASTY_TITLE);
    await assertUnhurt(page);
  }));

test("an address that is not http leads nowhere", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=wobblegate");
    assert.equal(await page.locator(".original").count(), 0);
    assert.equal(await page.locator('a[href^="javascript"]').count(), 0);
  }));

for (const [id, language, direction] of [
  ["page-arabic", "ar", "rtl"],
  ["page-japanese", "ja", "ltr"],
]) {
  test(`a result in '${language}' says its language and runs ${direction}`, () =>
    withPage({}, async (page) => {
      await openPage(page, origin, "?q=zindlefinch");
      for (const selector of ["h2", ".snippet"]) {
        const element = page.locator(`[data-id=${id}] ${selector}`);
        assert.equal(await element.getAttribute("lang"), language);
        assert.equal(await element.getAttribute("dir"), "auto");
        assert.equal(await element.evaluate((e) => (e.matches(":dir(rtl)") ? "rtl" : "ltr")), direction);
      }
    }));

  test(`a document in '${language}' is read in its language and runs ${direction}`, () =>
    withPage({}, async (page) => {
      await openReading(page, id);
      for (const selector of ["#reading-title", "#reading .text p"]) {
        const element = page.locator(selector).first();
        assert.equal(await element.getAttribute("lang"), language);
        assert.equal(await element.evaluate((e) => (e.matches(":dir(rtl)") ? "rtl" : "ltr")), direction);
      }
    }));
}

test("on paper there is the text and nothing to click", () =>
  withPage({}, async (page) => {
    await openReading(page, "page-3");
    await page.emulateMedia({ media: "print" });
    for (const selector of ["#search", ".way", ".foot"]) assert.equal(await page.isVisible(selector), false);
    assert.equal(await page.isVisible("#reading .text"), true);
  }));

test("the page has a dark scheme", () =>
  withPage({ colorScheme: "dark" }, async (page) => {
    await openPage(page, origin);
    const [red] = (
      await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    ).match(/\d+/g);
    assert.ok(Number(red) < 60);
  }));

try {
  await runTests();
} finally {
  await end();
}
