// SPDX-License-Identifier: GPL-2.0-or-later
// Pictures of documents: loaded from the hosts that the settings allow, and from no other, since a picture tells its
// server who reads.

import assert from "node:assert/strict";
import { begin, index, openPage, startServer } from "./fixture.mjs";
import { runTests, test } from "./tap.mjs";

const SHIFT_MAX = 0.05;
// Eight by four pixels of grey.
const PICTURE = Buffer.from(
  "R0lGODlhCAAEAIAAAICAgAAAACH5BAAAAAAALAAAAAAIAAQAAAIGhI+py+0FADs=",
  "base64",
);
const document = (id, image) => ({ id, title: `Picturebook ${id}`, body: "A text below it.\n\nAnd more.", language: "en", image });
const DOCUMENTS = [
  document("allowed", { url: "https://pictures.example/ferry.gif?a=1&b=2", alt: 'The "ferry" <b>at sea</b>' }),
  document("without-words", "https://pictures.example/ferry.gif"),
  document("elsewhere", { url: "https://elsewhere.example/ferry.gif", alt: "The ferry" }),
];

const { origin, withPage, end } = await begin({ LEDE_SERVER_IMAGE_HOSTS: "pictures.example" });
const plain = await startServer();
for (const place of [origin, plain.origin]) await index(place, DOCUMENTS.map((one) => JSON.stringify(one)).join("\n"));

// Answers for all servers of pictures, and notes what they are asked for.
async function noteAsked(page, wait_ms = 0) {
  const asked = [];
  await page.route(/^https:/, async (route) => {
    asked.push(route.request().url());
    await new Promise((resolve) => setTimeout(resolve, wait_ms));
    await route.fulfill({ contentType: "image/gif", body: PICTURE });
  });
  return asked;
}

test("a picture of a host that is allowed is shown, with its words", () =>
  withPage({}, async (page) => {
    const asked = await noteAsked(page);
    await openPage(page, origin, "?document=allowed");
    await page.waitForFunction(() => globalThis.document.querySelector(".picture img").naturalWidth === 8);
    assert.deepEqual(asked, ["https://pictures.example/ferry.gif?a=1&b=2"]);
    assert.equal(await page.getAttribute(".picture img", "alt"), 'The "ferry" <b>at sea</b>');
    assert.equal(await page.getByRole("img", { name: 'The "ferry" <b>at sea</b>' }).count(), 1);
    await openPage(page, origin, "?document=without-words");
    assert.equal(await page.getAttribute(".picture img", "alt"), "");
  }));

test("its server is not told what is read", () =>
  withPage({}, async (page) => {
    let headers = null;
    await page.route(/^https:/, async (route) => {
      headers = await route.request().allHeaders();
      await route.fulfill({ contentType: "image/gif", body: PICTURE });
    });
    await openPage(page, origin, "?document=allowed");
    await page.waitForFunction(() => globalThis.document.querySelector(".picture img").naturalWidth === 8);
    assert.equal(headers.referer, undefined);
  }));

for (const [name, place, id] of [
  ["of another host", () => origin, "elsewhere"],
  ["where the settings allow none", () => plain.origin, "allowed"],
]) {
  test(`a picture ${name} is neither shown nor asked for`, () =>
    withPage({}, async (page) => {
      const asked = await noteAsked(page);
      await openPage(page, place(), `?document=${id}`);
      assert.match(await page.textContent("#reading-title"), /Picturebook/);
      assert.equal(await page.locator("#reading img").count(), 0);
      assert.deepEqual(asked, []);
    }));
}

test("the policy follows the setting", async () => {
  const policy = async (place) => (await fetch(`${place}/?document=allowed`)).headers.get("content-security-policy");
  assert.match(await policy(origin), /img-src 'self' https:\/\/pictures\.example(;|$)/);
  assert.match(await policy(plain.origin), /img-src 'self'(;|$)/);
});

test("the browser holds to the policy, whatever is in the page", () =>
  withPage({ allow: /Content Security Policy/ }, async (page) => {
    const asked = await noteAsked(page);
    const load = (address) =>
      page.evaluate(
        (src) =>
          new Promise((resolve) => {
            const image = Object.assign(new Image(), { onload: () => resolve("loaded"), onerror: () => resolve("refused") });
            image.src = src;
          }),
        address,
      );
    await openPage(page, origin, "?document=allowed");
    assert.equal(await load("https://pictures.example/x.gif"), "loaded");
    assert.equal(await load("https://elsewhere.example/x.gif"), "refused");
    await openPage(page, plain.origin, "?document=allowed");
    assert.equal(await load("https://pictures.example/x.gif"), "refused");
    assert.ok(!asked.some((address) => address.includes("elsewhere")), asked.join("\n"));
  }));

for (const width of [390, 1280]) {
  test(`at ${width} pixels nothing moves when a picture comes late`, () =>
    withPage({ viewport: { width, height: 844 } }, async (page) => {
      await noteAsked(page, 500);
      await page.addInitScript(() => {
        window.shift = 0;
        new PerformanceObserver((entries) => {
          for (const entry of entries.getEntries()) window.shift += entry.value;
        }).observe({ type: "layout-shift", buffered: true });
      });
      await openPage(page, origin, "?document=allowed");
      await page.waitForFunction(() => globalThis.document.querySelector(".picture img").naturalWidth === 8);
      await page.waitForTimeout(200);
      const shift = await page.evaluate(() => window.shift);
      assert.ok(shift < SHIFT_MAX, String(shift));
    }));
}

try {
  await runTests();
} finally {
  await end();
  await plain.stop();
}
