// SPDX-License-Identifier: GPL-2.0-or-later
// What the page itself must know of the query language and of text: the words alone of a query that could not be
// understood, the place of an error in it, and the paragraphs of a document's body.

// The words of a query without its operators. What the query wanted excluded is left out rather than looked for.
export function wordsAlone(query) {
  const words = [];
  let excluded = false;
  for (const token of query.split(/[\s()"“”]+/u)) {
    if (/^(NOT|-)$/.test(token)) {
      excluded = true;
      continue;
    }
    if (!token || /^(AND|OR|[+|&]+|(NEAR|ADJ)(\/\d*)?|SAME|published:.*)$/.test(token)) continue;
    if (!excluded && !token.startsWith("-")) words.push(...plainWords(token));
    excluded = false;
  }
  // "a SAME s b": the unit goes with its operator.
  return (/\bSAME\s+[sp]\s/.test(query) ? words.filter((word) => word !== "s" && word !== "p") : words).join(
    " ",
  );
}

function plainWords(token) {
  const text = token
    .replace(/^\+?(title|author|summary|body|source|section|tag|place|person|organisation|url):/i, "")
    .replace(/[~^][\d.]*$/, "");
  return text.match(/[\p{L}\p{M}\p{N}]+(?:['’&.@_/-][\p{L}\p{M}\p{N}]+)*/gu) ?? [];
}

// The index into a JavaScript string of the character at a byte offset of its UTF-8, which is what the API counts in.
export function indexOfByte(text, byteOffset) {
  const head = new TextEncoder().encode(text).subarray(0, byteOffset);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(head, { stream: true }).length;
}

const SENTENCE_END = /[.!?…:;。！？」』؟۔](["'”’»)\]]*)$/u;
const GOES_ON = /^[\p{Ll}\p{Lo}]/u; // a small letter, or one of a script that has no capitals
const CJK_EDGE = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;

// A body's paragraphs, each a list of lines. Blank lines part paragraphs. Within a block, news texts are often wrapped
// at a width by the machine that sent them: a line that ends a sentence ends a paragraph, a line that is far shorter
// than the widest keeps its break where the next one starts anew (a table, a list), and all others are joined.
export function paragraphs(body) {
  return body.split(/\r?\n[ \t]*(?:\r?\n[ \t]*)+|\u2029/u).flatMap(blockParagraphs);
}

function blockParagraphs(block) {
  const lines = block
    .split(/\r\n?|\n|\u2028/u)
    .map((line) => line.trim())
    .filter((line) => line.length > 0);
  const widest = lines.reduce((most, line) => Math.max(most, line.length), 0);
  const result = [];
  let open = null;
  let last = "";
  for (const line of lines) {
    if (!open || SENTENCE_END.test(last)) result.push((open = [line]));
    else if (last.length < widest / 2 && !GOES_ON.test(line)) open.push(line);
    else open[open.length - 1] += (CJK_EDGE.test(line) ? "" : " ") + line;
    last = line;
  }
  return result;
}
