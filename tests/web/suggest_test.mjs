// SPDX-License-Identifier: GPL-2.0-or-later
// The list of suggestions under the search field, by keyboard and by mouse; other spellings.

import assert from "node:assert/strict";
import { api, begin, openPage, searchFor, settled } from "./fixture.mjs";
import { runTests, test } from "./tap.mjs";

const { origin, withPage, end } = await begin();
const WORD = "quillfeather";

// The archive's words are gathered in the background.
for (let tries = 0; tries < 200; tries++) {
  if ((await api(origin, "/suggest?q=quillf")).completions.length > 0) break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}

const active = (page) =>
  page.evaluate(() => {
    const id = document.getElementById("q").getAttribute("aria-activedescendant");
    return id && document.getElementById(id).querySelector(".suggestion-text").textContent;
  });

// Where typing takes longer than the page's pause, the list opens for a beginning of the text before.
const listFor = (page, text) => page.waitForSelector(`#suggestions:not([hidden])[data-q="${text}"]`);

async function typeUntilOpen(page, text) {
  await page.type("#q", text);
  await listFor(page, text);
}

test("typing opens a list of searches and headlines, and the field keeps the focus", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    await typeUntilOpen(page, "quillf");
    assert.equal(await page.getAttribute("#q", "role"), "combobox");
    assert.equal(await page.textContent("#suggestions [role=option] .suggestion-text"), WORD);
    assert.equal(await page.evaluate(() => document.activeElement.id), "q");
    assert.equal(await active(page), null);
  }));

test("the arrows choose, Enter searches for what was chosen", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    await typeUntilOpen(page, "quillf");
    await page.press("#q", "ArrowDown");
    assert.equal(await active(page), WORD);
    assert.equal(await page.inputValue("#q"), "quillf");
    await page.press("#q", "ArrowUp");
    assert.equal(await active(page), null);
    await page.press("#q", "ArrowDown");
    await page.press("#q", "Enter");
    await page.waitForFunction((word) => new URLSearchParams(location.search).get("q") === word, WORD);
    await settled(page);
    assert.equal(await page.isHidden("#suggestions"), true);
  }));

test("Enter searches for what was typed where nothing was chosen", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    await typeUntilOpen(page, "quillf");
    await page.press("#q", "Enter");
    await page.waitForFunction(() => new URLSearchParams(location.search).get("q") === "quillf");
    await settled(page);
    assert.equal(await page.isHidden("#suggestions"), true);
  }));

test("Escape closes the list and leaves what was typed", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    await typeUntilOpen(page, "quillf");
    await page.press("#q", "Escape");
    assert.equal(await page.getAttribute("#q", "aria-expanded"), "false");
    assert.equal(await page.inputValue("#q"), "quillf");
  }));

test("a headline that is clicked is read", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    await typeUntilOpen(page, "ferry agro");
    const id = await page.getAttribute("#suggestions [data-document]", "data-document");
    await page.click("#suggestions [data-document]");
    await page.waitForFunction((wanted) => new URLSearchParams(location.search).get("document") === wanted, id);
    await page.waitForSelector("#reading:not([hidden])");
  }));

test("suggestions of an earlier text are dropped", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    await page.route("**/suggest?q=ferry&**", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 800));
      await route.continue().catch(() => {});
    });
    await page.type("#q", "ferry");
    await page.waitForTimeout(300);
    await page.fill("#q", "quillf");
    await listFor(page, "quillf");
    await page.waitForTimeout(900);
    assert.equal(await page.textContent("#suggestions [role=option] .suggestion-text"), WORD);
  }));

test("a misspelt search shows the results of the corrected one, and leads to what was asked", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    await searchFor(page, "quilfeather");
    assert.match(await page.textContent("#hints"), /^Showing results for quillfeather\. Search instead for quilfeather\.$/);
    assert.ok((await page.$$("#hits .hit")).length > 0);
    await page.click("#hints a:last-of-type");
    await settled(page);
    assert.equal(new URL(page.url()).searchParams.get("spell"), "off");
    assert.equal((await page.$$("#hits .hit")).length, 0);
  }));

try {
  await runTests();
} finally {
  await end();
}
