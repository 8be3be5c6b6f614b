/** The search box: asks while one types, shows what is wrong with a query, and where. */

import { afterRest, byId, el, fill } from "./dom.js";

const DEBOUNCE = 60;

export class Search {
  /**
   * @param {(q: string, prefix: boolean, isFirst: boolean) => void} onQuery `isFirst` of a spell of typing: worth an entry in the history
   * @param {() => void} onDone Enter: to the pictures
   */
  constructor(onQuery, onDone) {
    this.input = byId("query");
    this.problem = byId("query-problem");
    this.isTyping = false;
    const ask = afterRest(() => {
      onQuery(this.input.value.trim(), !/[\s")]$/.test(this.input.value), !this.isTyping);
      this.isTyping = true;
    }, DEBOUNCE);
    this.input.addEventListener("input", ask);
    this.input.addEventListener("blur", () => (this.isTyping = false));
    byId("search").addEventListener("submit", (event) => {
      event.preventDefault();
      onDone();
    });
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  /** What the address says; a box that is being typed in stays as it is. @param {string} q */
  show(q) {
    if (document.activeElement !== this.input || !this.isTyping) this.input.value = q;
  }

  /**
   * @param {string} q
   * @param {string} message
   * @param {number|null} position of the character
   */
  refuse(q, message, position) {
    this.input.setAttribute("aria-invalid", "true");
    const at = position === null ? null : Math.max(0, Math.min(q.length, position));
    const place = at === null ? null : el("code.query-place", {}, q.slice(0, at), el("b", { textContent: q.slice(at) || " " }));
    fill(this.problem, el("span", { textContent: message }), place);
    this.problem.hidden = false;
  }

  accept() {
    this.input.removeAttribute("aria-invalid");
    this.problem.hidden = true;
    this.problem.replaceChildren();
  }
}
