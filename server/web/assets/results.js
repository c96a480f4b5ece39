// SPDX-License-Identifier: GPL-2.0-or-later
// The list of results: what each hit shows, how many there are, and the way to the pages beside this one.

import {
  asList,
  el,
  formatNumber,
  languageTag,
  markedNodes,
  markedPieces,
  safeUrl,
  timeElement,
} from "./dom.js";
import {
  LISTS,
  OFFSET_MAX,
  addressOf,
  changed,
  pageSize,
  pageStart,
  similarTo,
  withFilter,
} from "./state.js";

const COPY_SOURCES_MAX = 3; // named beside a hit

// A link that the page follows itself; opened in a new tab it is an ordinary address.
export function goLink(address, attributes, ...children) {
  return el("a", { href: address, "data-go": true, ...attributes }, ...children);
}

// A document's name: its title, or the beginning of its text where it has none.
export function headlineOf(fields, id) {
  const words = fields.title || fields.summary || fields.body || id || "";
  const characters = Array.from(words.trim());
  return fields.title || characters.length <= 100
    ? words.trim()
    : `${characters.slice(0, 100).join("").trim()}…`;
}

// The title with its marks. The API may return a fragment of a long title: the rest is put back around it.
function titleNodes(hit) {
  const headline = headlineOf(hit.document, hit.id);
  const fragment = asList(hit.highlights?.title)[0];
  if (!fragment || !hit.document.title) return [headline];
  const plain = markedPieces(fragment)
    .map((piece) => piece.text)
    .join("");
  const at = headline.indexOf(plain);
  if (at < 0) return markedNodes(fragment);
  return [headline.slice(0, at), ...markedNodes(fragment), headline.slice(at + plain.length)];
}

const hasMark = (fragment) => fragment.includes("<mark>");

// What shows best why a hit is a hit: the body's fragments with marks, else the summary, else how the body begins.
function fragmentsOf(hit) {
  const body = asList(hit.highlights?.body);
  if (body.some(hasMark)) return body.filter(hasMark);
  const summary = asList(hit.highlights?.summary);
  return summary.length > 0 || hit.document.summary ? summary : body;
}

// Fragments follow each other in the text's order; one that is cut off within a sentence brings its own ellipsis.
function joinFragments(fragments) {
  const joined = fragments.map((fragment, index) => {
    if (index === 0) return fragment;
    if (fragments[index - 1].endsWith("…")) return ` ${fragment.replace(/^…\s*/, "")}`;
    return fragment.startsWith("…") ? ` ${fragment}` : ` … ${fragment}`;
  });
  return markedNodes(joined.join(""));
}

function snippetOf(hit, language) {
  const fragments = fragmentsOf(hit);
  const nodes = fragments.length > 0 ? joinFragments(fragments) : [hit.document.summary].filter(Boolean);
  return nodes.length > 0 ? el("p", { class: "snippet", dir: "auto", lang: language }, nodes) : null;
}

// The authors, each with its marks where a word of the query is in the name.
function authorNodes(hit) {
  const marked = new Map(asList(hit.highlights?.author).map((name) => [markedPieces(name).map(({ text }) => text).join(""), name]));
  return asList(hit.document.author).flatMap((name, index) => [
    index > 0 && ", ",
    ...(marked.has(name) ? markedNodes(marked.get(name)) : [name]),
  ]);
}

// Source and section over a headline; what is not known is left out with its separator.
export function kicker(fields) {
  const parts = [fields.source, ...asList(fields.section)].filter(Boolean);
  return parts.map((part, index) =>
    el("span", { class: index > 0 ? "section" : "source", dir: "auto" }, part),
  );
}

export function originalLink(fields) {
  const url = safeUrl(fields.url);
  if (!url) return null;
  const host = url.hostname.replace(/^www\./, "");
  return el("a", { href: url.href, rel: "noopener noreferrer", class: "original" }, `Original at ${host}`);
}

export function similarLink(id) {
  return goLink(addressOf(similarTo(id)), { class: "similar", "data-top": true }, "Similar");
}

// The sources of a hit's copies, without the hit itself: "AP, AFP".
function otherSources({ sources }, own) {
  const others = sources.filter(({ value, count }) => value !== own || count > 1).map(({ value }) => value);
  const named = others.slice(0, COPY_SOURCES_MAX).join(", ");
  return others.length > COPY_SOURCES_MAX ? `${named} …` : named;
}

// What else a hit of a collapsed search stands for, as a link that lists it all; a list's values can't be asked for.
function copiesLink(hit, state) {
  const { key, count } = hit.collapsed ?? { count: 1 };
  if (count < 2) return null;
  const sources = otherSources(hit.collapsed, hit.document.source);
  const words = [`+${formatNumber(count - 1)} more`];
  if (sources) words.push(" in ", el("span", { dir: "auto" }, sources));
  const plain = { ...state, collapse: "" };
  const isOneValue = LISTS.includes(state.collapse) && !key.includes("\u001f");
  const next = isOneValue ? withFilter(plain, state.collapse, key) : null;
  return next
    ? goLink(addressOf(next), { class: "copies", "data-top": true }, words)
    : el("span", { class: "copies" }, words);
}

function hitElement(hit, state) {
  const fields = hit.document ?? {};
  const language = languageTag(fields.language);
  const authors = authorNodes({ ...hit, document: fields });
  const address = addressOf({ ...state, document: hit.id });
  const foot = [
    authors.length > 0 && el("span", { class: "author", dir: "auto" }, authors),
    originalLink(fields),
    similarLink(hit.id),
    copiesLink({ ...hit, document: fields }, state),
  ];
  return el(
    "li",
    { class: "hit", "data-id": hit.id },
    el("p", { class: "kicker" }, kicker(fields), timeElement(fields.published)),
    el(
      "h2",
      { dir: "auto", lang: language },
      goLink(address, { class: "title" }, titleNodes({ ...hit, document: fields })),
    ),
    snippetOf({ ...hit, document: fields }, language),
    el("p", { class: "meta" }, foot),
  );
}

export function renderHits(list, answer, state) {
  const hits = answer?.hits ?? [];
  list.setAttribute("start", pageStart(state) + 1);
  list.replaceChildren(...hits.map((hit) => hitElement(hit, state)));
}

// "11–20 of 1,234", "no results": read out when it changes.
export function countText(answer, state) {
  const { value, relation } = answer.total;
  if (value === 0) return "No results";
  if (value === 1 && relation === "eq" && answer.hits.length === 1) return "1 result";
  const total = (relation === "eq" ? "" : "about ") + formatNumber(value);
  if (answer.hits.length === 0) return `None on this page, ${total} in all`;
  const first = pageStart(state) + 1;
  const last = first + answer.hits.length - 1;
  const partly = answer.timed_out ? ", found before time ran out" : "";
  if (state.collapse) return `${formatNumber(first)}–${formatNumber(last)}, from ${total} documents${partly}`;
  return `${formatNumber(first)}–${formatNumber(last)} of ${total}${partly}`;
}

function pageLink(state, start, name, relation) {
  const address = addressOf(changed(state, { offset: start > 0 ? String(start) : "" }));
  return goLink(address, { rel: relation, "data-top": true }, name);
}

export function renderPager(nav, answer, state) {
  const size = pageSize(state);
  const start = pageStart(state);
  const counted = answer.total.relation === "eq" && !state.collapse; // a collapsed search counts documents, and not hits
  const more =
    counted ? start + size < answer.total.value : answer.hits.length === size && answer.next !== null;
  const tooDeep = more && start + size > OFFSET_MAX;
  nav.replaceChildren(
    ...[
      start > 0 && pageLink(state, Math.max(0, start - size), "← Previous", "prev"),
      answer.hits.length > 0 && el("span", { class: "place" }, countText(answer, state)),
      more && !tooDeep && pageLink(state, start + size, "Next →", "next"),
      tooDeep && el("span", {}, "Results further down can’t be paged to: narrow the search."),
    ].filter(Boolean),
  );
  nav.hidden = start === 0 && !more;
}
