// SPDX-License-Identifier: GPL-2.0-or-later
// The page's parts that need no browser: text in, text out.

import assert from "node:assert/strict";
import { runTests, test } from "./tap.mjs";
import {
  addressOf,
  emptyState,
  parseState,
  withFilter,
  withoutFilter,
} from "../../server/web/assets/state.js";
import { indexOfByte, paragraphs, wordsAlone } from "../../server/web/assets/words.js";
import { markedPieces, safeUrl } from "../../server/web/assets/dom.js";

test("operators, fields and punctuation go, words stay", () => {
  assert.equal(
    wordsAlone('title:harbour AND ("night shift" OR econ*)^3 NEAR/5 zelenski~2'),
    "harbour night shift econ zelenski",
  );
});
test("names keep their inner marks", () => {
  assert.equal(wordsAlone("O'Brien (AT&T COVID-19 3.5 al-Qaida"), "O'Brien AT&T COVID-19 3.5 al-Qaida");
});
test("what was to be excluded is not looked for", () => {
  assert.equal(wordsAlone('tarn -grain NOT ferry ("port'), "tarn port");
});
test("a unit goes with its SAME, and date ranges go", () => {
  assert.equal(wordsAlone("a SAME s b published:2022-01-01..x )"), "a b");
});
test("words of every script stay", () => {
  assert.equal(wordsAlone('"港湾 (ميناء Škoda'), "港湾 ميناء Škoda");
});
test("a query of punctuation alone has no words", () => {
  assert.equal(wordsAlone('"(((* -'), "");
});
test("a byte offset finds its character after characters of two, three and four bytes", () => {
  assert.equal(indexOfByte("é(", 2), 1);
  assert.equal(indexOfByte("港(", 3), 1);
  assert.equal(indexOfByte("😀(", 4), 2);
});
test("a byte offset past the end is the end", () => {
  assert.equal(indexOfByte("abc", 99), 3);
});
test("blank lines part paragraphs", () => {
  assert.deepEqual(paragraphs("One.\n\n \nTwo.\r\n\r\nThree."), [["One."], ["Two."], ["Three."]]);
});
test("lines wrapped by a machine are joined up to the end of a sentence", () => {
  assert.deepEqual(paragraphs("a first line that is wrapped\nand goes on here.\nA second one."), [
    ["a first line that is wrapped and goes on here."],
    ["A second one."],
  ]);
});
test("short lines keep their breaks", () => {
  assert.deepEqual(paragraphs("Shr 34 cts\nNet 4.1 mln\nRevs a much longer line than those"), [
    ["Shr 34 cts", "Net 4.1 mln", "Revs a much longer line than those"],
  ]);
});
test("a stray break within a sentence is mended, however short its line", () => {
  assert.deepEqual(paragraphs("left Russia\ntwo weeks after the long and tiring talks."), [
    ["left Russia two weeks after the long and tiring talks."],
  ]);
});
test("Japanese lines are joined without a space", () => {
  assert.deepEqual(paragraphs("九日ぶりに再\n開した。"), [["九日ぶりに再開した。"]]);
});
test("a text of three hundred thousand lines has its paragraphs", () => {
  assert.equal(paragraphs("A line.\n".repeat(300000)).length, 300000);
});
test("an empty body has no paragraphs", () => {
  assert.deepEqual(paragraphs("\n \n"), []);
});
test("marks become pieces and entities characters", () => {
  assert.deepEqual(markedPieces("a &lt;b&gt; <mark>c &amp;amp;</mark> &#39;&quot;"), [
    { text: "a <b> ", marked: false },
    { text: "c &amp;", marked: true },
    { text: " '\"", marked: false },
  ]);
});
test("markup other than marks stays text", () => {
  assert.deepEqual(markedPieces("<b>x</b>"), [{ text: "<b>x</b>", marked: false }]);
});
test("only http and https addresses are links", () => {
  for (const bad of [
    "javascript:alert(1)",
    " JaVaScRiPt:x",
    "data:text/html,x",
    "//x",
    "/x",
    "",
    null,
    7,
    "file:///etc/passwd",
  ])
    assert.equal(safeUrl(bad), null);
  assert.equal(safeUrl("https://example.org/a").href, "https://example.org/a");
});
test("a state and its address are each other's inverse", () => {
  const address = "?q=a+%26+b&after=2022-01-01&source=AP&source=-Reuters&limit=25&offset=50";
  assert.equal(addressOf(parseState(address)), address);
});
test("commas and repetition in an address mean the same", () => {
  assert.deepEqual(parseState("?tag=a,b").tag, parseState("?tag=a&tag=b").tag);
});
test("a comma within a value survives the address", () => {
  const state = withFilter(parseState("?author=Roe"), "author", "Doe, Jane");
  assert.deepEqual(parseState(addressOf(state)).author, ["Roe", "Doe, Jane"]);
});
test("parameters that are not the API's are left out of the address", () => {
  assert.equal(addressOf(parseState("?q=a&utm_source=x&limit=-4&offset=zzz")), "?q=a");
});
test("choosing a value after excluding it includes it", () => {
  const excluded = withFilter(emptyState(), "source", "AP", true);
  assert.deepEqual(excluded.source, ["-AP"]);
  assert.deepEqual(withFilter(excluded, "source", "AP").source, ["AP"]);
  assert.deepEqual(withoutFilter(excluded, "source", "AP").source, []);
});
test("a value that a filter's list can't hold is asked for in the query", () => {
  const next = withFilter(parseState("?q=port&offset=20"), "author", "-30-");
  assert.equal(next.q, 'port author:"-30-"');
  assert.equal(next.offset, "");
});

await runTests();
