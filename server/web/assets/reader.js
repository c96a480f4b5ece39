// SPDX-License-Identifier: GPL-2.0-or-later
// What scripts add to the server's HTML: the way through a document's marks, quotations, a range of time chosen by
// pointer or by keys, a search within a filter's values, searches that are kept, hits that are ticked.

import { byId, fetchPage, go, keyHeaders, localize, onView, parsePage } from "./page.js";

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function button(text, onClick, attributes = {}) {
  const element = make("button", { type: "button", ...attributes }, text);
  element.addEventListener("click", onClick);
  return element;
}

const numbers = new Intl.NumberFormat("en");

// ---- Marks ----

let current = -1;
const marks = () => [...document.querySelectorAll("#reading mark[id]")];

// The first that matters: in the paragraph of the text that has the most of the query's words.
function bestMark(marked) {
  const within = marked.filter((mark) => mark.closest(".text"));
  const all = within.length > 0 ? within : marked;
  const words = new Map();
  for (const mark of all) {
    const paragraph = mark.closest("p, h1");
    words.set(paragraph, (words.get(paragraph) ?? new Set()).add(mark.textContent.toLocaleLowerCase()));
  }
  const most = Math.max(...[...words.values()].map((set) => set.size));
  return marked.indexOf(all.find((mark) => words.get(mark.closest("p, h1")).size === most));
}

function tellMark() {
  const all = marks();
  const told = document.querySelector(".marks-told");
  if (told) told.textContent = `${current + 1} of ${all.length}`;
  all.forEach((mark, at) => mark.classList.toggle("is-current", at === current));
  [...document.querySelectorAll(".place-tick")].forEach((tick, at) => tick.classList.toggle("is-current", at === current));
}

function showMark(number, { always = true } = {}) {
  const all = marks();
  if (all.length === 0) return;
  current = (number + all.length) % all.length;
  const { top, bottom } = all[current].getBoundingClientRect();
  if (always || top < 0 || bottom > innerHeight) all[current].scrollIntoView({ block: "center" });
  tellMark();
}

// Where the marks are, beside the scrollbar.
function placeTicks() {
  byId("places")?.remove();
  const all = marks();
  const height = document.documentElement.scrollHeight;
  if (all.length === 0 || height <= innerHeight) return;
  const places = make("div", { id: "places", class: "places", "aria-hidden": "true" });
  for (const mark of all) {
    const tick = make("span", { class: "place-tick" });
    tick.style.top = `${(100 * (mark.getBoundingClientRect().top + scrollY)) / height}%`;
    places.append(tick);
  }
  document.body.append(places);
  tellMark();
}

function putMarkButtons() {
  const way = document.querySelector("#reading .way");
  if (!way || marks().length === 0 || way.querySelector(".marks")) return;
  way.append(
    make(
      "span",
      { class: "marks", role: "group", "aria-label": "Marks" },
      button("‹", () => showMark(current - 1), { "aria-label": "Mark before", title: "p" }),
      make("span", { class: "marks-told", role: "status" }),
      button("›", () => showMark(current + 1), { "aria-label": "Next mark", title: "n" }),
    ),
  );
}

// ---- Quotations ----

async function copy(text, element) {
  const before = element.textContent;
  const isCopied = await navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
  element.textContent = isCopied ? "Copied" : "The browser did not allow it";
  setTimeout(() => (element.textContent = before), 1500);
}

// What is selected in the text, else the paragraph of the mark that is shown, with where it is from.
function quotation() {
  const selection = getSelection();
  const text = document.querySelector("#reading .text");
  const isWithin = selection.rangeCount > 0 && text.contains(selection.anchorNode) && !selection.isCollapsed;
  const paragraph = marks()[current]?.closest("p") ?? text.querySelector("p");
  const own = paragraph.cloneNode(true);
  for (const foreign of own.querySelectorAll("del, .unseen")) foreign.remove();
  const words = (isWithin ? selection.toString() : own.textContent).trim();
  return `“${words}”\n— ${byId("citation").textContent}\n`;
}

function putCopyButtons() {
  const citation = byId("citation");
  if (!citation || document.querySelector("#reading .copy")) return;
  const quote = button("Copy quotation", () => copy(quotation(), quote), { class: "copy", id: "copy-quotation" });
  const cite = button("Copy citation", () => copy(citation.textContent, cite), { class: "copy", id: "copy-citation" });
  quote.addEventListener("pointerdown", (event) => event.preventDefault()); // what is selected stays so
  document.querySelector("#reading .way").append(quote);
  citation.after(cite);
}

// ---- Similar documents ----

async function putAlike(place, address) {
  const page = await fetchPage(address)
    .then((response) => (response.ok ? response.text() : ""))
    .catch(() => "");
  const titles = [...parsePage(page).querySelectorAll("#hits > .hit")].slice(0, 5);
  if (titles.length === 0 || !place.isConnected) return;
  const list = make("ol", {}, ...titles.map((hit) => document.adoptNode(hit)));
  for (const mark of list.querySelectorAll("mark")) mark.replaceWith(mark.textContent);
  localize(list);
  for (const link of list.querySelectorAll(".title")) {
    const id = link.closest(".hit").dataset.id;
    link.href = `?document=${encodeURIComponent(id)}`;
  }
  place.append(make("h2", { class: "group-title" }, "Similar"), list);
}

function awaitAlike() {
  const foot = document.querySelector("#reading .reading-foot");
  const link = document.querySelector("#reading .similar");
  if (!foot || !link || foot.querySelector(".alike")) return;
  const place = make("section", { class: "alike" });
  foot.append(place);
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    putAlike(place, link.href);
  });
  observer.observe(foot);
}

function showReading() {
  byId("places")?.remove();
  if (document.documentElement.dataset.view !== "reading") return;
  putMarkButtons();
  putCopyButtons();
  awaitAlike();
  const all = marks();
  if (all.length === 0) return;
  showMark(bestMark(all), { always: false });
  requestAnimationFrame(placeTicks);
}

// ---- The timeline ----

const bars = () => [...document.querySelectorAll("#timeline .bar")];
let brush = null; // {from, to}: numbers of bars

function tellBar(bar) {
  const told = document.querySelector(".timeline-told");
  if (told) told.textContent = bar ? bar.querySelector(".unseen").textContent.trim() : "";
}

function tellBrush() {
  const all = bars();
  const [first, last] = brush ? [Math.min(brush.from, brush.to), Math.max(brush.from, brush.to)] : [1, 0];
  all.forEach((bar, at) => bar.classList.toggle("is-brushed", at >= first && at <= last));
  if (!brush || first === last) return;
  const counted = all
    .slice(first, last + 1)
    .reduce((sum, bar) => sum + Number(bar.querySelector(".unseen").textContent.replace(/.*: /, "").replace(/\D/g, "")), 0);
  document.querySelector(".timeline-told").textContent =
    `${all[first].dataset.after} to ${all[last].dataset.before}: ${numbers.format(counted)}`;
}

function goToBrush() {
  const all = bars();
  const address = new URL(all[0].href);
  address.searchParams.set("after", all[Math.min(brush.from, brush.to)].dataset.after);
  address.searchParams.set("before", all[Math.max(brush.from, brush.to)].dataset.before);
  brush = null;
  go(address.href);
}

const barAt = (x) => {
  const all = bars();
  const { left, width } = all[0].parentElement.getBoundingClientRect();
  return Math.min(all.length - 1, Math.max(0, Math.floor(((x - left) / width) * all.length)));
};

function onBrushDown(event) {
  if (event.button !== 0 || event.pointerType === "touch" || event.ctrlKey || event.metaKey || event.shiftKey) return;
  brush = { from: barAt(event.clientX), to: barAt(event.clientX) };
  const chart = event.currentTarget;
  const onMove = (moved) => {
    if (!brush) return;
    brush.to = barAt(moved.clientX);
    tellBrush();
  };
  const onUp = () => {
    removeEventListener("pointermove", onMove);
    const isRange = brush && brush.from !== brush.to;
    if (isRange) {
      chart.addEventListener("click", (click) => { click.preventDefault(); click.stopPropagation(); }, { capture: true, once: true });
      setTimeout(goToBrush, 0);
    } else {
      brush = null;
      tellBrush();
    }
  };
  addEventListener("pointermove", onMove);
  addEventListener("pointerup", onUp, { once: true });
}

// Arrow keys move over the bars, which are one stop of the Tab key; with Shift they choose a range, Enter shows it.
function onBarKey(event) {
  const all = bars();
  const at = all.indexOf(event.target);
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (event.key === "Escape" && brush) {
    brush = null;
    event.preventDefault();
    return tellBrush();
  }
  if (event.key === "Enter" && brush && brush.from !== brush.to) {
    event.preventDefault();
    return goToBrush();
  }
  const next = all[at + (step ?? 0)];
  if (!step || !next) return;
  event.preventDefault();
  for (const bar of all) bar.tabIndex = bar === next ? 0 : -1;
  brush = event.shiftKey ? { from: brush?.from ?? at, to: at + step } : null;
  next.focus();
  tellBrush();
}

function showTimeline() {
  const chart = document.querySelector("#timeline .bars");
  brush = null;
  if (!chart || chart.dataset.listens) return;
  chart.dataset.listens = "true";
  document.querySelector(".timeline-head").append(make("p", { class: "timeline-told", "aria-hidden": "true" }));
  chart.addEventListener("keydown", onBarKey);
  chart.addEventListener("pointerdown", onBrushDown);
  chart.addEventListener("dragstart", (event) => event.preventDefault());
  chart.addEventListener("pointerover", (event) => !brush && tellBar(event.target.closest(".bar")));
  chart.addEventListener("pointerleave", () => !brush && tellBar(null));
  chart.addEventListener("focusin", (event) => tellBar(event.target.closest(".bar")));
}

// ---- Filters ----

// A search within the values that are listed.
export function putFilterSearch() {
  for (const group of document.querySelectorAll("[data-unfolded]:not(:has(.group-search))")) {
    const name = group.querySelector(".group-title").textContent;
    const field = make("input", { class: "group-search", type: "search", "aria-label": `Search within ${name}`, placeholder: "Search within" });
    group.querySelector(".values").before(field);
  }
}

function onFilterInput(event) {
  if (!event.target.matches?.(".group-search")) return;
  const wanted = event.target.value.trim().toLocaleLowerCase();
  for (const row of event.target.closest(".group").querySelectorAll(".row"))
    row.hidden = !row.querySelector(".name").textContent.toLocaleLowerCase().includes(wanted);
}

// ---- Copies ----

// A story's other versions, below the one that is shown.
async function unfoldCopies(link) {
  const hit = link.closest(".hit");
  const open = hit.querySelector(".copy-list");
  link.setAttribute("aria-expanded", String(!open));
  if (open) return open.remove();
  const address = new URL(link.href);
  address.searchParams.set("sort", "oldest");
  const response = await fetchPage(address).catch(() => null);
  if (!response?.ok) return go(link.href);
  const hits = [...parsePage(await response.text()).querySelectorAll("#hits > .hit")];
  hits.sort((a, b) => (a.querySelector("time")?.dateTime ?? "").localeCompare(b.querySelector("time")?.dateTime ?? ""));
  const list = make("ol", { class: "copy-list" }, ...hits.map((copy) => document.adoptNode(copy)));
  localize(list);
  hit.append(list);
}

// ---- Kept searches ----

const KEPT = "lede.searches";
const RECENT_MAX = 10;

function readKept() {
  try {
    const { saved = [], recent = [] } = JSON.parse(localStorage.getItem(KEPT)) ?? {};
    return { saved, recent };
  } catch {
    return { saved: [], recent: [] };
  }
}

function writeKept(searches) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(searches));
  } catch {
    // a browser that keeps nothing: the page works without
  }
}

function searchShown() {
  const address = new URL(location.href);
  for (const name of ["document", "against", "offset", "list", "unfold", "count"]) address.searchParams.delete(name);
  const chips = [...document.querySelectorAll("#chips .chip-label")].map((chip) => chip.textContent);
  const total = Number(document.querySelector("#status strong")?.textContent.replace(/\D/g, "") ?? 0);
  return { address: address.search, name: [byId("headline")?.textContent, ...chips].join(", "), total, seen: Date.now() };
}

function noteRecent() {
  if (document.documentElement.dataset.view !== "results" || !location.search) return;
  const kept = readKept();
  const now = searchShown();
  if (!now.address) return;
  kept.recent = [now, ...kept.recent.filter(({ address }) => address !== now.address)].slice(0, RECENT_MAX);
  kept.saved = kept.saved.map((search) => (search.address === now.address ? { ...now, name: search.name } : search));
  writeKept(kept);
}

async function totalNow({ address }) {
  const parameters = new URLSearchParams(address);
  if (parameters.has("similar")) return null;
  for (const [name, value] of Object.entries({ limit: "0", highlight: "none", fields: "title" })) parameters.set(name, value);
  const response = await fetch(new URL(`search?${parameters}`, document.baseURI), { headers: keyHeaders() }).catch(() => null);
  return response?.ok ? (await response.json()).total.value : null;
}

function keptRow(search, isSaved) {
  const link = make("a", { href: search.address || "./", "data-go": "", "data-top": "" }, search.name);
  const told = make("span", { class: "menu-note" });
  const row = make("li", {}, link, told);
  if (!isSaved) return row;
  const since = new Date(search.seen).toLocaleDateString(undefined, { dateStyle: "medium" });
  totalNow(search).then((total) => {
    if (total !== null && total > search.total) told.textContent = `${numbers.format(total - search.total)} new since ${since}`;
  });
  const drop = button("×", () => {
    const kept = readKept();
    writeKept({ ...kept, saved: kept.saved.filter(({ address }) => address !== search.address) });
    showKept();
  }, { class: "menu-drop", "aria-label": `Forget ${search.name}` });
  row.append(drop);
  return row;
}

function putKeptMenu() {
  if (byId("kept-menu") || !document.querySelector(".tools")) return;
  const panel = make("div", { class: "menu-panel", id: "kept" });
  document.querySelector(".tools").append(make("details", { class: "menu", id: "kept-menu" }, make("summary", {}, "Saved"), panel));
}

function showKept() {
  const { saved, recent } = readKept();
  const save = button("Save this search", () => {
    const now = searchShown();
    const kept = readKept();
    writeKept({ ...kept, saved: [now, ...kept.saved.filter(({ address }) => address !== now.address)] });
    showKept();
  }, { id: "save-search" });
  const part = (title, rows) => (rows.length > 0 ? [make("p", { class: "menu-title" }, title), make("ul", { class: "menu-list" }, ...rows)] : []);
  byId("kept").replaceChildren(
    save,
    ...part("Saved", saved.map((search) => keptRow(search, true))),
    ...part("Recent", recent.map((search) => keptRow(search, false))),
  );
}

// ---- Ticked hits ----

const ticked = new Map(); // id -> title

async function saveTicked(form) {
  const parameters = new URLSearchParams();
  for (const id of ticked.keys()) parameters.append("ids", id.replaceAll(",", "\\,"));
  const response = await fetch(new URL(`export.${form}?${parameters}`, document.baseURI), { headers: keyHeaders() }).catch(() => null);
  const told = document.querySelector(".ticked [role=status]");
  if (!response?.ok) {
    told.textContent = "They could not be fetched: try again";
    return;
  }
  const file = make("a", { download: `ticked.${form}` });
  file.href = URL.createObjectURL(await response.blob());
  file.click();
  URL.revokeObjectURL(file.href);
}

function putTicks() {
  for (const hit of document.querySelectorAll("#hits > .hit:not(:has(.tick))")) {
    const box = make("input", { class: "tick-box", type: "checkbox", "aria-label": `Tick: ${hit.querySelector(".title").textContent}` });
    hit.prepend(make("label", { class: "tick" }, box));
  }
}

function showTicked() {
  document.querySelector(".ticked")?.remove();
  putTicks();
  for (const box of document.querySelectorAll(".tick-box")) box.checked = ticked.has(box.closest(".hit").dataset.id);
  if (ticked.size === 0) return;
  const clear = () => {
    ticked.clear();
    showTicked();
  };
  byId("hits").after(
    make(
      "div",
      { class: "ticked", role: "region", "aria-label": "Ticked" },
      make("span", { role: "status" }, `${ticked.size} ticked`),
      ...[["txt", "Text"], ["csv", "CSV"], ["ndjson", "NDJSON"]].map(([form, name]) => button(`Save as ${name}`, () => saveTicked(form))),
      button("Untick all", clear),
    ),
  );
}

function onTick(event) {
  if (!event.target.matches?.(".tick-box")) return;
  const hit = event.target.closest(".hit");
  if (event.target.checked) ticked.set(hit.dataset.id, hit.querySelector(".title").textContent);
  else ticked.delete(hit.dataset.id);
  showTicked();
}

// ---- The start ----

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("input, textarea, select")) return;
  if (document.documentElement.dataset.view !== "reading") return;
  if (event.key === "n") showMark(current + 1);
  else if (event.key === "p") showMark(current - 1);
});
document.addEventListener("input", onFilterInput);
document.addEventListener("change", onTick);
document.addEventListener(
  "click",
  (event) => {
    const copies = event.target.closest?.("a.copies");
    if (!copies || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    unfoldCopies(copies);
  },
  { capture: true },
);
document.addEventListener("toggle", (event) => event.target.id === "kept-menu" && event.target.open && showKept(), { capture: true });
addEventListener("resize", () => document.documentElement.dataset.view === "reading" && placeTicks());
onView(() => {
  showReading();
  showTimeline();
  showTicked();
  putFilterSearch();
  putKeptMenu();
  noteRecent();
});
