// SPDX-License-Identifier: GPL-2.0-or-later
// The timeline: bars over the full width, a range by pointer and by keys, nearer and further.

import assert from "node:assert/strict";
import { api, begin, index, openPage, settled } from "./fixture.mjs";
import { runTests, test } from "./tap.mjs";

const { origin, withPage, end } = await begin();
const WORD = "timelineword";

// A day with many documents, others with few, over two years.
const uneven = [];
for (let number = 0; number < 500; number++) uneven.push({ id: `many-${number}`, title: `${WORD} ${number}`, published: "1990-05-10T12:00:00Z", source: "Many" });
for (let number = 0; number < 6; number++) uneven.push({ id: `few-${number}`, title: `${WORD} few`, published: `1991-0${number + 1}-15T12:00:00Z`, source: "Few" });
await index(origin, uneven.map((document) => JSON.stringify(document)).join("\n"));

const bars = (page) =>
  page.$$eval(".bar", (all) =>
    all.map((bar) => ({
      after: bar.dataset.after,
      before: bar.dataset.before,
      told: bar.querySelector(".unseen").textContent.trim(),
      height: bar.querySelector(".bar-fill").getBoundingClientRect().height,
      chosen: bar.classList.contains("is-chosen"),
    })),
  );

test("bars are over the full width, and their heights are square roots, as the axis says", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}`);
    const [columns, chart] = await page.$$eval(".columns, .chart", (both) => both.map((element) => element.getBoundingClientRect().width));
    assert.ok(chart > columns * 0.95);
    const all = await bars(page);
    const tallest = Math.max(...all.map((bar) => bar.height));
    const few = all.find((bar) => / 1$/.test(bar.told));
    assert.ok(few.height >= 3, "one document beside five hundred is seen");
    assert.ok(Math.abs(few.height - tallest * Math.sqrt(1 / 500)) < 3);
    assert.match(await page.textContent(".axis"), /500.*125/);
    assert.equal(await page.textContent(".timeline-scale"), "square-root scale");
    await page.setViewportSize({ width: 320, height: 800 });
    assert.equal(await page.isVisible(".timeline-scale"), true);
  }));

test("a bar narrows to its period, which becomes a chip, with what lies beside it in sight", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}`);
    const [first] = await bars(page);
    await page.click(".bar >> nth=0");
    await page.waitForSelector("#chips li");
    await settled(page);
    const { total } = await api(origin, `/search?q=${WORD}&after=${first.after}&before=${first.before}`);
    assert.equal(await page.textContent("#status strong"), String(total.value));
    assert.match(await page.textContent("#chips"), new RegExp(`From ${first.after} to ${first.before}`));
    await page.click('[data-key="time:out"]');
    await settled(page);
    assert.ok((await bars(page)).length >= 1);
    await page.click('[data-key="time:all"]');
    await settled(page);
    assert.equal(await page.isHidden("#chips"), true);
  }));

test("where nothing is found there is no empty chart", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}+xyzzyplugh`);
    assert.equal(await page.isHidden("#timeline"), true);
    await openPage(page, origin, `?q=${WORD}&after=1985-01-01&before=1985-01-31`);
    assert.equal(await page.isVisible('[data-key="time:all"]'), true);
  }));

test("a range is chosen by dragging over bars", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}`);
    const all = await bars(page);
    const { x, y, width, height } = await page.locator(".bars").boundingBox();
    const at = (number) => x + (width * (number + 0.5)) / all.length;
    await page.mouse.move(at(2), y + height / 3);
    await page.mouse.down();
    await page.mouse.move(at(4), y + height / 3);
    await page.mouse.move(at(5), y + height / 3);
    assert.match(await page.textContent(".timeline-told"), new RegExp(`^${all[2].after} to ${all[5].before}: \\d+$`));
    await page.mouse.up();
    await page.waitForSelector("#chips li");
    const { searchParams } = new URL(page.url());
    assert.deepEqual([searchParams.get("after"), searchParams.get("before")], [all[2].after, all[5].before]);
  }));

test("a range is chosen by Shift and arrows, and shown by Enter", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}`);
    const all = await bars(page);
    await page.focus('.bar[tabindex="0"]');
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("Shift+ArrowLeft");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#chips li");
    const { searchParams } = new URL(page.url());
    assert.deepEqual([searchParams.get("after"), searchParams.get("before")], [all.at(-3).after, all.at(-1).before]);
  }));

test("the bars are one stop of the Tab key, and tell their counts where one is", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, `?q=${WORD}`);
    assert.equal(await page.locator('.bar[tabindex="0"]').count(), 1);
    await page.hover(".bar >> nth=0");
    assert.equal(await page.textContent(".timeline-told"), (await bars(page))[0].told);
    await page.focus('.bar[tabindex="0"]');
    assert.equal(await page.textContent(".timeline-told"), (await bars(page)).at(-1).told);
  }));

test("the shorter the period the finer the bars", () =>
  withPage({}, async (page) => {
    for (const [query, interval] of [
      [`?q=${WORD}&after=1990-05-10&before=1990-05-10`, "hour"],
      [`?q=${WORD}&after=1990-05-01&before=1990-05-31`, "day"],
      [`?q=${WORD}&after=1990-01-01&before=1990-12-31`, "week"],
      [`?q=${WORD}&after=1988-01-01&before=1992-12-31`, "month"],
    ]) {
      await openPage(page, origin, query);
      assert.equal(await page.textContent(".timeline-title").catch(() => ""), `Over time, by ${interval}`, query);
    }
  }));

try {
  await runTests();
} finally {
  await end();
}
