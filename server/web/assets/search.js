// SPDX-License-Identifier: GPL-2.0-or-later
// The search field's help: suggestions, names of fields and operators as one types. A combobox with a list (WAI-ARIA
// 1.2, list autocomplete with manual selection): the field keeps the focus and what was typed; Enter searches for that
// unless an option was chosen with the arrows. What suggests is text of documents, and becomes text nodes alone.

const PAUSE_MS = 120; // in typing, before the server is asked

// What the query language has, by what one begins to type.
const LANGUAGE = [
  ["title:", "in the headline"],
  ["author:", "by this author"],
  ["summary:", "in the summary"],
  ["body:", "in the text"],
  ["source:", "from this source"],
  ["section:", "in this section"],
  ["tag:", "with this tag"],
  ["place:", "about this place"],
  ["person:", "about this person"],
  ["organisation:", "about this organisation"],
  ["url:", "in the address"],
  ["published:", "published:2024-07..2024-09"],
  ["updated:", "updated:>2024-07-01"],
  ["AND ", "both"],
  ["OR ", "either"],
  ["NOT ", "without"],
  ["NEAR/5 ", "within five words, in any order"],
  ["ADJ/5 ", "within five words, in this order"],
  ["SAME s ", "in one sentence"],
];

let asking = null; // AbortController of the question under way
let timer = null;
let actions = null;
let active = -1;

const field = () => document.getElementById("q");
const list = () => document.getElementById("suggestions");
const options = () => [...list().querySelectorAll("[role=option]")];

function setActive(index) {
  active = index;
  options().forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
  const chosen = options()[index];
  if (chosen) field().setAttribute("aria-activedescendant", chosen.id);
  else field().removeAttribute("aria-activedescendant");
  chosen?.scrollIntoView({ block: "nearest" });
}

const isOpen = () => !list().hidden;

function close() {
  clearTimeout(timer);
  asking?.abort();
  asking = null;
  setActive(-1);
  list().hidden = true;
  field().setAttribute("aria-expanded", "false");
}

// ---- Options ----

const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeHtml(text) {
  return text.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi, (whole, name, decimal, hex) => {
    if (name) return NAMED[name.toLowerCase()];
    const code = decimal ? parseInt(decimal, 10) : parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

// A highlight of the API's default format: in it a document's "<" comes escaped, so "<mark>" can be nothing but a mark.
export function markedNodes(html) {
  let isMarked = false;
  return html.split(/(<\/?mark>)/).flatMap((part) => {
    if (part === "<mark>" || part === "</mark>") {
      isMarked = part === "<mark>";
      return [];
    }
    const text = unescapeHtml(part);
    if (!isMarked) return text ? [text] : [];
    const mark = document.createElement("mark");
    mark.textContent = text;
    return [mark];
  });
}

function make(name, className, ...children) {
  const element = document.createElement(name);
  element.className = className;
  element.append(...children);
  return element;
}

function option(dataset, text, side) {
  const element = make("li", "suggestion", make("span", "suggestion-text", ...text));
  element.setAttribute("role", "option");
  element.setAttribute("aria-selected", "false");
  element.dir = "auto";
  if (side) element.append(" ", make("span", "suggestion-side", side));
  Object.assign(element.dataset, dataset);
  return element;
}

const numbers = new Intl.NumberFormat("en");

function completionOption({ text, count, relation }) {
  return option({ text }, [text], `${relation === "eq" ? "" : "about "}${numbers.format(count)}`);
}

function headlineOption({ id, title, highlights, source }) {
  const marked = highlights?.title?.[0];
  return option({ document: id }, marked ? markedNodes(marked) : [title ?? id], source);
}

// One entry for what reads the same.
function once(entries, nameOf) {
  const seen = new Set();
  return entries.filter((entry) => {
    const name = nameOf(entry).toLocaleLowerCase().replace(/['’]s\b/g, "");
    return !seen.has(name) && seen.add(name);
  });
}

// The word before the caret, and where it begins.
function wordAtCaret() {
  const { value, selectionStart } = field();
  const before = value.slice(0, selectionStart);
  const word = /[^\s()"]*$/.exec(before)[0];
  return { word, start: before.length - word.length, end: selectionStart };
}

function languageOptions() {
  const { word } = wordAtCaret();
  if (word.length < 2) return [];
  const isOperator = /^[A-Z]+$/.test(word);
  return LANGUAGE.filter(([name]) => (isOperator ? name : name.toLowerCase()).startsWith(isOperator ? word : word.toLowerCase()))
    .filter(([name]) => isOperator === /^[A-Z]/.test(name) && name.trim() !== word)
    .map(([insert, told]) => option({ insert }, [insert.trim()], told));
}

function group(name, elements) {
  if (elements.length === 0) return null;
  const element = make("ul", "suggestion-group", ...elements);
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", name);
  return element;
}

function show(q, { completions = [], headlines = [] }) {
  const groups = [
    group("The language of queries", languageOptions()),
    group("Searches", once(completions, ({ text }) => text).map(completionOption)),
    group("Headlines", once(headlines, ({ title, id }) => title ?? id).map(headlineOption)),
  ].filter(Boolean);
  list().replaceChildren(...groups);
  options().forEach((element, at) => (element.id = `suggestion-${at}`));
  list().dataset.q = q;
  setActive(-1);
  list().hidden = groups.length === 0;
  field().setAttribute("aria-expanded", String(isOpen()));
}

// ---- Asking ----

function addressOf(q) {
  const parameters = new URLSearchParams({ q, limit: "6", timeout: "250ms" });
  const taken = ["source", "section", "author", "tag", "lang", "place", "person", "organisation", "story", "after", "before"];
  for (const { name, value } of field().form.querySelectorAll('input[type="hidden"]'))
    if (taken.includes(name)) parameters.append(name, value);
  return new URL(`suggest?${parameters}`, document.baseURI);
}

// What comes late, or fails, is nothing to tell the reader: the search itself does not depend on it.
async function ask(q) {
  asking?.abort();
  const { signal } = (asking = new AbortController());
  const answer = await fetch(addressOf(q), { signal, headers: { Accept: "application/json", ...actions.keyHeaders() } })
    .then((response) => (response.ok ? response.json() : {}))
    .catch(() => null);
  if (answer && !signal.aborted && document.activeElement === field() && field().value === q) show(q, answer);
}

function onInput() {
  clearTimeout(timer);
  const q = field().value;
  if (!q.trim()) return close();
  timer = setTimeout(() => ask(q), PAUSE_MS);
}

// ---- Choosing ----

function insert(text) {
  const { start, end } = wordAtCaret();
  field().setRangeText(text, start, end, "end");
}

function choose(chosen) {
  const { text, document: id, insert: inserted } = chosen.dataset;
  close();
  if (inserted) return insert(inserted);
  if (id) {
    const address = new URL(location.href);
    address.searchParams.set("document", id);
    address.searchParams.delete("against");
    return actions.go(address.href);
  }
  field().value = text;
  field().form.requestSubmit();
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

// actions_  {go(address), keyHeaders()}
export function listenToSearch(actions_) {
  actions = actions_;
  const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "suggestions" };
  for (const [name, value] of Object.entries(attributes)) field().setAttribute(name, value);
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
