// SPDX-License-Identifier: GPL-2.0-or-later
// The page's only way to the server: searches and documents over the HTTP API, and every failure as one kind of error.

import { keyHeaders } from "./key.js";
import { LISTS, pageSize, searchParameters } from "./state.js";

export const FACETS = ["section", "source", "lang", "author", "tag"];
const FIELDS = "title,summary,url,source,author,section,tags,language,published,updated";

// Something went wrong, in words for a person. `kind`: "problem" (the server said so), "unreachable", "unreadable".
export class Problem extends Error {
  constructor(kind, fields) {
    super(fields.title);
    Object.assign(this, {
      kind,
      status: 0,
      type: "",
      detail: "",
      hint: "",
      param: "",
      position: null,
      retryAfter: null,
    });
    Object.assign(this, fields);
  }
}

function retrySeconds(header) {
  if (!header) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 1), 600) : null;
}

async function problemOf(response) {
  const said = await response.json().catch(() => ({}));
  const text = (value) => (typeof value === "string" ? value : "");
  return new Problem("problem", {
    status: response.status,
    type: text(said.type),
    title: text(said.title) || `The server answered ${response.status} ${response.statusText}`.trim(),
    detail: text(said.detail),
    hint: text(said.hint),
    param: text(said.param),
    position: Number.isInteger(said.position) ? said.position : null,
    retryAfter: retrySeconds(response.headers.get("Retry-After")),
    request: text(said.instance) || response.headers.get("X-Request-Id") || "",
  });
}

async function get(address, accept, signal) {
  let response;
  try {
    response = await fetch(address, { signal, headers: { Accept: accept, ...keyHeaders() } });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem("unreachable", {
      title: "The server can’t be reached",
      detail: `Nothing answers at ${location.origin}. It may have been stopped, or the connection is down.`,
    });
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function getJson(address, signal) {
  const response = await get(address, "application/json, application/problem+json", signal);
  try {
    return await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem("unreadable", {
      title: "The server’s answer can’t be read",
      detail: "It is not complete JSON.",
    });
  }
}

function searchAddress(state, parameters) {
  const path = state.similar ? `documents/${encodeURIComponent(state.similar)}/similar` : "search";
  return new URL(`${path}?${parameters}`, document.baseURI).href;
}

export function exportAddress(state, extension) {
  const query = searchParameters(state).toString();
  if (state.similar) return searchAddress(state, query);
  return `search${extension}${query && `?${query}`}`;
}

// What a link leads to, where a key has to be sent with it: a link sends none.
export async function fetchFile(address) {
  const response = await get(new URL(address, document.baseURI).href, "*/*");
  return response.blob();
}

// One page of a search: hits with marks, counts of each filter's values, and how the hits spread over the months.
export function search(state, signal) {
  const parameters = searchParameters(state);
  parameters.set("limit", pageSize(state));
  if (!state.spell) parameters.set("spell", "auto");
  parameters.set("facets", FACETS.join(","));
  parameters.set("histogram", "month");
  parameters.set("fields", FIELDS);
  parameters.set("highlight", "title,summary,body,author");
  parameters.set("snippets", "2");
  parameters.set("snippet_chars", "220");
  return getJson(searchAddress(state, parameters), signal);
}

// What the words typed so far may become, within the filters in force. A reader waits longer for it than a program does by default.
export function suggest(state, q, signal) {
  const parameters = new URLSearchParams({ q, limit: "6", timeout: "250ms" });
  for (const name of LISTS)
    for (const value of state[name]) parameters.append(name, value.replaceAll(",", "\\,"));
  for (const name of ["after", "before"]) if (state[name]) parameters.set(name, state[name]);
  return getJson(new URL(`suggest?${parameters}`, document.baseURI).href, signal);
}

async function countsWithout(state, names, ask, signal) {
  const wider = { ...state, limit: "", offset: "" };
  for (const name of names) wider[name] = LISTS.includes(name) ? [] : "";
  const parameters = searchParameters(wider);
  for (const [name, value] of Object.entries({ ...ask, limit: "0", highlight: "none", fields: "title" }))
    parameters.set(name, value);
  return getJson(searchAddress(state, parameters), signal);
}

// Counts to choose from. A filter that is in force would leave its own list with nothing else to choose, so its values
// are counted with that one filter taken away (and the months without the date range). Where the server doesn't answer
// such a question, the counts of the search itself are good enough.
export async function countsToChooseFrom(state, answer, signal) {
  const facets = { ...answer.facets };
  let histogram = answer.histogram;
  const inForce = FACETS.filter((name) => state[name].some((value) => !value.startsWith("-")));
  const questions = inForce.map(async (name) => {
    const wider = await countsWithout(state, [name], { facets: name }, signal);
    facets[name] = wider.facets?.[name] ?? facets[name];
  });
  if (state.after || state.before) {
    questions.push(
      countsWithout(state, ["after", "before"], { histogram: "month" }, signal).then((wider) => {
        histogram = wider.histogram ?? histogram;
      }),
    );
  }
  await Promise.allSettled(questions);
  return { facets, histogram };
}

export function fetchDocument(id, signal) {
  return getJson(new URL(`documents/${encodeURIComponent(id)}`, document.baseURI).href, signal);
}
