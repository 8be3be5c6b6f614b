/** One picture of the grid: its colour at once, its thumbnail when it comes, marks for what is odd about it. */

import { thumbAddress } from "./api.js";
import { paint } from "./blurhash.js";
import { el, fill } from "./dom.js";
import { icon } from "./icons.js";

/** @typedef {import("./cells.js").Cell} Cell */

const EDGE = 384;
const LARGE = 768;
/** How much a thumbnail may be stretched before a larger one is asked for. */
const BLURRED = 1.6;

export class Tile {
  /** @type {Cell|null} */
  #cell = null;
  #failed = false;
  #done = () => {};

  constructor() {
    this.image = el("img", { alt: "", decoding: "async", draggable: false });
    this.name = el("span.tile-name", { "aria-hidden": "true" });
    this.marks = el("span.marks");
    this.element = el("div.tile", { role: "option" }, this.image, this.name, this.marks, el("span.pick", {}, icon("check")));
    this.image.addEventListener("load", () => this.#settled(true));
    this.image.addEventListener("error", () => this.#settled(false));
  }

  /** @returns {number|null} of the picture, once it is known */
  get id() {
    return this.#cell?.id ?? null;
  }

  /** @returns {boolean} whether a thumbnail is to be had and not there yet */
  get lacksThumb() {
    return this.#cell !== null && !this.#cell.video && !this.#failed && !this.element.classList.contains("loaded");
  }

  /**
   * @param {number} position
   * @param {number} count
   * @param {string} colour
   */
  start(position, count, colour) {
    this.position = position;
    this.element.id = `tile-${position}`;
    this.element.dataset.position = String(position);
    this.element.setAttribute("aria-setsize", String(count));
    this.element.setAttribute("aria-posinset", String(position + 1));
    if (!this.#cell) this.element.setAttribute("aria-label", `Picture ${position + 1}`);
    this.element.style.backgroundColor = colour;
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  place(x, y, width, height) {
    const { style } = this.element;
    style.transform = `translate(${x}px, ${y}px)`;
    style.width = `${width}px`;
    style.height = `${height}px`;
    const pixels = Math.max(width, height) * devicePixelRatio;
    this.edge = pixels > EDGE * BLURRED ? LARGE : EDGE;
  }

  /** @param {Cell} cell */
  fill(cell) {
    if (this.#cell === cell) return;
    if (this.#cell && this.#cell.v !== cell.v) this.clear();
    this.#cell = cell;
    const words = [cell.name, cell.width && `${cell.width} × ${cell.height}`].filter(Boolean);
    const marks = [];
    const mark = (name, text, seen = null) => {
      words.push(text);
      marks.push(el("span.mark", { title: text }, seen ?? icon(name)));
    };
    if (cell.stack > 1) mark("stacks", `${cell.stack} pictures of this recipe`, String(cell.stack));
    if (cell.video) mark("video", "video");
    if (cell.missing) mark("unplugged", "uses a model that is not here");
    if (cell.gone) mark("missing", "the file is not there any more", "file missing");
    if (cell.ai) mark("info", "marked as made by AI", "AI");
    fill(this.marks, ...marks);
    this.image.alt = cell.name;
    this.name.textContent = cell.name;
    this.element.setAttribute("aria-label", words.join(", "));
    this.element.classList.toggle("stacked", cell.stack > 1);
  }

  /** @param {boolean} current @param {boolean} selected */
  state(current, selected) {
    this.element.classList.toggle("current", current);
    this.element.setAttribute("aria-selected", String(selected));
  }

  /** @param {() => void} done called once, when it has come, failed or been given up */
  startLoading(done) {
    this.#done = done;
    this.image.src = thumbAddress(this.#cell.id, this.#cell.v, this.edge);
  }

  stopLoading() {
    this.image.removeAttribute("src");
    this.#end();
  }

  #end() {
    const done = this.#done;
    this.#done = () => {};
    done();
  }

  /** A thumbnail that did not come may come now. */
  retry() {
    this.#failed = false;
  }

  /** Draws the BlurHash, as long as there is nothing better. */
  blur() {
    if (!this.#cell?.hash || this.element.classList.contains("loaded") || this.canvas) return;
    const canvas = el("canvas", { "aria-hidden": "true" });
    if (!paint(canvas, this.#cell.hash)) return;
    this.canvas = canvas;
    this.image.before(canvas);
  }

  /** Ready for another place. */
  clear() {
    this.#cell = null;
    this.#failed = false;
    this.stopLoading();
    this.#uncover();
    this.image.alt = "";
    this.name.textContent = "";
    this.marks.replaceChildren();
    this.element.classList.remove("loaded", "bare", "stacked", "current");
  }

  #settled(came) {
    if (!this.image.hasAttribute("src")) return;
    this.#failed = !came;
    this.element.classList.toggle("loaded", came);
    this.element.classList.toggle("bare", !came);
    if (came) this.#uncover();
    this.#end();
  }

  #uncover() {
    this.canvas?.remove();
    this.canvas = null;
  }
}
