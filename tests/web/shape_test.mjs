// SPDX-License-Identifier: GPL-2.0-or-later
// How the page holds together: narrow and wide screens, long words, sizes of targets, contrast, shifts, axe's rules.

import assert from "node:assert/strict";
import { begin, openPage } from "./fixture.mjs";
import { runTests, test } from "./tap.mjs";

const { origin, withPage, end } = await begin();
const SHIFT_MAX = 0.05;
const VIEWS = ["", "?q=quillfeather&source=Test+Beta&section=nature", "?q=longwords", "?q=longwords&document=page-long", `?q=${"unbroken".repeat(30)}`, "?q=wobblegate", "?q=wobblegate&document=page-nasty", "?q=zindlefinch", "?q=brindlecove&document=page-copy-2&against=page-copy-0", "?document=page-long&against=page-nasty", "?q=quillfeather+xyzzyplugh", "?q=quillfeather+published:soon"];

// What sticks out of the screen, or is squeezed to less than a few letters.
const faults = () => {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} wide`);
  for (const element of document.querySelectorAll("body *")) {
    const { width, right, left, height } = element.getBoundingClientRect();
    if (width === 0 || height === 0 || element.closest(".unseen, .skip, .tick-name, [hidden], template, .bars")) continue;
    if (getComputedStyle(element).visibility === "hidden" || element.closest("details:not([open])")?.matches(".menu, .help")) continue;
    const name = `${element.tagName}.${element.className}`;
    const isWithin = element.closest("pre, .results, .suggestions, .help-panel");
    if ((right > innerWidth + 1 || left < -1) && !(isWithin && isWithin.scrollWidth > isWithin.clientWidth)) found.push(`${name} reaches from ${left} to ${right}`);
    const isText = element.matches(".hit-title, .snippet, .reading-title, .text p, .headline");
    if (isText && element.textContent.length > 20 && width < 180) found.push(`${name} is ${width} wide`);
  }
  return found;
};

for (const width of [320, 390, 640, 768, 1024, 1280, 1920, 2560]) {
  test(`nothing overflows or collapses at ${width} pixels`, () =>
    withPage({ viewport: { width, height: 740 }, allow: /status of 400/ }, async (page) => {
      for (const density of width === 390 || width === 1280 ? ["comfortable", "headlines", "table"] : ["comfortable"]) {
        for (const query of VIEWS) {
          await openPage(page, origin, `${query}${query ? "&" : "?"}list=${density}`);
          assert.deepEqual(await page.evaluate(faults), [], `${density} ${query}`);
        }
      }
    }));
}

// The browser's zoom of 200 % is half the width, which is above; this is text alone.
for (const width of [640, 1280]) {
  test(`nothing overflows or collapses at ${width} pixels with text twice as large`, () =>
    withPage({ viewport: { width, height: 740 }, allow: /status of 400/ }, async (page) => {
      for (const query of VIEWS) {
        await openPage(page, origin, query);
        await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
        assert.deepEqual(await page.evaluate(faults), [], query);
      }
    }));
}

test("nothing moves by itself where the reader wants no motion", () =>
  withPage({ reducedMotion: "reduce" }, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    const moving = await page.evaluate(() => {
      document.documentElement.setAttribute("data-busy", "");
      return [...document.querySelectorAll("*")].filter((element) => {
        const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
        return transitionDuration !== "0s" || animationName !== "none" || scrollBehavior === "smooth";
      }).length;
    });
    assert.equal(moving, 0);
  }));

test("suggestions are rows of one line, whatever the reading view's text is like", () =>
  withPage({}, async (page) => {
    await openPage(page, origin);
    await page.type("#q", "ferry");
    await page.waitForSelector("#suggestions:not([hidden]) .suggestion");
    const heights = await page.$$eval(".suggestion", (rows) => rows.map((row) => row.getBoundingClientRect().height));
    assert.ok(heights.every((height) => height >= 24 && height <= 40), String(heights));
  }));

test("on a touch screen every target is at least 24 pixels high and wide", () =>
  withPage({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }, async (page) => {
    for (const query of ["?q=quillfeather&source=Test+Beta", "?q=quillfeather&document=page-3"]) {
      await openPage(page, origin, query);
      const small = await page.evaluate(() => {
        for (const fold of document.querySelectorAll("details.fold")) fold.open = true;
        return [...document.querySelectorAll("a, button, input:not([type=hidden]), summary")]
          .filter((element) => element.checkVisibility() && !element.closest(".skip, .bars, h1 , h2, .unseen, .tick"))
          .map((element) => [element.textContent.trim() || element.id, element.getBoundingClientRect()])
          .filter(([, { width, height }]) => width > 0 && (width < 24 || height < 24))
          .map(([name, { width, height }]) => `${name}: ${width} × ${height}`);
      });
      assert.deepEqual(small, [], query);
    }
  }));

test("names that are heard are those that are seen", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    assert.equal(await page.locator("[data-key='source:Test Beta']").innerText().then((text) => text.replace(/\s+/g, " ")), "Test Beta 8");
    const differing = await page.$$eval("main [aria-label], aside [aria-label]", (found) =>
      found
        .filter((element) => element.matches("a, button") && /\w/.test(element.textContent))
        .filter((element) => !element.getAttribute("aria-label").includes(element.textContent.trim()))
        .map((element) => element.outerHTML),
    );
    assert.deepEqual(differing, []);
  }));

const luminance = ([red, green, blue]) => {
  const part = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
};
const contrast = (a, b) => {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
};

for (const colorScheme of ["light", "dark"]) {
  test(`bars and marks stand out from the ${colorScheme} page by 3 to 1`, () =>
    withPage({ colorScheme }, async (page) => {
      await openPage(page, origin, "?q=quillfeather");
      const [paper, bar, line] = await page.evaluate(() => {
        const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        const rgb = (color) => {
          canvas.fillStyle = color;
          canvas.fillRect(0, 0, 1, 1);
          return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
        };
        const style = getComputedStyle(document.documentElement);
        return [getComputedStyle(document.documentElement).backgroundColor, getComputedStyle(document.querySelector(".bar-fill")).backgroundColor, style.getPropertyValue("--mark-line")].map(rgb);
      });
      assert.ok(contrast(paper, bar) >= 3, `bars ${contrast(paper, bar)}`);
      assert.ok(contrast(paper, line) >= 3, `marks ${contrast(paper, line)}`);
    }));
}

for (const [width, height] of [
  [390, 844],
  [1280, 900],
]) {
  test(`at ${width} pixels nothing shifts while a page is opened, searched and read`, () =>
    withPage({ viewport: { width, height } }, async (page) => {
      await page.addInitScript(() => {
        window.shift = 0;
        new PerformanceObserver((entries) => {
          for (const entry of entries.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
        }).observe({ type: "layout-shift", buffered: true });
      });
      for (const query of ["", "?q=quillfeather", "?q=quillfeather&document=page-3", "?q=ferry&after=2024-01-01"]) {
        await openPage(page, origin, query);
        await page.waitForTimeout(300);
        const shift = await page.evaluate(() => window.shift);
        assert.ok(shift < SHIFT_MAX, `${query}: ${shift}`);
      }
    }));
}

test("an Arabic snippet begins and ends where its title does", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?q=zindlefinch");
    const [title, snippet] = await page.$$eval("[data-id=page-arabic] :is(.hit-title, .snippet)", (both) =>
      both.map((element) => element.getBoundingClientRect().right),
    );
    assert.ok(Math.abs(title - snippet) < 2, `${title} ${snippet}`);
  }));

// Where the words themselves stand, not their boxes.
const edges = (element) => {
  const range = document.createRange();
  range.selectNodeContents(element);
  const { left, right } = range.getBoundingClientRect();
  return { left, right };
};

for (const [id, side] of [
  ["page-arabic", "right"],
  ["page-japanese", "left"],
]) {
  test(`what stands beside a title of '${id}' begins at its ${side}, in the list and in the document`, () =>
    withPage({}, async (page) => {
      await openPage(page, origin, "?q=zindlefinch");
      const hit = page.locator(`[data-id=${id}]`);
      const title = await hit.locator(".hit-title").evaluate(edges);
      for (const beside of [".hit-origin .source", ".hit-meta > :first-child"]) {
        const found = await hit.locator(beside).evaluate(edges);
        assert.ok(Math.abs(found[side] - title[side]) < 2, `${beside}: ${found[side]}, title ${title[side]}`);
      }
      const time = await hit.locator("time").evaluate(edges);
      const source = await hit.locator(".source").evaluate(edges);
      assert.ok(side === "right" ? time.right < source.left : time.left > source.right, "the date follows the source");
      await openPage(page, origin, `?q=zindlefinch&document=${id}`);
      const heading = await page.locator("#reading-title").evaluate(edges);
      const origins = await page.locator(".reading-origin .source").evaluate(edges);
      assert.ok(Math.abs(origins[side] - heading[side]) < 2, `${origins[side]} ${heading[side]}`);
    }));

  test(`in a table the columns of '${id}' are where all have them`, () =>
    withPage({}, async (page) => {
      await openPage(page, origin, "?q=zindlefinch&list=table");
      const lefts = await page.$$eval("#hits > .hit time", (all) => all.map((time) => Math.round(time.getBoundingClientRect().left)));
      assert.equal(new Set(lefts).size, 1, lefts.join());
      assert.equal(await page.locator(`[data-id=${id}] time`).count(), 1);
    }));
}

test("names of filters stand at the left of their column, and clear of their counts", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?unfold=source");
    const rows = await page.$$eval("[data-facet=source] .value", (found) =>
      found.map((row) => {
        const range = document.createRange();
        range.selectNodeContents(row.querySelector(".name"));
        const name = range.getBoundingClientRect();
        const count = row.querySelector(".count").getBoundingClientRect();
        return { text: row.textContent, start: name.left - row.getBoundingClientRect().left, gap: count.left - name.right };
      }),
    );
    assert.ok(rows.some(({ text }) => /[\u0600-\u06ff]/.test(text)), "one of them is Arabic");
    for (const { text, start, gap } of rows) assert.ok(Math.abs(start) < 2 && gap >= 8, `${text}: ${start} ${gap}`);
  }));

test("a tag and a place of one name are told apart", () =>
  withPage({}, async (page) => {
    await openPage(page, origin, "?document=page-3");
    assert.deepEqual(await page.$$eval(".reading-foot .group-title", (all) => all.slice(0, 2).map((title) => title.textContent)), ["Topics", "To cite"]);
    await openPage(page, origin, "?document=page-long");
    assert.deepEqual(await page.$$eval(".reading-foot .group-title", (all) => all.slice(0, 3).map((title) => title.textContent)), ["Topics", "Places", "To cite"]);
  }));

test("a Japanese snippet takes no more lines than another, and nothing is slanted", () =>
  withPage({ viewport: { width: 390, height: 844 } }, async (page) => {
    await openPage(page, origin, "?q=zindlelong");
    const lines = await page.$eval("[data-id=page-japanese-long] .snippet", (element) =>
      Math.round(element.getBoundingClientRect().height / parseFloat(getComputedStyle(element).lineHeight)),
    );
    assert.ok(lines <= 4, `${lines} lines`);
    const slanted = await page.$$eval("body *", (all) => all.filter((element) => getComputedStyle(element).fontStyle === "italic").length);
    assert.equal(slanted, 0);
  }));

test("marks are told apart from text without colours of the page", () =>
  withPage({ forcedColors: "active" }, async (page) => {
    await openPage(page, origin, "?q=quillfeather");
    const [mark, text] = await page.evaluate(() =>
      [document.querySelector(".snippet mark"), document.querySelector(".snippet")].map((element) => getComputedStyle(element).backgroundColor),
    );
    assert.notEqual(mark, text);
  }));

const axe = await import("axe-core").then(
  ({ default: { source } }) => source,
  () => null,
);
const STATES = [
  ["the first view", "", null],
  ["results with filters", "?q=quillfeather&source=Test+Beta&section=nature", null],
  ["a table", "?q=quillfeather&list=table", null],
  ["headlines", "?q=quillfeather&list=headlines", null],
  ["a document with marks", "?q=quillfeather&document=page-3", null],
  ["versions compared", "?q=brindlecove&document=page-copy-2&against=page-copy-0", null],
  ["Arabic and Japanese", "?q=zindlefinch", null],
  ["nothing found", "?q=quillfeather+xyzzyplugh", null],
  ["a broken query", "?q=quillfeather+published:soon", null],
  ["a document that is not there", "?document=nowhere", null],
  ["an unfolded filter", "?q=quillfeather&unfold=tag", null],
  ["stories once", "?q=brindlecove", null],
  ["a story's copies", "?q=brindlecove", async (page) => {
    await page.click("#hits .copies");
    await page.waitForSelector(".copy-list .hit");
  }],
  ["help", "?q=quillfeather", (page) => page.keyboard.press("?")],
  ["the view menu", "?q=quillfeather", (page) => page.click("#view-menu > summary")],
  ["kept searches", "?q=quillfeather", (page) => page.click("#kept-menu > summary")],
  ["ticked hits", "?q=quillfeather", (page) => page.click(".tick-box >> nth=0")],
  ["a chosen period", "?q=quillfeather&after=2001-02-01&before=2001-02-28", null],
  ["suggestions", "", async (page) => {
    await page.type("#q", "ferry");
    await page.waitForSelector("#suggestions:not([hidden])");
  }],
];

for (const colorScheme of ["light", "dark"]) {
  for (const width of [390, 1280]) {
    test(`axe finds nothing in any state, ${colorScheme}, ${width} pixels`, () =>
      withPage({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true, allow: /status of 404/ }, async (page) => {
        assert.ok(axe, "axe-core is not installed: run 'npm ci' in tests/web");
        for (const [name, query, prepare] of STATES) {
          const looks = query.includes("list=") ? "" : `${query ? "&" : "?"}list=comfortable`;
          await openPage(page, origin, query + looks);
          await prepare?.(page);
          await page.evaluate(axe);
          const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
          const told = violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
          assert.deepEqual(told, [], name);
        }
      }));
  }
}

try {
  await runTests();
} finally {
  await end();
}
