/** What is known of single tiles of a view, asked for in blocks and forgotten again. */

import { api, Refusal } from "./api.js";

const BLOCK = 100;
const KEPT = 60;

/**
 * @typedef {object} Cell
 * @property {number} id
 * @property {string} v stamp of the file: part of the thumbnail's address
 * @property {string} name
 * @property {number} width pixels
 * @property {number} height
 * @property {string|null} hash BlurHash
 * @property {number} stack pictures of this recipe, 1 for a single one
 * @property {boolean} [missing] a resource of it is not here
 * @property {boolean} [gone] the file is not there any more
 * @property {boolean} [ai] marked as made by AI, and nothing more
 * @property {boolean} [video]
 */

export class Cells {
  /** @type {Map<number, {cells: Cell[]|null, abort: AbortController, answer: Promise<void>}>} */
  #blocks = new Map();
  #view = "";
  #count = 0;

  /**
   * @param {() => void} onArrival called when more is known
   * @param {() => void} onForgotten called when the server knows the view no more
   */
  constructor(onArrival, onForgotten) {
    this.onArrival = onArrival;
    this.onForgotten = onForgotten;
  }

  /**
   * @param {string} view its key
   * @param {number} count
   * @returns {Cells} for another view
   */
  successor(view, count) {
    const next = new Cells(this.onArrival, this.onForgotten);
    next.#view = view;
    next.#count = count;
    return next;
  }

  /** Gives up what still waits. */
  end() {
    for (const block of this.#blocks.values()) block.abort.abort();
    this.#blocks.clear();
  }

  /** @param {number} position @returns {Cell|null} null as long as it is not known */
  get(position) {
    return this.#blocks.get(Math.floor(position / BLOCK))?.cells?.[position % BLOCK] ?? null;
  }

  /**
   * Asks for the blocks of a stretch; requests for others that still wait are given up.
   * @param {number} from
   * @param {number} to not included
   */
  need(from, to) {
    const first = Math.floor(Math.max(0, from) / BLOCK);
    const last = Math.floor((Math.min(this.#count, to) - 1) / BLOCK);
    for (const [index, block] of this.#blocks) {
      if (block.cells === null && (index < first || index > last)) {
        block.abort.abort();
        this.#blocks.delete(index);
      }
    }
    for (let index = first; index <= last; index++) this.#ask(index);
  }

  /** @param {number} position @returns {Promise<Cell|null>} null where there is none */
  async at(position) {
    if (position < 0 || position >= this.#count) return null;
    await this.#ask(Math.floor(position / BLOCK)).answer;
    return this.get(position);
  }

  #ask(index) {
    const known = this.#blocks.get(index);
    if (known) {
      this.#blocks.delete(index);
      this.#blocks.set(index, known);
      return known;
    }
    const abort = new AbortController();
    const block = { cells: null, abort, answer: this.#fetch(index, abort.signal) };
    this.#blocks.set(index, block);
    if (this.#blocks.size > KEPT) this.#blocks.delete(this.#blocks.keys().next().value);
    return block;
  }

  async #fetch(index, signal) {
    try {
      const answer = await api.cells(this.#view, index * BLOCK, BLOCK, signal);
      const block = this.#blocks.get(index);
      if (signal.aborted || !block) return;
      block.cells = answer.cells;
      this.onArrival();
    } catch (error) {
      if (error.name === "AbortError") return;
      this.#blocks.delete(index);
      if (error instanceof Refusal && error.status === 410) this.onForgotten();
    }
  }
}
