// SPDX-License-Identifier: GPL-2.0-or-later
// The search page's conductor: address -> state -> search -> what is shown. Everything the reader does changes the
// address, and everything shown follows from it: that is what makes the back button and shared links work.

import { Problem, countsToChooseFrom, exportAddress, fetchDocument, fetchFile, search } from "./api.js";
import { byId, el, keepFocus } from "./dom.js";
import { renderChips, renderFilters } from "./filters.js";
import { forgetButton, key } from "./key.js";
import { listenToKeys } from "./keyboard.js";
import { clearProblem, renderEmpty, renderHints, renderProblem } from "./notices.js";
import { renderReading, renderReadingProblem } from "./reading.js";
import { countText, goLink, headlineOf, renderHits, renderPager } from "./results.js";
import { listenToSuggestions } from "./suggest.js";
import { addressOf, changed, emptyState, parseState } from "./state.js";
import { wordsAlone } from "./words.js";

const RETRIES_MAX = 5;

let state = parseState(location.search);
let shown = { key: null, ids: [] }; // the search whose results are on the screen
let searching = null; // AbortController of the running search: an older one's late answer is dropped
let reading = null; // the same for the document
let retryTimer = null;

const keyOf = (of) => addressOf({ ...of, document: "" });

function setBusy(busy) {
  byId("results").setAttribute("aria-busy", String(busy));
  byId("aside").setAttribute("aria-busy", String(busy));
}

function showForm() {
  byId("q").value = state.q;
  const sort = byId("sort");
  sort.querySelector("[value=relevance]").disabled = !isRanked();
  sort.value = state.sort || (isRanked() ? "relevance" : "newest");
  byId("once").checked = state.collapse === "story";
  byId("headline").textContent = headlineText();
  byId("headline").classList.toggle("query", state.q !== "" && !state.similar);
}

// By relevance, unless another order is chosen.
function isRanked() {
  return state.q !== "" || state.similar !== "";
}

function headlineText() {
  if (state.similar) return "Similar documents";
  return state.q || (state.sort === "oldest" ? "Oldest news" : "Latest news");
}

// What the results are like is known by its title, once it is there.
async function showLike(signal) {
  const { similar } = state;
  const like = await fetchDocument(similar, signal).catch(() => null);
  if (!like || signal.aborted || state.similar !== similar) return;
  const link = goLink(addressOf({ ...emptyState(), document: similar }), { dir: "auto" }, headlineOf(like, similar));
  byId("headline").replaceChildren("Similar to “", link, "”");
}

// A reader of feeds has no key of this tab: with one there are no links to feeds, and the others are fetched.
function showExports() {
  const links = [
    [".atom", "Atom"],
    [".rss", "RSS"],
    [".csv", "CSV"],
    ["", "JSON"],
  ].filter(([extension]) => (!state.similar || !extension) && (!key() || ["", ".csv"].includes(extension)));
  const parts = links.flatMap(([extension, name]) => [
    " ",
    el("a", { href: exportAddress(state, extension), "data-file": key() && `search${extension || ".json"}` }, name),
  ]);
  byId("exports").replaceChildren("This search as", ...parts, ...(key() ? [" ", forgetButton(() => location.reload())] : []));
}

async function saveFile(link) {
  try {
    const address = URL.createObjectURL(await fetchFile(link.href));
    el("a", { href: address, download: link.dataset.file }).click();
    URL.revokeObjectURL(address);
  } catch (error) {
    showProblem(asProblem(error), RETRIES_MAX);
  }
}

function showNothing(text) {
  byId("status").textContent = text;
  for (const id of ["hits", "hints", "empty", "pager"]) byId(id).replaceChildren();
}

async function showAnswer(answer, asked, signal) {
  byId("status").textContent = countText(answer, asked);
  keepFocus(() => {
    renderChips(state);
    renderHits(byId("hits"), answer, state);
    renderHints(answer, state);
    renderEmpty(answer, asked);
    renderPager(byId("pager"), answer, state);
  });
  byId("results").setAttribute("aria-busy", "false");
  const counts = await countsToChooseFrom(asked, answer, signal);
  if (!signal.aborted) keepFocus(() => renderFilters(state, counts));
}

// A query that can't be understood is searched for by its words alone, and the reader is told.
async function fallBack(problem, signal) {
  const words = problem.type.endsWith("/query-syntax") ? wordsAlone(state.q) : "";
  if (!words || words === state.q) throw problem;
  const asked = { ...state, q: words };
  const answer = await search(asked, signal);
  if (signal.aborted) return;
  renderProblem(problem, state, { wordsAlone: words });
  await showAnswer(answer, asked, signal);
  shown = { key: keyOf(state), ids: answer.hits.map((hit) => hit.id) };
}

function showProblem(problem, tries) {
  const transient = problem.status === 503 || problem.status === 429;
  const again = () => runSearch(0);
  const onKey = problem.status === 401 ? again : null;
  const retryIn = transient && problem.retryAfter !== null && tries < RETRIES_MAX ? problem.retryAfter : null;
  if (retryIn !== null) retryTimer = setTimeout(() => runSearch(tries + 1), retryIn * 1000);
  const worthTrying = problem.status === 0 || problem.status >= 500 || transient;
  renderProblem(problem, state, { retryIn, onRetry: worthTrying ? again : null, onKey });
  keepFocus(() => {
    showNothing("");
    renderChips(state);
    renderFilters(state, { facets: {}, histogram: null });
  });
}

async function runSearch(tries = 0) {
  clearTimeout(retryTimer);
  searching?.abort();
  const controller = (searching = new AbortController());
  const { signal } = controller;
  shown = { key: null, ids: [] };
  setBusy(true);
  showExports();
  if (state.similar) showLike(signal);
  const slow = setTimeout(() => (byId("status").textContent = "Searching…"), 400);
  try {
    const asked = state;
    const answer = await search(asked, signal);
    if (signal.aborted) return;
    clearTimeout(slow);
    clearProblem();
    shown = { key: keyOf(asked), ids: answer.hits.map((hit) => hit.id) };
    await showAnswer(answer, asked, signal);
  } catch (error) {
    if (signal.aborted) return;
    clearTimeout(slow);
    await fallBack(asProblem(error), signal).catch((problem) => {
      if (!signal.aborted) showProblem(asProblem(problem), tries);
    });
  } finally {
    clearTimeout(slow);
    if (searching === controller) setBusy(false);
  }
}

function asProblem(error) {
  if (error instanceof Problem) return error;
  console.error(error);
  return new Problem("unreadable", {
    title: "The page could not show the answer",
    detail: String(error.message ?? error),
  });
}

function neighbours() {
  const at = shown.ids.indexOf(state.document);
  return { previous: shown.ids[at - 1] ?? null, next: at < 0 ? null : (shown.ids[at + 1] ?? null) };
}

async function openDocument() {
  reading?.abort();
  const { signal } = (reading = new AbortController());
  const id = state.document;
  setView("reading");
  renderReading(null, id, state, neighbours());
  scrollTo(0, 0);
  try {
    const fields = await fetchDocument(id, signal);
    if (!signal.aborted) renderReading(fields, id, state, neighbours());
  } catch (error) {
    if (!signal.aborted) renderReadingProblem(asProblem(error), state, neighbours(), openDocument);
  }
}

function setView(view) {
  document.documentElement.dataset.view = view;
  byId("reading").hidden = view !== "reading";
  byId("results").hidden = view === "reading";
  byId("aside").hidden = view === "reading";
}

// Show what the state says. `from` is the document that was read before, whose place in the list gets the focus.
async function show({ from = "", scroll = null } = {}) {
  showForm();
  if (state.document) return openDocument();
  reading?.abort();
  setView("results");
  document.title = state.q || state.similar ? `${headlineText()} – Lede` : "Lede";
  if (keyOf(state) !== shown.key) await runSearch();
  if (scroll !== null) scrollTo(0, scroll);
  if (from)
    document
      .querySelector(`[data-id="${CSS.escape(from)}"] .title`)
      ?.focus({ preventScroll: scroll !== null });
}

function go(next, { replace = false, top = false } = {}) {
  const opened = next.document ? { opened: replace ? Boolean(history.state?.opened) : !state.document } : {};
  if (replace || addressOf(next) === addressOf(state)) history.replaceState(opened, "", addressOf(next));
  else {
    keepScroll();
    history.pushState(opened, "", addressOf(next));
  }
  state = next;
  show({ scroll: top ? 0 : null });
}

// Back to the list: by the history where the list is the step before, so that its place on the screen comes back too.
function closeDocument() {
  if (history.state?.opened) return history.back();
  const from = state.document;
  const next = { ...state, document: "" };
  history.replaceState({}, "", addressOf(next));
  state = next;
  show({ from });
}

function onLink(event) {
  const file = event.target.closest?.("a[data-file]");
  if (file) {
    event.preventDefault();
    saveFile(file);
    return;
  }
  const link = event.target.closest?.("a[data-go]");
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if ("back" in link.dataset) return closeDocument();
  const next = parseState(new URL(link.href).search);
  go(next, { replace: "beside" in link.dataset, top: "top" in link.dataset });
}

function onSearch(event) {
  event.preventDefault();
  const q = byId("q").value.trim();
  shown = { key: null, ids: [] }; // asked for again: the archive may have more by now
  go(changed(state, { q, similar: "", spell: "", sort: state.sort === "relevance" && !q ? "" : state.sort }), { top: true });
}

function onDates(event) {
  event.preventDefault();
  go(changed(state, { after: byId("after").value, before: byId("before").value }));
}

function onSort() {
  const usual = isRanked() ? "relevance" : "newest";
  go(changed(state, { sort: byId("sort").value === usual ? "" : byId("sort").value }));
}

function onOnce() {
  go(changed(state, { collapse: byId("once").checked ? "story" : "" }));
}

// Where the reader was on the page is kept with its step of the history: results arrive after the browser itself
// would have scrolled back.
let scrollTimer = null;
function keepScroll() {
  clearTimeout(scrollTimer);
  history.replaceState({ ...history.state, scroll: Math.round(scrollY) }, "");
}

function onScroll() {
  clearTimeout(scrollTimer);
  scrollTimer = setTimeout(keepScroll, 120);
}

function foldFilters(narrow) {
  byId("fold").open = !narrow.matches;
}

function start() {
  history.scrollRestoration = "manual";
  const narrow = matchMedia("(max-width: 50rem)");
  narrow.addEventListener("change", foldFilters);
  foldFilters(narrow);
  byId("search").addEventListener("submit", onSearch);
  byId("dates").addEventListener("submit", onDates);
  byId("sort").addEventListener("change", onSort);
  byId("once").addEventListener("change", onOnce);
  document.addEventListener("click", onLink);
  addEventListener("scroll", onScroll, { passive: true });
  addEventListener("popstate", (event) => {
    clearTimeout(scrollTimer);
    const from = state.document;
    state = parseState(location.search);
    show({ from, scroll: event.state?.scroll ?? 0 });
  });
  listenToSuggestions({
    state: () => state,
    search: () => byId("search").requestSubmit(),
    open: (id) => go({ ...state, document: id }),
  });
  listenToKeys({ isReading: () => state.document !== "", back: closeDocument });
  show({ scroll: history.state?.scroll ?? null });
}

start();
