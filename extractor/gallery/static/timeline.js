/** The months as bars above the grid: they show where one is, and a press or a key leads elsewhere. */

import { counted, el, fill } from "./dom.js";

const MOST_GAPS = 96;
const NAMES = new Intl.DateTimeFormat("en-US", { month: "long", year: "numeric", timeZone: "UTC" });

/** @typedef {{month: string, count: number, first: number|null}} Month `first` is its first place in the view */

const index = (month) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1;

/** @param {string} month `2024-03` @returns {string} "March 2024" */
export function monthName(month) {
  const at = index(month);
  return Number.isFinite(at) ? NAMES.format(Date.UTC(Math.floor(at / 12), at % 12)) : month;
}

/**
 * @param {Month[]} months ascending
 * @returns {Month[]} with those between that have no pictures, unless these are too many
 */
export function continuous(months) {
  if (!months.length || index(months[months.length - 1].month) - index(months[0].month) > MOST_GAPS) return months;
  const filled = [];
  for (const month of months) {
    while (filled.length && index(month.month) - index(filled[filled.length - 1].month) > 1) {
      const at = index(filled[filled.length - 1].month) + 1;
      filled.push({ month: `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, "0")}`, count: 0, first: null });
    }
    filled.push(month);
  }
  return filled;
}

export class Timeline {
  /** @type {Month[]} */
  #months = [];
  #bars = [];
  #here = -1;
  /** Where the grid came to stand for the month that was picked: a row may begin with pictures of another. @type {number|null} */
  #held = null;
  #isPicked = false;

  /**
   * @param {HTMLElement} element a slider
   * @param {(month: Month) => void} onPick
   */
  constructor(element, onPick) {
    this.element = element;
    this.onPick = onPick;
    element.addEventListener("pointerdown", (event) => this.#press(event));
    element.addEventListener("pointermove", (event) => this.#hover(event));
    element.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {Month[]} months */
  show(months) {
    this.#months = continuous(months);
    this.#here = -1;
    this.#isPicked = false;
    this.element.hidden = months.length < 1;
    const most = Math.max(1, ...months.map((month) => month.count));
    let year = "";
    this.#bars = this.#months.map((month) => {
      const bar = el("span.bar");
      bar.style.height = month.count ? `${Math.max(8, (100 * month.count) / most)}%` : "0";
      const name = el("span.month", { data: { month: month.month } }, bar);
      if (month.month.slice(0, 4) !== year) {
        year = month.month.slice(0, 4);
        name.append(el("span.year", { textContent: year }));
      }
      return name;
    });
    fill(this.element, ...this.#bars);
    this.#thin();
    this.element.setAttribute("aria-valuemin", "0");
    this.element.setAttribute("aria-valuemax", String(Math.max(0, this.#months.length - 1)));
    this.mark(0);
  }

  /** Shows in which month a place of the view lies. @param {number} position */
  mark(position) {
    if (this.#isPicked) {
      this.#held ??= position;
      if (position === this.#held) return;
      this.#isPicked = false;
    }
    let here = -1;
    this.#months.forEach((month, i) => {
      if (month.first === null || month.first > position) return;
      if (here < 0 || month.first > this.#months[here].first) here = i;
    });
    if (here !== this.#here || here < 0) this.#show(here);
  }

  #show(here) {
    this.#bars[this.#here]?.classList.remove("here");
    this.#bars[here]?.classList.add("here");
    this.#here = here;
    this.element.setAttribute("aria-valuenow", String(Math.max(0, here)));
    this.element.setAttribute("aria-valuetext", here < 0 ? "no month" : this.#told(this.#months[here]));
  }

  #told(month) {
    return `${monthName(month.month)}, ${counted(month.count, "picture")}`;
  }

  /** Years that would run into each other are left away. */
  #thin() {
    let last = -Infinity;
    for (const bar of this.#bars) {
      const label = bar.querySelector(".year");
      if (!label) continue;
      label.hidden = bar.offsetLeft - last < 36 || this.element.clientWidth - bar.offsetLeft < 28;
      if (!label.hidden) last = bar.offsetLeft;
    }
  }

  #at(event) {
    const box = this.element.getBoundingClientRect();
    const share = (event.clientX - box.left) / (this.#bars[this.#bars.length - 1].getBoundingClientRect().right - box.left);
    return this.#months[Math.max(0, Math.min(this.#months.length - 1, Math.floor(share * this.#months.length)))];
  }

  #press(event) {
    this.element.setPointerCapture(event.pointerId);
    this.#pick(this.#at(event));
  }

  #hover(event) {
    const month = this.#at(event);
    this.element.title = this.#told(month);
    if (this.element.hasPointerCapture(event.pointerId)) this.#pick(month);
  }

  #pick(month) {
    if (!month?.count || month === this.#months[this.#here]) return;
    this.#isPicked = true;
    this.#held = null;
    this.#show(this.#months.indexOf(month));
    this.onPick(month);
  }

  #key(event) {
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    let to = null;
    if (step) {
      to = this.#here + step;
      while (this.#months[to]?.count === 0) to += step;
    } else if (event.key === "Home") to = 0;
    else if (event.key === "End") to = this.#months.length - 1;
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (this.#months[to]) this.#pick(this.#months[to]);
  }
}
