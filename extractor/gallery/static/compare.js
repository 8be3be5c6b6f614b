/** Two pictures over one another or side by side, zoomed in step; below, only what differs. */

import { api } from "./api.js";
import { el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { Overlay } from "./overlay.js";
import { wholePicture } from "./picture.js";
import { Zoom } from "./zoom.js";

const MODES = ["Swipe", "Side by side", "Flicker"];
const FLICKER = 700;
const PROMPTS = { prompt: "Prompt", negativePrompt: "Negative prompt" };
const KINDS = { "=": "span", "-": "del", "+": "ins" };

export class Compare {
  #key = "";
  #mode = 0;
  #timer = 0;

  /** @param {() => void} onLeave */
  constructor(onLeave) {
    this.overlay = new Overlay("compare", "Compare two pictures", onLeave);
    this.stage = el("div.stage");
    this.below = el("div.differences", { tabIndex: 0, role: "region", "aria-label": "What differs" });
    this.slider = el("input.swipe", { type: "range", min: "0", max: "1000", value: "500", "aria-label": "How much of the first picture is seen", oninput: () => this.#swipe() });
    this.modes = MODES.map((name, i) => el("button", { type: "button", textContent: name, title: `${name} (${i + 1})`, onclick: () => this.mode(i) }));
    this.zoom = new Zoom(this.stage, () => [...this.stage.querySelectorAll(".whole, .under")]);
    for (const name of ["pointerdown", "pointermove"]) this.stage.addEventListener(name, (event) => this.#drag(event));
    this.stage.addEventListener("dragstart", (event) => event.preventDefault());
    this.names = [el("span.name-a"), el("span.name-b")];
    const full = el("button.icon-button", { type: "button", title: "Full screen (F)", "aria-label": "Full screen", onclick: () => this.fullScreen() }, icon("full"));
    this.overlay.element.append(
      el("div.topbar", {}, this.overlay.closeButton(), el("h2.names", {}, this.names[0], this.names[1]), el("span.grow"), el("div.segments", { role: "group", "aria-label": "How they are shown" }, ...this.modes), full),
      el("div.viewer", {}, this.stage, this.slider),
      this.below,
    );
  }

  /** @param {[number, number]} pair */
  async show(pair) {
    const key = pair.join();
    if (key === this.#key && this.overlay.isOpen) return;
    this.#key = key;
    fill(this.stage);
    fill(this.below);
    this.overlay.show();
    try {
      const empty = new URLSearchParams();
      const [a, b, differences] = await Promise.all([api.image(pair[0], empty), api.image(pair[1], empty), api.compare(...pair)]);
      if (key !== this.#key) return;
      this.#fill(a, b, differences);
    } catch (error) {
      fill(this.below, el("p.empty-note", { textContent: error.status === 404 ? "One of the two is not in the catalog." : error.message }));
    }
  }

  hide() {
    if (document.fullscreenElement) document.exitFullscreen();
    clearInterval(this.#timer);
    this.#key = "";
    this.overlay.hide();
    fill(this.stage);
  }

  /** @param {number} mode 0 swipe, 1 side by side, 2 flicker */
  mode(mode) {
    this.#mode = mode;
    clearInterval(this.#timer);
    this.modes.forEach((button, i) => button.setAttribute("aria-pressed", String(i === mode)));
    this.stage.dataset.mode = ["swipe", "beside", "flicker"][mode];
    this.slider.hidden = mode !== 0;
    this.stage.classList.remove("flipped");
    this.zoom.reset();
    this.#swipe();
    // Who asked for less motion flips by hand.
    if (mode === 2 && !matchMedia("(prefers-reduced-motion: reduce)").matches) this.#timer = setInterval(() => this.#turn(), FLICKER);
  }

  /** Shows the other one, by hand. */
  flip() {
    clearInterval(this.#timer);
    if (this.#mode === 0) {
      this.slider.value = Number(this.slider.value) > 500 ? "0" : "1000";
      this.#swipe();
    } else if (this.#mode === 2) this.#turn();
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.stage.requestFullscreen().catch(() => {});
  }

  #turn() {
    this.stage.classList.toggle("flipped");
  }

  /** The line goes where one presses. */
  #drag(event) {
    if (this.#mode !== 0 || this.zoom.scale > 1 || !(event.buttons & 1)) return;
    const box = this.stage.getBoundingClientRect();
    this.slider.value = String(Math.round((1000 * (event.clientX - box.left)) / box.width));
    this.#swipe();
  }

  #swipe() {
    const share = Number(this.slider.value) / 10;
    const [over] = this.stage.children;
    if (!over) return;
    over.style.clipPath = this.#mode === 0 ? `inset(0 ${100 - share}% 0 0)` : "";
    this.line.style.left = `${share}%`;
  }

  #fill(a, b, differences) {
    const frames = [a, b].map((image) => wholePicture(image).frame);
    this.line = el("span.line");
    fill(this.stage, ...frames, this.line);
    this.names.forEach((name, i) => (name.textContent = [a, b][i].name));
    this.slider.value = "500";
    this.mode(this.#mode);
    const { fields, prompts } = differences;
    fill(
      this.below,
      ...prompts.map(({ field, words }) => el("section.part", {}, el("h3", { textContent: PROMPTS[field] ?? field }), wordDiff(words))),
      fields.length ? this.#table(fields, a, b) : null,
      !fields.length && !prompts.length && el("p.empty-note", { textContent: "Both have the same recipe." }),
    );
  }

  #table(fields, a, b) {
    const cell = (text) => (text === null ? el("td.muted", { textContent: "absent" }) : el("td", {}, el("bdi", { textContent: text })));
    const rows = fields.map((field) => el("tr", {}, el("th", { scope: "row", textContent: field.label }), cell(field.a), cell(field.b)));
    const head = el("tr", {}, el("th", { scope: "col", textContent: "Field" }), ...[a, b].map((image) => el("th", { scope: "col", textContent: image.name })));
    return el("section.part", {}, el("h3", { textContent: "Fields that differ" }), el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows)));
  }
}

/** @param {[string, string][]} words kind and text @returns {HTMLElement} */
function wordDiff(words) {
  return el("p.prompt", { dir: "auto" }, ...words.map(([kind, text]) => el(KINDS[kind] ?? "span", { textContent: text })));
}
