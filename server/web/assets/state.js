// SPDX-License-Identifier: GPL-2.0-or-later
// The page's state is its address: the query string holds the API's own parameters under the API's own names, and
// "document" for the document that is being read, "similar" for the one that the results are like. Every function here is pure: a state goes in, a new one comes out.

// The filters, and what the page calls them.
export const FILTERS = {
  source: "Source",
  section: "Section",
  author: "Author",
  tag: "Tag",
  lang: "Language",
  place: "Place",
  person: "Person",
  organisation: "Organisation",
  story: "Story",
};
export const LISTS = Object.keys(FILTERS);
const SCALARS = [
  "q",
  "match",
  "in",
  "after",
  "before",
  "sort",
  "recency",
  "collapse",
  "spell",
  "limit",
  "offset",
];
export const LIMIT_DEFAULT = 10;
const LIMIT_MAX = 100; // hits on one page of this page, not of the API
export const OFFSET_MAX = 10000; // the API's

export function emptyState() {
  const state = { document: "", similar: "" };
  for (const name of SCALARS) state[name] = "";
  for (const name of LISTS) state[name] = [];
  return state;
}

function wholeNumber(text, fallback, max) {
  return /^\d{1,6}$/.test(text) ? Math.min(Number(text), max) : fallback;
}

export function pageSize(state) {
  return wholeNumber(state.limit, LIMIT_DEFAULT, LIMIT_MAX) || LIMIT_DEFAULT;
}

export function pageStart(state) {
  return wholeNumber(state.offset, 0, OFFSET_MAX);
}

// A list's values are parted by commas; one within a value is written "\,".
function listValues(text) {
  return text.split(/(?<!\\),/).map((value) => value.replaceAll("\\,", ","));
}

// Parameters that aren't the API's (a link's "utm_source") are left out: the API would refuse them.
export function parseState(queryString) {
  const parameters = new URLSearchParams(queryString);
  const state = emptyState();
  for (const name of SCALARS) state[name] = (parameters.get(name) ?? "").trim();
  for (const name of LISTS) {
    const values = parameters.getAll(name).flatMap(listValues);
    state[name] = [...new Set(values.map((value) => value.trim()).filter((value) => value.length > 0))];
  }
  state.similar = parameters.get("similar") ?? "";
  state.document = parameters.get("document") ?? "";
  return state;
}

// The parameters of the search that a state stands for; what equals the default is left out.
export function searchParameters(state) {
  const parameters = new URLSearchParams();
  for (const name of SCALARS) {
    if (state[name] && name !== "limit" && name !== "offset") parameters.set(name, state[name]);
  }
  for (const name of LISTS)
    for (const value of state[name]) parameters.append(name, value.replaceAll(",", "\\,"));
  if (pageSize(state) !== LIMIT_DEFAULT) parameters.set("limit", pageSize(state));
  if (pageStart(state) > 0) parameters.set("offset", pageStart(state));
  return parameters;
}

// The state's address, relative to the page, so that Lede also works under a path behind a proxy.
export function addressOf(state) {
  const parameters = searchParameters(state);
  if (state.similar) parameters.set("similar", state.similar);
  if (state.document) parameters.set("document", state.document);
  const query = parameters.toString();
  return query ? `?${query}` : "./";
}

// What is like a document, whatever was searched for before.
export function similarTo(id) {
  return { ...emptyState(), similar: id };
}

// A changed search starts at its first page and shows results.
export function changed(state, changes) {
  return { ...state, offset: "", document: "", ...changes };
}

// A filter reads a leading "-" as "not" and trims spaces: a value that has them is asked for in the query instead.
function fitsList(value) {
  return !value.startsWith("-") && value.trim() === value;
}

function clauseFor(name, value, exclude) {
  const quoted = `"${value.replace(/["\\]/g, " ").trim()}"`;
  return `${exclude ? "-" : ""}${name}:${quoted}`;
}

export function withFilter(state, name, value, exclude = false) {
  if (!fitsList(value)) return changed(state, { q: `${state.q} ${clauseFor(name, value, exclude)}`.trim() });
  const others = state[name].filter((held) => held !== value && held !== `-${value}`);
  return changed(state, { [name]: [...others, exclude ? `-${value}` : value] });
}

export function withoutFilter(state, name, value) {
  return changed(state, { [name]: state[name].filter((held) => held !== value && held !== `-${value}`) });
}

export function withoutFilters(state) {
  const { q, sort, limit, similar } = state;
  return { ...emptyState(), q, sort, limit, similar };
}

export function hasFilters(state) {
  const scalar = ["match", "in", "after", "before", "recency", "collapse"].some((name) => state[name]);
  return scalar || LISTS.some((name) => state[name].length > 0);
}
