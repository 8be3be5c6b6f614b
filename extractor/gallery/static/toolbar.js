/** What stands around the grid: how it looks, what is selected, how far a scan is, whether there is a server. */

import { byId, counted, el, fill, number } from "./dom.js";
import { icon } from "./icons.js";
import { keepSetting, setting } from "./settings.js";

const THEMES = ["", "dark", "light"];

/** Applies what is kept of how the page looks. */
export function applyLook() {
  const theme = setting("theme");
  const root = document.documentElement;
  if (THEMES.includes(theme)) root.dataset.theme = theme;
  root.classList.toggle("blurred", setting("blurred"));
  root.classList.toggle("without-rail", !setting("rail"));
}

/** From what the system wants to the other one, and back. */
export function toggleTheme() {
  const isDark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  keepSetting("theme", isDark ? "light" : "dark");
  applyLook();
}

/** Blurs all pictures, or shows them again. */
export function toggleBlur() {
  keepSetting("blurred", !setting("blurred"));
  applyLook();
}

/**
 * @param {{total: number, images: number, all: number, stacked?: boolean}} answer
 */
export function showStatus({ total, images, all, stacked }) {
  const stacks = stacked && total !== images ? `${counted(total, "stack")} · ` : "";
  const [count, unit] = counted(all, "picture").split(" ");
  fill(byId("status"), stacks + (images === all ? count : `${number(images)} of ${count}`), el("span.unit", { textContent: ` ${unit}` }));
  byId("rail-done").textContent = `Show ${counted(total, stacked ? "stack" : "picture")}`;
}

/** @param {import("./events.js").State} state */
export function showScan({ scanning, done, total, failures }) {
  const element = byId("scan");
  element.hidden = !scanning;
  if (!scanning) return;
  const bar = el("progress", { max: total || 1, "aria-label": "Pictures read" });
  if (total) bar.value = done;
  else bar.removeAttribute("value");
  const text = total ? `Reading ${number(done)} of ${number(total)}` : `Reading, ${number(done)} so far`;
  fill(element, bar, failures ? `${text}, ${number(failures)} failed` : text);
}

/** @param {boolean} isGone */
export function showServer(isGone) {
  const banner = byId("banner");
  banner.hidden = !isGone;
  fill(banner, isGone && icon("warning"), isGone && "The gallery's server has stopped. Start it again; this page tries to reach it.");
}

/**
 * @param {number} n selected
 * @param {{compare: () => void, report: () => void, only: () => void, clear: () => void}} actions
 */
export function showSelection(n, actions) {
  const element = byId("selection");
  const hadFocus = element.contains(document.activeElement);
  element.hidden = n === 0;
  document.documentElement.classList.toggle("selecting", n > 0);
  const button = (text, run, disabled = false) => el("button.button", { type: "button", onclick: run, disabled }, text);
  fill(
    element,
    el("span", { role: "status", textContent: `${number(n)} selected` }),
    button("Compare", actions.compare, n !== 2),
    button("Only these", actions.only),
    button("Report", actions.report),
    el("button.icon-button", { type: "button", title: "Clear (Esc)", "aria-label": "Clear the selection", onclick: actions.clear }, icon("close")),
  );
  if (hadFocus && n === 0) byId("grid").focus();
}
