/** What the view is narrowed to: a chip each, and what to leave away where nothing is found. */

import { counted, el, fill } from "./dom.js";
import { icon } from "./icons.js";

/**
 * @param {HTMLElement} element
 * @param {{f: string, label: string, out: boolean}[]} chips
 * @param {(filters: string[]) => void} drop
 */
export function showChips(element, chips, drop) {
  const focused = element.contains(document.activeElement);
  element.hidden = !chips.length;
  fill(
    element,
    ...chips.map((chip) =>
      el(
        "button.chip", { type: "button", className: chip.out ? "chip is-out" : "chip", "aria-label": `Remove ${chip.out ? "not " : ""}${chip.label}`, title: chip.label, onclick: () => drop([chip.f]) },
        chip.out && el("b", { textContent: "not" }), el("bdi", { textContent: chip.label }), icon("close"),
      ),
    ),
    chips.length > 1 && el("button.quiet", { type: "button", onclick: () => drop(chips.map((chip) => chip.f)) }, "Clear all"),
  );
  if (focused) element.querySelector("button")?.focus();
}

/**
 * What stands in place of an empty grid.
 * @param {HTMLElement} element
 * @param {object} given
 * @param {any} given.answer of the view
 * @param {any} given.info of the catalog
 * @param {boolean} given.scanning
 * @param {(dropped: {q?: string, f?: string}) => void} given.drop
 */
export function showNothing(element, { answer, info, scanning, drop }) {
  element.hidden = answer.total > 0;
  if (answer.total > 0) return fill(element);
  if (answer.all === 0 && scanning) return fill(element, el("h2", { textContent: "Reading pictures…" }), el("p", { textContent: "They appear here as they are read." }));
  if (answer.all === 0) {
    return fill(element, el("h2", { textContent: "This catalog is empty" }), el("p", { textContent: "Fill it with:" }), info.command && el("pre.command", { textContent: info.command, tabIndex: 0 }));
  }
  const ways = (answer.drop ?? []).filter((way) => way.total > 0).map((way) => {
    const label = way.q !== undefined ? `the words “${way.q}”` : answer.chips.find((chip) => chip.f === way.f)?.label ?? way.f;
    return el("li", {}, el("button.button", { type: "button", onclick: () => drop(way) }, `Without ${label}`, el("span.count", { textContent: counted(way.total, "picture") })));
  });
  return fill(element, el("h2", { textContent: "No picture matches" }), ways.length ? el("ul.ways", {}, ...ways) : el("p", { textContent: "Try other words, or fewer filters." }));
}
