/** Statistics of the view: what was used how often; a click filters. */

import { api } from "./api.js";
import { counted, el, number, svg } from "./dom.js";
import { valueLabel } from "./facets.js";
import { Overlay } from "./overlay.js";

export class Stats {
  #asked = "";

  /**
   * @param {object} page
   * @param {() => void} page.onLeave
   * @param {() => URLSearchParams} page.params
   * @param {(filter: string) => string} page.link
   */
  constructor(page) {
    this.page = page;
    this.overlay = new Overlay("stats", "Statistics", page.onLeave);
  }

  async show() {
    const params = this.page.params();
    const asked = String(params);
    if (this.overlay.isOpen && asked === this.#asked) return;
    this.#asked = asked;
    const body = this.overlay.card("Statistics", el("p.muted", { textContent: "Counting…" }));
    this.overlay.show();
    try {
      const answer = await api.stats(params);
      if (asked !== this.#asked) return;
      const sections = answer.sections.filter((section) => section.rows.length);
      body.replaceChildren(
        el("p.muted", { textContent: `Of ${counted(answer.total, "picture")} in this view. A click shows those with the value.` }),
        el("div.stats-grid", {}, ...sections.map((section) => this.#section(section))),
        sections.length ? "" : el("p.empty-note", { textContent: "There is nothing to count here." }),
      );
    } catch (error) {
      body.replaceChildren(el("p.empty-note", { textContent: error.message }));
    }
  }

  hide() {
    this.overlay.hide();
  }

  #section({ kind, title, svg: plot, rows }) {
    const drawn = plot && kind.startsWith("month") ? this.#plot(plot, rows) : null;
    return el(`section.stat${drawn ? ".wide" : ""}`, {}, el("h3", { textContent: title }), drawn ?? this.#ranks(kind, rows));
  }

  #ranks(kind, rows) {
    const most = Math.max(...rows.map((row) => row.count));
    return el("ol.ranks", {}, ...rows.map((row) => {
      const bar = el("span.rank-bar");
      bar.style.width = `${(100 * row.count) / most}%`;
      const label = valueLabel(kind, row.value);
      const inside = [bar, el("bdi.rank-name", { textContent: label }), el("span.count", { textContent: number(row.count) })];
      return el("li", {}, row.filter ? el("a", { href: this.page.link(row.filter), title: label }, ...inside) : el("span", { title: label }, ...inside));
    }));
  }

  /** The server's drawing, as elements of this page; its bars become links. */
  #plot(text, rows) {
    const drawing = document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
    if (drawing.localName !== "svg") return null;
    drawing.setAttribute("class", "plot");
    drawing.setAttribute("role", "group");
    for (const bar of drawing.querySelectorAll("[data-row]")) {
      const row = rows[Number(bar.dataset.row)];
      if (!row?.filter) continue;
      const link = svg("a", { href: this.page.link(row.filter), "aria-label": `${row.value}: ${counted(row.count, "picture")}` });
      bar.replaceWith(link);
      link.append(bar);
    }
    return drawing;
  }
}
