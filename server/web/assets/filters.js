// SPDX-License-Identifier: GPL-2.0-or-later
// Narrowing a search: values with their counts, the chips of what is chosen, the date range and its bars.
//
// Every choice is a link to the address of the search it leads to: it can be opened in a new tab and be shared.

import { byId, el, formatNumber, keepFocus } from "./dom.js";
import { FILTERS, LISTS, addressOf, changed, withFilter, withoutFilter, withoutFilters } from "./state.js";
import { FACETS } from "./api.js";
import { goLink } from "./results.js";

const SHOWN_FIRST = 7;
const SHOWN_AT_MOST = 200;
const BARS_MAX = 60; // more months than that are shown as years
const YEARS_MAX = 150; // the latest ones
const PERIODS = [
  ["-1d", "day"],
  ["-7d", "week"],
  ["-30d", "month"],
  ["-365d", "year"],
];
const unfolded = new Set(); // facets whose whole list is shown

const languages = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });

function valueName(name, value) {
  if (name === "story") return "its copies";
  if (name !== "lang") return value;
  if (value === "und") return "Not known";
  try {
    return languages.of(value);
  } catch {
    return value;
  }
}

function facetRow(state, name, { value, count }) {
  const chosen = state[name].includes(value);
  const shown = valueName(name, value);
  const next = chosen ? withoutFilter(state, name, value) : withFilter(state, name, value);
  const key = `${name}:${value}`;
  const label = `${chosen ? "Remove filter: " : ""}${shown}, ${formatNumber(count)}`;
  return el(
    "li",
    { class: chosen ? "chosen" : null },
    goLink(
      addressOf(next),
      { class: "value", "aria-label": label, "aria-current": chosen ? "true" : null, "data-key": key },
      el("span", { class: "name", dir: "auto" }, shown),
      el("span", { class: "count" }, formatNumber(count)),
    ),
    goLink(
      addressOf(withFilter(state, name, value, true)),
      {
        class: "exclude",
        "aria-label": `Exclude ${shown}`,
        title: `Exclude ${shown}`,
        "data-key": `-${key}`,
      },
      "not",
    ),
  );
}

function facetGroup(state, name, counted) {
  const values = (counted ?? []).filter(
    (entry) => entry.value !== "" && !state[name].includes(`-${entry.value}`),
  );
  if (values.length === 0) return null;
  values.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  // A chosen value stays in sight, however rare it is.
  const chosen = values.filter((entry) => state[name].includes(entry.value));
  const others = values.filter((entry) => !state[name].includes(entry.value));
  const room = unfolded.has(name) ? SHOWN_AT_MOST : Math.max(SHOWN_FIRST - chosen.length, 0);
  const list = el(
    "ul",
    {},
    [...chosen, ...others.slice(0, room)].map((entry) => facetRow(state, name, entry)),
  );
  const hidden = Math.min(others.length, SHOWN_AT_MOST) - room;
  const more = hidden > 0 ? `${formatNumber(hidden)} more` : unfolded.has(name) ? "Fewer" : null;
  const button =
    more &&
    el(
      "button",
      { type: "button", class: "more", "data-key": `more:${name}` },
      more,
      el("span", { class: "unseen" }, ` values of ${FILTERS[name]}`),
    );
  const group = el(
    "section",
    { class: "group", "aria-labelledby": `facet-${name}` },
    el("h2", { id: `facet-${name}` }, FILTERS[name]),
    list,
    button,
  );
  button?.addEventListener("click", () => {
    if (!unfolded.delete(name)) unfolded.add(name);
    keepFocus(() => group.replaceWith(facetGroup(state, name, counted)));
  });
  return group;
}

function lastDay(year, month) {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function monthBar(year, month, count) {
  const start = `${year}-${String(month).padStart(2, "0")}`;
  const name = new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric", timeZone: "UTC" }).format(
    new Date(`${start}-01T00:00:00Z`),
  );
  return { after: `${start}-01`, before: `${start}-${lastDay(year, month)}`, count, name, edge: start };
}

// The buckets as bars without gaps: a month without news is a bar of no height, and not left out.
function barsOf(buckets) {
  const counts = new Map(buckets.map(({ start, count }) => [String(start).slice(0, 7), count]));
  const months = [...counts.keys()].filter((key) => /^\d{4}-\d{2}$/.test(key)).sort();
  if (months.length === 0) return [];
  const [firstYear, firstMonth] = months[0].split("-").map(Number);
  const [lastYear, lastMonth] = months.at(-1).split("-").map(Number);
  const span = (lastYear - firstYear) * 12 + lastMonth - firstMonth + 1;
  if (span > BARS_MAX) return yearBars(firstYear, lastYear, counts);
  return Array.from({ length: span }, (_, index) => {
    const month = firstMonth - 1 + index;
    const year = firstYear + Math.floor(month / 12);
    const key = `${year}-${String((month % 12) + 1).padStart(2, "0")}`;
    return monthBar(year, (month % 12) + 1, counts.get(key) ?? 0);
  });
}

function yearBars(firstYear, lastYear, counts) {
  const sums = new Map();
  for (const [month, count] of counts) {
    const year = Number(month.slice(0, 4));
    sums.set(year, (sums.get(year) ?? 0) + count);
  }
  const years = Array.from(
    { length: Math.min(lastYear - firstYear + 1, YEARS_MAX) },
    (_, index) => lastYear - index,
  );
  return years.reverse().map((year) => {
    const name = String(year).padStart(4, "0");
    return { after: `${name}-01-01`, before: `${name}-12-31`, count: sums.get(year) ?? 0, name, edge: name };
  });
}

function within(state, bar) {
  if (!state.after && !state.before) return false;
  return (!state.after || bar.before >= state.after) && (!state.before || bar.after <= state.before);
}

// Arrow keys move over the bars, so that they are one stop of the Tab key and not sixty.
function moveOverBars(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const bars = [...event.currentTarget.querySelectorAll("a")];
  const next = bars[bars.indexOf(event.target) + (step ?? 0)];
  if (!step || !next) return;
  event.preventDefault();
  for (const bar of bars) bar.tabIndex = bar === next ? 0 : -1;
  next.focus();
}

function renderHistogram(state, histogram) {
  const bars = barsOf(histogram?.buckets ?? []);
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  const firstChosen = bars.findIndex((bar) => within(state, bar));
  const stop = firstChosen < 0 ? bars.length - 1 : firstChosen;
  const links = bars.map((bar, index) => {
    const chosen = within(state, bar);
    const exactly = state.after === bar.after && state.before === bar.before;
    const next = changed(
      state,
      exactly ? { after: "", before: "" } : { after: bar.after, before: bar.before },
    );
    const label = `${bar.name}, ${formatNumber(bar.count)}${exactly ? ", remove this range" : ""}`;
    const fill = el("span", {});
    fill.style.height = bar.count === 0 ? "0" : `${Math.max(4, Math.round((100 * bar.count) / most))}%`;
    return goLink(
      addressOf(next),
      {
        "aria-label": label,
        title: label,
        "aria-current": chosen ? "true" : null,
        class: chosen ? "chosen" : null,
        tabindex: index === stop ? "0" : "-1",
        "data-key": `bar:${bar.after}`,
      },
      fill,
    );
  });
  if (bars.length < 2) return byId("histogram").replaceChildren();
  const chart = el(
    "div",
    { class: "bars", role: "group", "aria-label": "Results over time; arrow keys move" },
    links,
  );
  chart.addEventListener("keydown", moveOverBars);
  const ends = el(
    "p",
    { class: "ends", "aria-hidden": "true" },
    el("span", {}, bars[0].edge),
    el("span", {}, bars.at(-1).edge),
  );
  byId("histogram").replaceChildren(chart, ends);
}

function renderDates(state) {
  const links = PERIODS.map(([after, name]) => {
    const chosen = state.after === after && !state.before;
    const next = changed(state, { after: chosen ? "" : after, before: "" });
    return goLink(
      addressOf(next),
      {
        "aria-label": `Past ${name}`,
        "aria-current": chosen ? "true" : null,
        class: chosen ? "chosen" : null,
        "data-key": `period:${after}`,
      },
      name,
    );
  });
  byId("periods").replaceChildren("Past", ...links);
  for (const name of ["after", "before"])
    byId(name).value = /^\d{4}-\d{2}-\d{2}$/.test(state[name]) ? state[name] : "";
}

function chip(state, label, next) {
  return el(
    "li",
    {},
    goLink(
      addressOf(next),
      { "aria-label": `Remove filter: ${label}`, "data-key": `chip:${label}` },
      el("span", { dir: "auto" }, label),
      el("span", { class: "cross", "aria-hidden": "true" }, "×"),
    ),
  );
}

const SCALAR_CHIPS = [
  ["after", (value) => `From ${value}`],
  ["before", (value) => `To ${value}`],
  ["match", (value) => (value === "any" ? "Any of the words" : `match: ${value}`)],
  ["in", (value) => `Words in ${value}`],
  ["collapse", (value) => (value === "story" ? "Each story once" : `One for each ${value}`)],
  ["recency", (value) => `Newer preferred: ${value}`],
];

export function renderChips(state) {
  const chips = LISTS.flatMap((name) =>
    state[name].map((held) => {
      const value = held.replace(/^-/, "");
      const label = `${held.startsWith("-") ? "not " : ""}${FILTERS[name]}: ${valueName(name, value)}`;
      return chip(state, label, withoutFilter(state, name, value));
    }),
  );
  for (const [name, label] of SCALAR_CHIPS) {
    if (state[name]) chips.push(chip(state, label(state[name]), changed(state, { [name]: "" })));
  }
  byId("fold-count").textContent = chips.length > 0 ? `(${chips.length} chosen)` : "";
  if (chips.length > 1) {
    chips.push(
      el(
        "li",
        { class: "all" },
        goLink(addressOf(withoutFilters(state)), { "data-key": "chip:" }, "Remove all"),
      ),
    );
  }
  byId("chips").replaceChildren(...chips);
  byId("chips").hidden = chips.length === 0;
}

export function renderFilters(state, { facets, histogram }) {
  renderDates(state);
  renderHistogram(state, histogram);
  byId("facets").replaceChildren(
    ...FACETS.map((name) => facetGroup(state, name, facets?.[name])).filter(Boolean),
  );
}
