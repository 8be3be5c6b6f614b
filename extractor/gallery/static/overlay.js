/** What lies over the grid: native modal dialogs, which keep the focus and give it back. */

import { el } from "./dom.js";
import { icon } from "./icons.js";

/** @type {Overlay[]} */
const open = [];

/** @returns {Overlay|undefined} the one on top */
export const topmost = () => open[open.length - 1];

export class Overlay {
  /**
   * @param {string} name its class, too
   * @param {string} label
   * @param {() => void} onLeave Escape, the close button, a click beside it: the owner answers by hiding it
   */
  constructor(name, label, onLeave) {
    this.name = name;
    this.onLeave = onLeave;
    this.element = el("dialog", { className: `overlay ${name}`, "aria-label": label, tabIndex: -1 });
    document.body.append(this.element);
    this.element.addEventListener("cancel", (event) => {
      if (event.target !== this.element) return;
      event.preventDefault();
      onLeave();
    });
    this.element.addEventListener("close", () => {
      if (!this.isOpen) return;
      this.#forget();
      onLeave();
    });
    this.element.addEventListener("pointerdown", (event) => {
      if (event.target === this.element) onLeave();
    });
  }

  /** @returns {boolean} */
  get isOpen() {
    return open.includes(this);
  }

  show() {
    if (this.isOpen) return;
    open.push(this);
    this.element.showModal();
    this.element.focus();
  }

  hide() {
    if (!this.isOpen) return;
    this.#forget();
    this.element.close();
    // What had the focus may be gone, or there was nothing that had it.
    const lost = document.activeElement === document.body || this.element.contains(document.activeElement);
    if (!open.length && lost) document.getElementById("grid").focus({ preventScroll: true });
  }

  /** @returns {HTMLButtonElement} */
  closeButton() {
    return el("button.icon-button.close", { type: "button", title: "Close (Esc)", "aria-label": "Close", onclick: () => this.onLeave() }, icon("close"));
  }

  /**
   * The frame of a card: its heading, a way out, what it holds.
   * @param {string|Node} heading
   * @param {...(Node|string|null|false)} children
   */
  card(heading, ...children) {
    const body = el("div.card-body", { tabIndex: -1 }, ...children);
    this.element.replaceChildren(el("div.card", {}, el("div.card-head", {}, el("h2", {}, heading), this.closeButton()), body));
    return body;
  }

  #forget() {
    open.splice(open.indexOf(this), 1);
  }
}
