// SPDX-License-Identifier: GPL-2.0-or-later
// Why nothing was found, in sentences, and the changes that would find something, each a click away.

import { el, formatNumber } from "./dom.js";
import { goLink } from "./results.js";
import { LISTS, addressOf, changed } from "./state.js";

const BEFORE_COUNT = { eq: "", approx: "about ", gte: "at least " };
const documents = (count, relation) =>
  `${BEFORE_COUNT[relation]}${formatNumber(count)} ${count === 1 ? "document" : "documents"}`;

// A phrase has its quotes already.
const quoted = (text) => el(text.startsWith('"') ? "span" : "q", { dir: "auto" }, text);

// Parts that find nothing by themselves; of a phrase or a NEAR its words, if they are to blame.
function barren(clauses) {
  return clauses.flatMap((clause) => {
    if (clause.count !== 0 || clause.role === "excluded" || clause.role === "optional") return [];
    const inner = barren(clause.clauses ?? []);
    return inner.length > 0 ? inner : [clause];
  });
}

function whyNot(clause) {
  if (clause.role === "filter") return el("li", {}, quoted(clause.clause), " lets no document through.");
  const isWord = /^[\p{L}\p{N}'’-]+$/u.test(clause.clause);
  const finding = clause.clauses ? "finds nothing, though its parts do" : isWord ? "is in no document" : "finds nothing";
  return el("li", {}, quoted(clause.clause), ` ${finding}.`);
}

function alone(clause) {
  if (typeof clause.count !== "number") return null;
  const excluded = clause.role === "excluded" ? " (excluded)" : "";
  return el("li", {}, quoted(clause.clause), `${excluded}: ${documents(clause.count, clause.relation)} by itself`);
}

function reasons(clauses) {
  const culprits = barren(clauses);
  if (culprits.length > 0) return [el("ul", {}, culprits.map(whyNot))];
  if (clauses.length < 2) return [];
  return [el("p", {}, "Each part finds something, but no document has all of it:"), el("ul", {}, clauses.map(alone).filter(Boolean))];
}

// The state that a change leads to.
function changedBy(state, change) {
  const changes = { q: change.q };
  for (const name of change.without) changes[name] = LISTS.includes(name) ? [] : "";
  return changed(state, changes);
}

function way(state, change) {
  const text = change.text.charAt(0).toUpperCase() + change.text.slice(1);
  return el(
    "li",
    {},
    goLink(addressOf(changedBy(state, change)), { dir: "auto" }, text),
    ` – ${documents(change.count, change.relation)}`,
  );
}

// What is known of why nothing was found: {why: elements, ways: list items}.
export function clinicParts(clinic, state) {
  const changes = [clinic?.smallest, ...(clinic?.alternatives ?? [])].filter(Boolean);
  return { why: reasons(clinic?.clauses ?? []), ways: changes.map((change) => way(state, change)) };
}
