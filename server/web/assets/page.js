// SPDX-License-Identifier: GPL-2.0-or-later
// The page's conductor. The server writes every view as HTML at its own address; this module asks for the next address
// in the background and puts the parts of the answer in the place of the old ones. It makes no results itself: what a
// search shows with scripts is, byte for byte, what it shows without.

import { listenToSearch } from "./search.js";

const KEY = "lede.key"; // of this tab alone: sent in a header, never in an address
const SLOW_MS = 400; // before the page says that it waits
const WAIT_MS = 20000; // before it gives up
const RETRIES_MAX = 5;
const KEPT_MAX = 12; // pages that the back button finds without asking

export const byId = (id) => document.getElementById(id);
const root = document.documentElement;

let here = location.href; // where the reader is, which the history may have left already
let shown = location.href; // the address whose HTML is on the screen
let asking = null; // AbortController of the question under way: an older one's late answer is dropped
let retryTimer = null;
const kept = new Map(); // address -> HTML
const listeners = []; // told of each new view

// ---- The key ----

const key = () => sessionStorage.getItem(KEY) ?? "";
export const keyHeaders = () => (key() ? { Authorization: `Bearer ${key()}` } : {});

function useKey(text) {
  if (text) sessionStorage.setItem(KEY, text);
  else sessionStorage.removeItem(KEY);
  kept.clear();
}

// ---- What every new piece of HTML gets ----

const withTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const dateAlone = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });

// Dates as the reader writes them. Midnight UTC is how a date without a time is kept: it is the same day everywhere.
export function localize(part) {
  for (const element of part.querySelectorAll("time[datetime]")) {
    const date = new Date(element.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    element.title = element.dateTime;
    element.textContent = (date.getTime() % 86400000 === 0 ? dateAlone : withTime).format(date);
  }
}

export const parsePage = (html) => new DOMParser().parseFromString(html, "text/html");

// ---- Putting the parts in ----

const searchOf = (address) => {
  const url = new URL(address, document.baseURI);
  for (const name of ["document", "against"]) url.searchParams.delete(name);
  return url.search;
};

function replaceChildren(id, page) {
  const from = page.getElementById(id);
  const to = byId(id);
  if (!from || !to) return;
  to.hidden = from.hidden;
  to.replaceChildren(...document.adoptNode(from).childNodes);
}

// Where the element that has the focus goes, the focus goes to what is now in its place (the same data-key), else to the
// results: a reader by keyboard isn't thrown back to the page's top.
function keepFocus(replace) {
  const active = document.activeElement;
  const name = active?.dataset?.key;
  replace();
  if (!active || active === document.body || active.isConnected) return;
  const same = name && document.querySelector(`[data-key="${CSS.escape(name)}"]`);
  (same || byId("headline") || byId("main")).focus({ preventScroll: true });
}

function markOpen() {
  const id = new URLSearchParams(location.search).get("document");
  for (const hit of document.querySelectorAll("#hits > .hit")) hit.toggleAttribute("data-open", hit.dataset.id === id);
}

function putHead(page) {
  document.title = page.title;
  for (const link of document.querySelectorAll('link[rel="alternate"]')) link.remove();
  for (const link of page.querySelectorAll('link[rel="alternate"]')) document.head.append(document.adoptNode(link));
  for (const name of ["view", "density"]) root.dataset[name] = page.documentElement.dataset[name];
  root.toggleAttribute("data-has-key", page.documentElement.hasAttribute("data-has-key"));
}

function putForm(page) {
  const form = byId("search");
  const hidden = page.querySelectorAll('#search > input[type="hidden"]');
  for (const input of form.querySelectorAll(':scope > input[type="hidden"]')) input.remove();
  byId("q").after(...[...hidden].map((input) => document.adoptNode(input)));
  if (document.activeElement !== byId("q") || byId("q").value === new URL(shown).searchParams.get("q"))
    byId("q").value = page.getElementById("q").value;
}

// Whether the list on the screen is the one beside a document that is opened or left: it does not move then.
function keepsList(page, address) {
  const isBeside = root.dataset.view === "reading" || page.documentElement.dataset.view === "reading";
  const isWhole = !document.querySelector(".notice") && !byId("results").hasAttribute("data-stale");
  return isBeside && isWhole && searchOf(address) === searchOf(shown);
}

function putPage(page, address) {
  const sameList = keepsList(page, address);
  localize(page);
  keepFocus(() => {
    putForm(page);
    shown = location.href;
    if (!sameList) for (const id of ["results", "timeline", "fold", "exports"]) replaceChildren(id, page);
    replaceChildren("reading", page);
    putHead(page);
    byId("results").removeAttribute("data-stale");
    if (sameList) markOpen();
  });
  for (const listen of listeners) listen();
}

// ---- Notices of what the server did not write ----

function showNotice(slots, again) {
  const notice = document.importNode(byId("notice-template").content, true);
  for (const element of notice.querySelectorAll("[data-slot]")) element.textContent = slots[element.dataset.slot] ?? "";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Try again";
  button.addEventListener("click", again);
  notice.querySelector(".notice").append(button);
  const isReading = root.dataset.view === "reading";
  let place = byId("problem");
  if (isReading) {
    place = document.createElement("div");
    place.setAttribute("role", "alert");
    byId("reading").prepend(place);
  }
  place.replaceChildren(notice);
  byId("results").setAttribute("data-stale", "");
}

async function saidBy(response) {
  const type = response.headers.get("Content-Type") ?? "";
  const text = (value) => (typeof value === "string" ? value : "");
  if (type.includes("json")) {
    const said = await response.json().catch(() => ({}));
    return { title: text(said.title), detail: text(said.detail), hint: text(said.hint) };
  }
  const page = parsePage(await response.text());
  const slot = (name) => page.querySelector(`main [data-slot="${name}"]`)?.textContent ?? "";
  return { title: slot("title"), detail: slot("detail"), hint: slot("hint") };
}

function secondsOf(header) {
  if (!header) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 1), 600) : null;
}

async function showRefusal(response, address, options) {
  const said = await saidBy(response);
  const isBusy = response.status === 503 || response.status === 429;
  const wait = isBusy && (options.tries ?? 0) < RETRIES_MAX ? secondsOf(response.headers.get("Retry-After")) : null;
  const again = () => load(address, options);
  said.title ||= `The server answered ${response.status} ${response.statusText}`.trim();
  if (wait !== null) {
    said.hint = `Trying again in ${wait === 1 ? "a second" : `${wait} seconds`}.`;
    retryTimer = setTimeout(() => load(address, { ...options, tries: (options.tries ?? 0) + 1 }), wait * 1000);
  }
  showNotice(said, again);
}

function showFailure(error, address, options) {
  const slots =
    error.name === "TimeoutError"
      ? { title: "The server does not answer", detail: `It was waited for ${WAIT_MS / 1000} seconds.` }
      : {
          title: "The server can’t be reached",
          detail: `Nothing answers at ${location.origin}. It may have been stopped, or the connection is down.`,
        };
  showNotice(slots, () => load(address, options));
}

// ---- Asking ----

function setWaiting(isWaiting) {
  byId("waiting")?.remove();
  if (!isWaiting) return;
  const bar = document.createElement("div");
  bar.id = "waiting";
  bar.className = "waiting";
  bar.setAttribute("role", "status");
  const stop = document.createElement("button");
  stop.type = "button";
  stop.className = "waiting-stop";
  stop.textContent = "Stop";
  stop.addEventListener("click", () => asking?.abort(new DOMException("stopped", "AbortError")));
  bar.append("Searching…", stop);
  document.body.append(bar);
}

function setBusy(isBusy) {
  root.toggleAttribute("data-busy", isBusy);
  byId("results").setAttribute("aria-busy", String(isBusy));
}

function keepPage(address, html) {
  kept.delete(address);
  kept.set(address, html);
  if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value);
}

export async function fetchPage(address, signal) {
  const url = new URL(address, document.baseURI);
  return fetch(url, { signal, headers: { Accept: "text/html", ...keyHeaders() } });
}

// Show an address. Returns whether it is shown.
async function load(address, options = {}) {
  clearTimeout(retryTimer);
  asking?.abort();
  const controller = (asking = new AbortController());
  const late = setTimeout(() => controller.abort(new DOMException("too late", "TimeoutError")), WAIT_MS);
  const slow = setTimeout(() => setWaiting(true), SLOW_MS);
  setBusy(true);
  try {
    const isKept = options.isBack && kept.has(address);
    const response = isKept ? null : await fetchPage(address, controller.signal);
    const isHtml = isKept || (response.headers.get("Content-Type") ?? "").startsWith("text/html");
    if (controller !== asking) return false;
    if (!isHtml || response?.status >= 500 || response?.status === 429) {
      await showRefusal(response, address, options);
      return false;
    }
    const html = isKept ? kept.get(address) : await response.text();
    if (controller !== asking) return false;
    if (isKept || response.ok) keepPage(address, html);
    putPage(parsePage(html), address);
    return true;
  } catch (error) {
    const reason = controller.signal.reason ?? error;
    if (controller === asking && reason.name !== "AbortError") showFailure(reason, address, options);
    return false;
  } finally {
    clearTimeout(late);
    clearTimeout(slow);
    if (controller === asking) {
      setWaiting(false);
      setBusy(false);
      asking = null;
    }
  }
}

// ---- Going somewhere ----

const isReading = () => new URLSearchParams(location.search).has("document");

function settle({ top = false, focus = "", scroll = null, from = "" } = {}) {
  if (isReading()) {
    const hit = document.querySelector("#hits > .hit[data-open]");
    const list = byId("results");
    if (hit && getComputedStyle(list).overflowY === "auto") list.scrollTop = hit.offsetTop - list.clientHeight / 3;
    if (scroll === null) scrollTo(0, 0);
    byId("reading-title")?.focus({ preventScroll: true });
    return;
  }
  if (top) scrollTo(0, 0);
  if (scroll !== null) scrollTo(0, scroll);
  const titles = document.querySelectorAll("#hits > .hit .title");
  if (focus === "first") titles[0]?.focus();
  else if (focus === "last") titles[titles.length - 1]?.focus();
  else if (focus === "headline") byId("headline")?.focus({ preventScroll: true });
  if (from)
    document.querySelector(`#hits > [data-id="${CSS.escape(from)}"] .title`)?.focus({ preventScroll: scroll !== null });
}

// `list` of an address changes how lists look, and is kept in a cookie: it is asked for, and stays out of the history.
export async function go(address, { replace = false, ...rest } = {}) {
  const wanted = new URL(address, document.baseURI);
  const url = new URL(wanted);
  if (url.searchParams.has("list")) url.searchParams.delete("list");
  const opens = url.searchParams.has("document");
  const opened = opens ? { opened: replace ? Boolean(history.state?.opened) : !isReading() } : {};
  keepScroll();
  if (replace || url.href === location.href) history.replaceState(opened, "", url);
  else history.pushState(opened, "", url);
  here = location.href;
  if (await load(wanted.href, rest)) settle(rest);
}

// Back to the list: by the history where the list is the step before, so that its place on the screen comes back too.
async function closeDocument(address) {
  if (history.state?.opened) return history.back();
  const from = new URLSearchParams(location.search).get("document");
  history.replaceState({}, "", address);
  here = location.href;
  if (await load(location.href)) settle({ from });
}

let scrollTimer = null;
function keepScroll() {
  clearTimeout(scrollTimer);
  history.replaceState({ ...history.state, scroll: Math.round(scrollY) }, "");
}

async function onPopState(event) {
  clearTimeout(scrollTimer);
  const from = new URL(here).searchParams.get("document") ?? "";
  here = location.href;
  const scroll = event.state?.scroll ?? 0;
  if (await load(location.href, { isBack: true })) settle({ from: isReading() ? "" : from, scroll });
}

// ---- Links, forms, keys ----

async function saveFile(link) {
  const response = await fetch(link.href, { headers: keyHeaders() });
  if (!response.ok) return showRefusal(response, location.href, {});
  const file = document.createElement("a");
  file.href = URL.createObjectURL(await response.blob());
  file.download = link.dataset.file;
  file.click();
  URL.revokeObjectURL(file.href);
}

// All values of a filter, in its place, without a step of the history.
async function unfold(link) {
  const response = await fetchPage(link.href).catch(() => null);
  if (!response?.ok) return;
  const page = parsePage(await response.text());
  const name = link.dataset.unfold;
  const place = document.querySelector(`[data-facet="${CSS.escape(name)}"]`);
  const facet = page.querySelector(`[data-facet="${CSS.escape(name)}"]`);
  if (!facet || !place) return;
  localize(facet);
  keepFocus(() => place.replaceWith(document.adoptNode(facet)));
  for (const listen of listeners) listen();
}

function onClick(event) {
  const link = event.target.closest?.("a[data-go], a[data-file], a[data-unfold], a[data-again]");
  if (event.target.closest?.("#forget")) {
    useKey("");
    location.reload();
  }
  if (link && byId("help").contains(link)) byId("help").hidePopover();
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if ("file" in link.dataset && !key()) return; // the browser saves it as well
  event.preventDefault();
  if ("file" in link.dataset) saveFile(link);
  else if ("unfold" in link.dataset) unfold(link);
  else if ("again" in link.dataset) load(location.href);
  else if ("back" in link.dataset) closeDocument(link.href);
  else go(link.href, { replace: "beside" in link.dataset, top: "top" in link.dataset });
}

function formAddress(form) {
  const parameters = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value.trim()) parameters.append(name, value.trim());
  const query = parameters.toString();
  return query ? `?${query}` : "./";
}

function onSubmit(event) {
  const form = event.target;
  event.preventDefault();
  if (form.id === "key-form") {
    useKey(byId("key").value.trim());
    load(location.href).then((isShown) => isShown && settle());
  } else if (form.id === "search") {
    go(formAddress(form), { top: true, focus: "headline" });
  } else go(formAddress(form));
}

const isField = (element) => element?.matches?.("input:not([type=checkbox]), select, textarea, [contenteditable]");

// From hit to hit, and on to the page beside this one.
function moveToHit(step) {
  const titles = [...document.querySelectorAll("#hits > .hit > .hit-title .title")];
  const hit = document.activeElement?.closest?.("#hits > .hit");
  const at = hit ? titles.indexOf(hit.querySelector(".title")) : -1;
  const next = titles[at < 0 && step < 0 ? titles.length - 1 : at + step];
  if (next && !(at === 0 && step < 0)) {
    next.focus();
    next.closest(".hit").scrollIntoView({ block: "nearest" });
    return;
  }
  const beside = document.querySelector(`#pager [rel=${step > 0 ? "next" : "prev"}]`);
  if (beside) go(beside.href, { top: step > 0, focus: step > 0 ? "first" : "last" });
  else if (step < 0) byId("q").focus();
}

function onResultsKey(event) {
  const inList = event.target.closest?.("#hits, #headline") || event.target === byId("q");
  const step = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || (event.key.startsWith("Arrow") && !inList)) return;
  event.preventDefault();
  moveToHit(step);
}

function onReadingKey(event) {
  const back = document.querySelector("#reading .back");
  if (event.key === "Escape" && back) closeDocument(back.href);
  else if (event.key === "j") document.querySelector("#reading .way [rel=next]")?.click();
  else if (event.key === "k") document.querySelector("#reading .way [rel=prev]")?.click();
}

function closeMenus() {
  const open = document.querySelector("details.menu[open]");
  if (!open) return false;
  open.open = false;
  open.querySelector("summary").focus();
  return true;
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && closeMenus()) return;
  if (event.target === byId("q") && event.key === "Escape") {
    event.preventDefault(); // the browser would take away what was typed
    (byId("headline") ?? byId("main")).focus({ preventScroll: true });
  } else if (isField(event.target) && !(event.target === byId("q") && event.key === "ArrowDown")) return;
  else if (event.key === "/") {
    event.preventDefault();
    byId("q").focus();
    byId("q").select();
  } else if (event.key === "?") {
    byId("help").togglePopover();
  } else if (isReading()) onReadingKey(event);
  else onResultsKey(event);
}

// ---- The start ----

export function onView(listen) {
  listeners.push(listen);
  listen();
}

async function bring(module) {
  await import(module).catch((error) => console.error(error));
}

function start() {
  history.scrollRestoration = "manual";
  localize(document);
  if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 60.01rem)").matches) byId("fold").open = true;
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("keydown", onKey);
  addEventListener("scroll", () => {
    clearTimeout(scrollTimer);
    scrollTimer = setTimeout(keepScroll, 120);
  }, { passive: true });
  addEventListener("popstate", onPopState);
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]"))
      if (!event.composedPath().includes(menu)) menu.open = false;
  });
  listenToSearch({ go, keyHeaders });
  bring("./reader.js");
  if (byId("key-form") && key()) load(location.href).then((isShown) => isShown && settle());
  else if (isReading() || history.state?.scroll) settle({ scroll: history.state?.scroll ?? null });
  keepPage(location.href, `<!doctype html>${root.outerHTML}`);
  root.setAttribute("data-ready", "");
}

start();
