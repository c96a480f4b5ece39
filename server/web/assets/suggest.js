// SPDX-License-Identifier: GPL-2.0-or-later
// Suggestions under the search field: a combobox with a list (WAI-ARIA 1.2, list autocomplete with manual selection).
// The field keeps the focus and what was typed; Enter searches for that unless an option was chosen with the arrows.

import { suggest } from "./api.js";
import { byId, el, formatNumber, markedNodes } from "./dom.js";

const PAUSE_MS = 120; // in typing, before the server is asked

let asking = null; // AbortController of the question under way
let timer = null;
let actions = null;
let active = -1;

const field = () => byId("q");
const list = () => byId("suggestions");
const options = () => [...list().querySelectorAll("[role=option]")];

function setActive(index) {
  active = index;
  options().forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
  const chosen = options()[index];
  if (chosen) field().setAttribute("aria-activedescendant", chosen.id);
  else field().removeAttribute("aria-activedescendant");
  chosen?.scrollIntoView({ block: "nearest" });
}

function isOpen() {
  return !list().hidden;
}

function close() {
  clearTimeout(timer);
  asking?.abort();
  asking = null;
  setActive(-1);
  list().hidden = true;
  field().setAttribute("aria-expanded", "false");
}

function option(number, dataset, ...children) {
  const element = el("li", { id: `suggestion-${number}`, role: "option", "aria-selected": "false", dir: "auto" }, children);
  Object.assign(element.dataset, dataset);
  return element;
}

function completionOption({ text, count, relation }, number) {
  const about = relation === "eq" ? "" : "about ";
  return option(number, { text }, el("span", { class: "text" }, text), el("span", { class: "count" }, about + formatNumber(count)));
}

function headlineOption({ id, title, highlights, source }, number) {
  const marked = highlights?.title?.[0];
  const text = el("span", { class: "text" }, marked ? markedNodes(marked) : (title ?? id));
  return option(number, { document: id }, text, source && el("span", { class: "count" }, source));
}

function group(name, elements) {
  return elements.length > 0 && el("ul", { role: "group", "aria-label": name }, elements);
}

function show(q, { completions = [], headlines = [] }) {
  const texts = completions.map(completionOption);
  const titles = headlines.map((headline, at) => headlineOption(headline, texts.length + at));
  list().replaceChildren(...[group("Searches", texts), group("Headlines", titles)].filter(Boolean));
  list().dataset.q = q;
  setActive(-1);
  list().hidden = texts.length + titles.length === 0;
  field().setAttribute("aria-expanded", String(isOpen()));
}

// What comes late, or fails, is nothing to tell the reader: the search itself does not depend on it.
async function ask(q) {
  asking?.abort();
  const { signal } = (asking = new AbortController());
  const answer = await suggest(actions.state(), q, signal).catch(() => null);
  if (answer && !signal.aborted && document.activeElement === field() && field().value === q) show(q, answer);
}

function onInput() {
  clearTimeout(timer);
  const q = field().value;
  if (!q.trim()) return close();
  timer = setTimeout(() => ask(q), PAUSE_MS);
}

function choose(chosen) {
  const { text, document: id } = chosen.dataset;
  close();
  if (id) return actions.open(id);
  field().value = text;
  actions.search();
}

function move(step) {
  const count = options().length;
  setActive(((active + 1 + step + count + 1) % (count + 1)) - 1);
}

function onKey(event) {
  if (!isOpen() || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) move(step);
  else if (event.key === "Escape") close();
  else if (event.key === "Enter" && active >= 0) choose(options()[active]);
  else return;
  event.preventDefault();
}

// actions_  {state(): the page's state, search(): search for what the field holds, open(id): read a document}
export function listenToSuggestions(actions_) {
  actions = actions_;
  field().addEventListener("input", onInput);
  field().addEventListener("keydown", onKey);
  field().addEventListener("blur", close);
  field().form.addEventListener("submit", close);
  list().addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list().addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=option]");
    if (chosen) choose(chosen);
  });
}
