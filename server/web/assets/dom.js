// SPDX-License-Identifier: GPL-2.0-or-later
// Building blocks of the page's elements. Text from the archive becomes text nodes and attribute values, never markup:
// no other module has a way to make elements, so that a document's words can't become a part of the page's code.

// An element with attributes and children. null, undefined and false leave an attribute or a child out.
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  // One by one: a long text has more paragraphs than a call may have arguments.
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

// Run a function that replaces elements. Where it takes away the one that has the focus, the focus goes to what is now
// in its place (the same data-key), else to the results: a reader by keyboard isn't thrown back to the page's top.
export function keepFocus(replace) {
  const active = document.activeElement;
  replace();
  if (!active || active.isConnected) return;
  const same = active.dataset.key && document.querySelector(`[data-key="${CSS.escape(active.dataset.key)}"]`);
  (same || byId("main")).focus({ preventScroll: true });
}

const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decodeEntity(whole, name) {
  if (NAMED[name]) return NAMED[name];
  const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

export function unescapeHtml(text) {
  return text.replace(/&(amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-f]{1,6});/gi, decodeEntity);
}

// A highlight as pieces {text, marked}. The API's default format (html) is read, and not text with marks of our own:
// in it a document's "<" always comes escaped, so "<mark>" can be nothing but a mark, while any character chosen as a
// mark may stand in a document. Anything unexpected ends up as visible text, since only text nodes are made of it.
export function markedPieces(html) {
  const pieces = [];
  let marked = false;
  for (const part of html.split(/(<\/?mark>)/)) {
    if (part === "<mark>") marked = true;
    else if (part === "</mark>") marked = false;
    else if (part) pieces.push({ text: unescapeHtml(part), marked });
  }
  return pieces;
}

export function markedNodes(html) {
  return markedPieces(html).map(({ text, marked }) => (marked ? el("mark", {}, text) : text));
}

// A value for `lang`, or null for what is no language tag or says that the language is not known.
export function languageTag(language) {
  if (!language || language === "und") return null;
  try {
    return Intl.getCanonicalLocales(language)[0];
  } catch {
    return null;
  }
}

// The address if it is one that a link may lead to: a document can't smuggle in "javascript:".
export function safeUrl(text) {
  if (typeof text !== "string") return null;
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url : null;
  } catch {
    return null;
  }
}

export function asList(value) {
  if (value === null || value === undefined || value === "") return [];
  return Array.isArray(value) ? value : [value];
}

const numbers = new Intl.NumberFormat();
export function formatNumber(value) {
  return numbers.format(value);
}

const withTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const dateAlone = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });

// <time> in the reader's own way of writing dates. Midnight UTC is how a date without a time is kept; shown in the
// reader's time zone it would be the day before for half the world.
export function timeElement(rfc3339) {
  const date = new Date(rfc3339);
  if (!rfc3339 || Number.isNaN(date.getTime())) return null;
  const midnight = date.getTime() % 86400000 === 0;
  return el("time", { datetime: rfc3339, title: rfc3339 }, (midnight ? dateAlone : withTime).format(date));
}
