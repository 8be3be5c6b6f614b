/** The rail of facets: values with counts; a click includes, Alt and click (or the minus beside it) excludes. */

import { api } from "./api.js";
import { afterRest, el, fill, number } from "./dom.js";
import { icon } from "./icons.js";

const SHOWN = 8;
const FOLDED = ["folder", "month", "size", "has"];

/** @typedef {{value: string, count: number, state: ""|"in"|"out"}} Value */

/**
 * @param {string} kind
 * @param {string} value
 * @returns {string} as people read it
 */
export function valueLabel(kind, value) {
  if (value === "") return "none";
  if (kind === "size") return value.replace("x", " × ");
  return value;
}

/**
 * @param {string[]} filters
 * @param {string} filter `kind:value`
 * @param {""|"in"|"out"} wanted
 * @returns {string[]} the filters with this one set so
 */
export function withFilter(filters, filter, wanted) {
  const others = filters.filter((known) => known !== filter && known !== `-${filter}`);
  if (wanted === "in") return [...others, filter];
  return wanted === "out" ? [...others, `-${filter}`] : others;
}

class Section {
  #values = [];
  #found = null;
  #all = false;
  #ask = null;

  /** @param {string} kind @param {Facets} rail */
  constructor(kind, rail) {
    this.kind = kind;
    this.rail = rail;
    this.open = !FOLDED.includes(kind);
    this.heading = el("button.facet-heading", { type: "button", "aria-expanded": String(this.open), onclick: () => this.#fold() });
    this.search = el("input.facet-search", { type: "search", autocomplete: "off", spellcheck: false, oninput: () => this.#type() });
    this.list = el("ul.facet-values");
    this.more = el("button.quiet.facet-more", { type: "button", onclick: () => this.#showAll() });
    this.body = el("div.facet-body", { hidden: !this.open }, this.search, this.list, this.more);
    this.element = el("section.facet", {}, el("h2", {}, this.heading), this.body);
    this.#ask = afterRest((text) => this.#find(text), 80);
  }

  /** @param {{label: string, distinct: number, values: Value[]}} facet */
  update(facet) {
    fill(this.heading, el("span", { textContent: facet.label }), el("span.count", { textContent: number(facet.distinct) }), icon("down"));
    this.search.setAttribute("aria-label", `Search in ${facet.label}`);
    this.search.placeholder = `Search ${facet.label.replace(/^[A-Z](?=[a-z]+\b)/, (letter) => letter.toLowerCase())}`;
    this.search.hidden = facet.distinct <= SHOWN;
    this.#values = facet.values;
    this.distinct = facet.distinct;
    if (this.search.value) this.#ask(this.search.value);
    else this.#show();
  }

  #fold() {
    this.open = !this.open;
    this.heading.setAttribute("aria-expanded", String(this.open));
    this.body.hidden = !this.open;
  }

  #showAll() {
    this.#all = !this.#all;
    this.#show();
  }

  #type() {
    if (this.search.value) this.#ask(this.search.value);
    else {
      this.#found = null;
      this.#show();
    }
  }

  async #find(text) {
    if (text !== this.search.value) return;
    const params = this.rail.params();
    params.set("kind", this.kind);
    params.set("contains", text);
    try {
      const answer = await api.facet(params);
      if (text !== this.search.value) return;
      this.#found = answer.values ?? answer;
      this.#show();
    } catch {
      // The rail stays as it was; the grid tells what is wrong.
    }
  }

  #show() {
    const values = this.#found ?? this.#values;
    const all = this.#all || this.#found !== null;
    const shown = values.filter((value, i) => all || i < SHOWN || value.state !== "");
    const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    fill(this.list, ...shown.map((value) => this.#row(value)));
    if (focused) [...this.list.querySelectorAll("button")].find((button) => button.dataset.key === focused)?.focus();
    const rest = values.length - shown.length;
    this.more.hidden = this.#found !== null || (rest <= 0 && !this.#all) || values.length <= SHOWN;
    this.more.textContent = this.#all ? "Show fewer" : `Show ${number(rest)} more`;
    if (this.#found && !shown.length) fill(this.list, el("li.muted", { textContent: "No such value" }));
  }

  #row({ value, count, state }) {
    const label = valueLabel(this.kind, value);
    const set = (wanted) => this.rail.set(`${this.kind}:${value}`, state === wanted ? "" : wanted);
    const include = el(
      "button.facet-value",
      {
        type: "button", title: label, "aria-pressed": String(state === "in"), data: { key: `in ${value}` },
        onclick: (event) => set(event.altKey ? "out" : "in"),
        onkeydown: (event) => {
          if (event.key !== "Enter" || !event.altKey) return;
          event.preventDefault();
          set("out");
        },
      },
      el("span.facet-name", {}, value === "" ? el("em", { textContent: label }) : el("bdi", { textContent: label })),
      el("span.count", { textContent: number(count) }),
    );
    // The keyboard excludes with Alt and Enter: every value is one stop, not two.
    const exclude = el("button.facet-out", {
      type: "button", tabIndex: -1, title: `Exclude ${label}`, "aria-label": `Exclude ${label}`, "aria-pressed": String(state === "out"),
      data: { key: `out ${value}` }, onclick: () => set("out"),
    }, icon("minus"));
    return el("li", { className: state && `is-${state}` }, include, exclude);
  }
}

export class Facets {
  /** @type {Map<string, Section>} */
  #sections = new Map();

  /**
   * @param {HTMLElement} element
   * @param {() => URLSearchParams} params of the view that is shown
   * @param {(filter: string, wanted: ""|"in"|"out") => void} set
   */
  constructor(element, params, set) {
    this.element = element;
    this.params = params;
    this.set = set;
  }

  /** @param {{kind: string, label: string, distinct: number, values: Value[]}[]} facets */
  show(facets) {
    const useful = facets.filter((facet) => facet.values.some((value) => value.value !== "" || value.state !== ""));
    for (const facet of useful) {
      if (!this.#sections.has(facet.kind)) this.#sections.set(facet.kind, new Section(facet.kind, this));
      this.#sections.get(facet.kind).update(facet);
    }
    const wanted = useful.map((facet) => this.#sections.get(facet.kind).element);
    const present = [...this.element.children];
    if (wanted.length !== present.length || wanted.some((element, i) => element !== present[i])) fill(this.element, ...wanted);
  }
}
