/** The keys, and how to search. */

import { el } from "./dom.js";
import { KEYS } from "./keys.js";
import { Overlay } from "./overlay.js";

const GROUPS = ["Grid", "Picture", "Compare", "Everywhere"];

const QUERIES = [
  ["castle sunset", "both words"],
  ["cast*", "words that begin so"],
  ['"red dress"', "these words in this order"],
  ["cat OR dog", "one of them"],
  ["-hat", "not this word"],
  ["model:pony lora:detail", "names that contain it"],
  ["steps:20..30 cfg:>5", "ranges"],
  ["before:2024-06 after:2023", "dates"],
  ["with:hires without:negative", "what a recipe has"],
];

const MOUSE = [
  ["Alt + click", "on a value at the left: leave its pictures out"],
  ["Ctrl + click", "on a picture: select it"],
  ["Shift + click", "on a picture: select up to it"],
  ["Wheel", "on an open picture: zoom"],
  ["Long press", "of a finger on a picture: select it"],
];

export class Help {
  /** @param {() => void} onLeave */
  constructor(onLeave) {
    this.overlay = new Overlay("help", "Help", onLeave);
  }

  show() {
    if (this.overlay.isOpen) return;
    const keys = GROUPS.map((group) => table(group, KEYS.filter((key) => key.group === group).map((key) => [el("kbd", { textContent: key.shown }), key.label])));
    this.overlay.card(
      "Keys and searching",
      el("div.help-grid", {}, ...keys,
        table("Mouse", MOUSE.map(([what, does]) => [el("kbd", { textContent: what }), does])),
        table("Searching", QUERIES.map(([query, means]) => [el("code", { textContent: query }), means]))),
    );
    this.overlay.show();
  }

  hide() {
    this.overlay.hide();
  }
}

function table(title, rows) {
  return el("section", {}, el("h3", { textContent: title }), el("dl.keys", {}, ...rows.map(([term, text]) => el("div", {}, el("dt", {}, term), el("dd", { textContent: text })))));
}
