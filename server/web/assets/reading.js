// SPDX-License-Identifier: GPL-2.0-or-later
// The reading view: one whole document, set to be read.

import { asList, byId, el, languageTag, safeUrl, timeElement } from "./dom.js";
import { keyNotice } from "./notices.js";
import { addressOf, emptyState, withFilter } from "./state.js";
import { goLink, headlineOf, kicker, originalLink, similarLink } from "./results.js";
import { paragraphs } from "./words.js";

function paragraphElement(lines, language) {
  const nodes = lines.flatMap((line, index) => (index > 0 ? [el("br"), line] : [line]));
  return el("p", { dir: "auto", lang: language }, nodes);
}

function byline(fields, id) {
  const authors = asList(fields.author).join(", ");
  const published = timeElement(fields.published);
  const updated = fields.updated && fields.updated !== fields.published ? timeElement(fields.updated) : null;
  return el(
    "p",
    { class: "byline" },
    authors && el("span", { class: "author", dir: "auto" }, authors),
    published,
    updated && el("span", {}, "updated ", updated),
    originalLink(fields),
    similarLink(id),
  );
}

function tagLinks(fields) {
  const tags = asList(fields.tags);
  if (tags.length === 0) return null;
  const links = tags.map((tag) =>
    el("li", {}, goLink(addressOf(withFilter(emptyState(), "tag", tag)), { dir: "auto" }, tag)),
  );
  return el("footer", {}, el("h2", { class: "unseen" }, "Tags"), el("ul", { class: "tags" }, links));
}

// Links to the list and to the documents beside this one in it; `neighbours` are ids or null.
function wayOut(state, neighbours) {
  const beside = (id, name, relation) =>
    id && goLink(addressOf({ ...state, document: id }), { rel: relation, "data-beside": true }, name);
  return el(
    "nav",
    { class: "way", "aria-label": "Document" },
    goLink(
      addressOf({ ...state, document: "" }),
      { class: "back", "data-back": true },
      "← Back to the results",
    ),
    beside(neighbours.previous, "Previous", "prev"),
    beside(neighbours.next, "Next", "next"),
  );
}

// fields  the document, or null while it is being fetched
export function renderReading(fields, id, state, neighbours) {
  const article = byId("reading");
  if (!fields) {
    article.replaceChildren(wayOut(state, neighbours), el("p", { role: "status" }, "Loading the document…"));
    return;
  }
  const language = languageTag(fields.language);
  const headline = headlineOf(fields, id);
  const body = paragraphs(typeof fields.body === "string" ? fields.body : "");
  article.replaceChildren(
    wayOut(state, neighbours),
    el(
      "header",
      {},
      el("p", { class: "kicker" }, kicker(fields)),
      el("h1", { dir: "auto", lang: language, tabindex: "-1", id: "reading-title" }, headline),
      fields.summary &&
        fields.title &&
        el("p", { class: "standfirst", dir: "auto", lang: language }, fields.summary),
      byline(fields, id),
    ),
    el(
      "div",
      { class: "text" },
      body.map((lines) => paragraphElement(lines, language)),
      body.length === 0 &&
        el(
          "p",
          { class: "nothing" },
          safeUrl(fields.url)
            ? "The archive has no text of this document; see the original."
            : "The archive has no text of this document.",
        ),
    ),
    ...[tagLinks(fields)].filter(Boolean),
  );
  document.title = `${headline} – Lede`;
  byId("reading-title").focus({ preventScroll: true });
}

export function renderReadingProblem(problem, state, neighbours, onRetry) {
  if (problem.status === 401) {
    byId("reading").replaceChildren(wayOut(state, neighbours), keyNotice(onRetry));
    return;
  }
  const retry = problem.status === 404 ? null : el("button", { type: "button" }, "Try again");
  retry?.addEventListener("click", onRetry);
  const title = problem.status === 404 ? "There is no such document" : problem.title;
  const notice = el(
    "div",
    { class: "notice", role: "alert" },
    el("h1", { tabindex: "-1", id: "reading-title" }, title),
    problem.detail && el("p", {}, problem.detail),
    problem.hint && el("p", { class: "hint" }, problem.hint),
    retry,
  );
  byId("reading").replaceChildren(wayOut(state, neighbours), notice);
  byId("reading-title").focus({ preventScroll: true });
}
