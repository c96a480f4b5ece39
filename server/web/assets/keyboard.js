// SPDX-License-Identifier: GPL-2.0-or-later
// The page by the keyboard alone: "/" to search, j and k (or arrows in the list) from result to result, Enter to read
// (the title is a link), Esc to return. Keys typed into a field, and keys with a modifier, are left alone.

import { byId } from "./dom.js";

function titles() {
  return [...document.querySelectorAll("#hits .title")];
}

function moveToResult(step) {
  const links = titles();
  const item = document.activeElement?.closest(".hit");
  const at = item ? links.indexOf(item.querySelector(".title")) : -1;
  if (at === 0 && step < 0) return byId("q").focus();
  const next = links[at < 0 && step < 0 ? links.length - 1 : at + step];
  next?.focus();
  next?.closest(".hit").scrollIntoView({ block: "nearest" });
}

function isField(element) {
  return element?.matches?.("input, select, textarea, [contenteditable]") ?? false;
}

function resultsKey(event) {
  const inList = event.target.closest?.("#hits") || event.target === byId("q");
  const step = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || (event.key.startsWith("Arrow") && !inList)) return;
  if (event.target === byId("q") && step < 0) return;
  event.preventDefault();
  moveToResult(step);
}

function readingKey(event, actions) {
  if (event.key === "Escape") actions.back();
  else if (event.key === "j") document.querySelector("#reading .way [rel=next]")?.click();
  else if (event.key === "k") document.querySelector("#reading .way [rel=prev]")?.click();
}

// actions  {isReading(): whether a document is shown, back(): return to the results}
export function listenToKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isField(event.target) && !(event.target === byId("q") && event.key === "ArrowDown")) return;
    if (event.key === "/") {
      event.preventDefault();
      byId("q").focus();
      byId("q").select();
    } else if (actions.isReading()) readingKey(event, actions);
    else resultsKey(event);
  });
}
