// SPDX-License-Identifier: GPL-2.0-or-later
// The key that a server may ask for: in this tab alone, gone with it, and sent in a header, never in an address.

import { el } from "./dom.js";

const NAME = "lede.key";

export function key() {
  return sessionStorage.getItem(NAME) ?? "";
}

// What a request says of who asks.
export function keyHeaders() {
  return key() ? { Authorization: `Bearer ${key()}` } : {};
}

function keep(text) {
  if (text) sessionStorage.setItem(NAME, text);
  else sessionStorage.removeItem(NAME);
}

// A form for a key. onKey: called when one was given.
export function keyForm(onKey) {
  const field = el("input", { id: "key", name: "key", type: "password", autocomplete: "off", spellcheck: "false", required: true });
  const form = el(
    "form",
    { class: "key" },
    el("label", { for: "key" }, "Key"),
    field,
    el("button", { type: "submit" }, "Use this key"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep(field.value.trim());
    onKey();
  });
  return form;
}

// A button that forgets it. onForgotten: called then.
export function forgetButton(onForgotten) {
  const button = el("button", { type: "button", id: "forget" }, "Forget the key");
  button.addEventListener("click", () => {
    keep("");
    onForgotten();
  });
  return button;
}
