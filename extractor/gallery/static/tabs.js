/** Two or more panels behind tabs: arrows move between them. */

import { el } from "./dom.js";

let made = 0;

/**
 * @param {string} label
 * @param {{name: string, panel: HTMLElement, onShow?: () => void}[]} tabs
 * @param {number} [first] which is shown at first
 * @returns {HTMLElement} list and panels
 */
export function tabs(label, tabs, first = 0) {
  const group = ++made;
  const buttons = tabs.map(({ name, panel }, i) => {
    panel.id = `panel-${group}-${i}`;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", `tab-${group}-${i}`);
    return el("button", { type: "button", role: "tab", id: `tab-${group}-${i}`, "aria-controls": panel.id, textContent: name, onclick: () => select(i) });
  });
  function select(wanted) {
    buttons.forEach((button, i) => {
      button.setAttribute("aria-selected", String(i === wanted));
      button.tabIndex = i === wanted ? 0 : -1;
      tabs[i].panel.hidden = i !== wanted;
    });
    tabs[wanted].onShow?.();
  }
  const list = el("div.tabs", {
    role: "tablist", "aria-label": label,
    onkeydown: (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const to = (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
      select(to);
      buttons[to].focus();
    },
  }, ...buttons);
  select(first);
  return el("div.tabbed", {}, list, ...tabs.map(({ panel }) => panel));
}
