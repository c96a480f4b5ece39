// SPDX-License-Identifier: GPL-2.0-or-later
// What the page says when there is something other than results to say: what went wrong and what to do about it,
// other spellings, and why there is nothing to see.

import { clinicParts } from "./clinic.js";
import { byId, el } from "./dom.js";
import { key, keyForm } from "./key.js";
import { addressOf, changed, hasFilters, pageStart, withoutFilters } from "./state.js";
import { indexOfByte } from "./words.js";
import { goLink } from "./results.js";

// The query with a caret under the place of the error. The API counts in bytes of UTF-8.
function caretLine(query, position) {
  const at = indexOfByte(query, position);
  const character = Array.from(query.slice(at))[0] ?? "";
  return el(
    "p",
    { class: "caret", dir: "auto" },
    el(
      "code",
      {},
      query.slice(0, at),
      el("span", { class: "at" }, character || "\u00a0"),
      query.slice(at + character.length),
    ),
    el(
      "span",
      { class: "unseen" },
      character ? `The error is at “${query.slice(at, at + 20)}”.` : "The error is at the end.",
    ),
  );
}

// What stands where the server wants to know who asks.
export function keyNotice(onKey) {
  return el(
    "div",
    { class: "notice" },
    el("h2", {}, key() ? "This key is not known here, or not any more" : "This archive asks for a key"),
    el("p", {}, "It is kept in this tab, until the tab is closed."),
    keyForm(onKey),
  );
}

// problem  an api.js Problem
// extra    {retryIn: seconds or null, onRetry, onKey: a key is asked for, wordsAlone: what was searched instead}
export function renderProblem(problem, state, { retryIn = null, onRetry = null, onKey = null, wordsAlone = "" } = {}) {
  if (onKey) {
    byId("problem").replaceChildren(keyNotice(onKey));
    return;
  }
  const filter = problem.param && problem.param !== "q" && problem.param in state ? problem.param : null;
  const retry = onRetry && el("button", { type: "button" }, "Try again");
  retry?.addEventListener("click", onRetry);
  const parts = [
    el("h2", {}, problem.title),
    problem.detail && el("p", {}, filter ? `${problem.param}: ` : "", problem.detail),
    problem.position !== null &&
      state.q &&
      (!problem.param || problem.param === "q") &&
      caretLine(state.q, problem.position),
    problem.hint && el("p", { class: "hint" }, problem.hint),
    wordsAlone &&
      el("p", {}, "Shown instead: results for the words alone, ", el("q", { dir: "auto" }, wordsAlone), "."),
    retryIn !== null && el("p", {}, `Trying again in ${retryIn === 1 ? "a second" : `${retryIn} seconds`}.`),
    filter &&
      el(
        "p",
        {},
        goLink(
          addressOf(changed(state, { [filter]: Array.isArray(state[filter]) ? [] : "" })),
          {},
          "Search without it",
        ),
      ),
    retry,
    problem.status >= 500 && problem.request && el("p", { class: "small" }, `Request ${problem.request}`),
  ];
  byId("problem").replaceChildren(el("div", { class: "notice" }, ...parts.filter(Boolean)));
}

export function clearProblem() {
  byId("problem").replaceChildren();
}

export function renderHints(answer, state) {
  const { did_you_mean: other, corrected, q } = answer.query ?? {};
  const parts = [];
  if (corrected && other)
    parts.push(
      el(
        "p",
        {},
        "Showing results for ",
        goLink(addressOf(changed(state, { q: other })), { dir: "auto", class: "other" }, other),
        ". Search instead for ",
        goLink(addressOf(changed(state, { spell: "off" })), { dir: "auto" }, q),
        ".",
      ),
    );
  else if (other) {
    parts.push(
      el(
        "p",
        {},
        "Did you mean ",
        goLink(addressOf(changed(state, { q: other })), { dir: "auto", class: "other" }, other),
        "?",
      ),
    );
  }
  if (answer.timed_out) {
    parts.push(
      el(
        "p",
        {},
        "The search ran out of time: these are the results found by then. There may be more. Narrow the search to see them all.",
      ),
    );
  }
  byId("hints").replaceChildren(...parts);
}

function emptyArchive() {
  const command = `curl --data-binary @news.ndjson -H 'Content-Type: application/x-ndjson' ${location.origin}/documents`;
  return [
    el("h2", {}, "The archive is empty"),
    el(
      "p",
      {},
      "Documents that are added can be searched at once. One JSON object a line, with a ",
      el("code", {}, "title"),
      " or a ",
      el("code", {}, "body"),
      ":",
    ),
    el("pre", {}, el("code", {}, command)),
  ];
}

// Why there is nothing to see, and what would change that.
function emptyParts(answer, state) {
  if (answer.total.value > 0) {
    return [el("p", {}, goLink(addressOf(changed(state, {})), {}, "To the first page of the results"))];
  }
  if (pageStart(state) === 0 && !state.q && !hasFilters(state)) return emptyArchive();
  if (state.similar && !state.q && !hasFilters(state)) {
    return [el("h2", {}, "Nothing is like it"), el("p", {}, "No other document has enough of its telling words.")];
  }
  const { why, ways } = clinicParts(answer.query?.clinic, state);
  const onward = [
    hasFilters(state) &&
      ways.length === 0 &&
      el("li", {}, goLink(addressOf(withoutFilters(state)), {}, "Search without the filters")),
    el("li", {}, goLink("./", {}, "See the latest news")),
  ];
  return [
    el("h2", {}, "Nothing matches"),
    why.length === 0 &&
      el(
        "p",
        {},
        state.q
          ? "No document has all that was asked for. Fewer or other words may find it."
          : "No document passes these filters.",
      ),
    why,
    ways.length > 0 && el("p", {}, "This would find something:"),
    el("ul", { class: "ways" }, ways, onward.filter(Boolean)),
  ]
    .flat()
    .filter(Boolean);
}

export function renderEmpty(answer, state) {
  byId("empty").replaceChildren(...(answer.hits.length === 0 ? emptyParts(answer, state) : []));
}
