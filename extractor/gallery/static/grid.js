/** The grid: only tiles near what is seen exist; everything else is numbers. */

import { afterRest } from "./dom.js";
import { boxes, BYTES, columns, justified, lastNotAbove, rowOf } from "./layout.js";
import { Scroll } from "./scroll.js";
import { Thumbs } from "./thumbs.js";
import { Tile } from "./tile.js";

const GAP = 4;
const NARROW = 560;
const REST = 90;
const REBASE = 500_000;

/** @typedef {{position: number, offset: number}} Anchor a tile, and where its upper edge is seen */

export class Grid {
  /** @type {Map<number, Tile>} */
  #tiles = new Map();
  /** @type {Tile[]} */
  #spare = [];
  #thumbs = new Thumbs();
  #frame = 0;
  #origin = 0;
  #rows = [0, 0];
  #drawn = 0;
  #rested;

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.listbox scrolls
   * @param {HTMLElement} parts.sizer
   * @param {HTMLElement} parts.layer
   * @param {import("./cells.js").Cells} parts.cells
   * @param {(id: number|undefined) => boolean} parts.isSelected
   * @param {() => void} parts.onRest when scrolling has ended
   * @param {() => void} parts.onMove at each move
   */
  constructor({ listbox, sizer, layer, cells, isSelected, onRest, onMove }) {
    Object.assign(this, { listbox, layer, cells, isSelected, onMove });
    this.size = 208;
    this.squares = false;
    this.shape = new Uint8Array();
    this.layout = columns(this.shape, 100, 1, GAP, false);
    this.current = -1;
    this.scroll = new Scroll(listbox, sizer, () => this.#draw());
    this.#rested = afterRest(() => {
      this.#fill();
      this.#blur();
      onRest();
    }, REST);
    new ResizeObserver(() => this.restyle({})).observe(listbox);
  }

  /** @returns {number} */
  get count() {
    return this.layout.count;
  }

  /**
   * Another view, or the same grown.
   * @param {Uint8Array} shape
   * @param {import("./cells.js").Cells} cells
   * @param {number} current position of the current tile, -1 for none
   * @param {Anchor|null} anchor what stays where it is; null for the top
   */
  show(shape, cells, current, anchor) {
    this.shape = shape;
    this.cells = cells;
    this.current = current;
    this.#lay(anchor);
  }

  /**
   * Another size or form; the current picture, or the one in the middle, stays in place.
   * @param {{size?: number, squares?: boolean}} change
   */
  restyle(change) {
    const anchor = this.anchor(true);
    Object.assign(this, change);
    this.#lay(anchor);
  }

  /**
   * @param {boolean} [middle] rather the current tile or one in the middle than the first that is seen
   * @returns {Anchor|null}
   */
  anchor(middle = false) {
    if (!this.count) return null;
    let position = this.first;
    if (middle) position = this.isSeen(this.current) ? this.current : this.scroll.top < 1 ? 0 : this.#middle;
    return { position, offset: this.layout.top[rowOf(this.layout, position)] - this.scroll.top };
  }

  /** @returns {number} the first tile of which the upper half is seen */
  get first() {
    const { top, first, rows } = this.layout;
    const row = lastNotAbove(top, this.scroll.top);
    const hidden = this.scroll.top - top[row] > (top[row + 1] - top[row]) / 2;
    return first[Math.min(rows - 1, row + (hidden ? 1 : 0))];
  }

  get #middle() {
    return this.layout.first[Math.min(this.layout.rows - 1, lastNotAbove(this.layout.top, this.scroll.top + this.scroll.height / 2))];
  }

  /** @param {number} position @returns {boolean} whether some of it is seen */
  isSeen(position) {
    if (position < 0 || position >= this.count) return false;
    const row = rowOf(this.layout, position);
    return this.layout.top[row + 1] > this.scroll.top && this.layout.top[row] < this.scroll.top + this.scroll.height;
  }

  /** Makes a tile the current one and shows it whole. @param {number} position */
  moveTo(position) {
    if (!this.count) return;
    this.current = Math.max(0, Math.min(this.count - 1, position));
    const row = rowOf(this.layout, this.current);
    const top = this.layout.top[row];
    const bottom = this.layout.top[row + 1];
    if (top < this.scroll.top) this.scroll.to(top);
    else if (bottom > this.scroll.top + this.scroll.height) this.scroll.to(bottom - this.scroll.height);
    this.#draw();
    this.mark();
  }

  /**
   * Scrolls so that a tile is the first that is seen.
   * @param {number} position
   * @param {boolean} [becomesCurrent]
   */
  jumpTo(position, becomesCurrent = false) {
    if (!this.count) return;
    if (becomesCurrent) this.current = position;
    this.scroll.to(this.layout.top[rowOf(this.layout, Math.min(position, this.count - 1))]);
    this.#draw();
  }

  /** @param {number} rows down, or up if negative @returns {number} the tile there, nearest to the current one's middle */
  vertical(rows) {
    const { layout, shape } = this;
    const from = rowOf(layout, Math.max(0, this.current));
    const to = Math.max(0, Math.min(layout.rows - 1, from + rows));
    if (to === from) return rows < 0 ? 0 : rows > 0 ? this.count - 1 : this.current;
    const own = boxes(layout, shape, from)[this.current - layout.first[from]];
    const middle = own.x + own.width / 2;
    const far = boxes(layout, shape, to).map((box) => Math.abs(box.x + box.width / 2 - middle));
    return layout.first[to] + far.indexOf(Math.min(...far));
  }

  /** @returns {number} rows that fit what is seen, at least one */
  get page() {
    const row = lastNotAbove(this.layout.top, this.scroll.top);
    return Math.max(1, lastNotAbove(this.layout.top, this.scroll.top + this.scroll.height) - row - 1);
  }

  /** Shows which tile is current and which are selected. */
  mark() {
    for (const [position, tile] of this.#tiles) tile.state(position === this.current, this.isSelected(this.cells.get(position)?.id));
    if (this.#tiles.has(this.current)) this.listbox.setAttribute("aria-activedescendant", `tile-${this.current}`);
    else this.listbox.removeAttribute("aria-activedescendant");
  }

  /** More is known of the tiles, or the server is back. @param {boolean} [again] thumbnails that failed are tried again */
  refresh(again = false) {
    if (again) for (const tile of this.#tiles.values()) tile.retry();
    this.#fill();
    this.mark();
  }

  /** @param {number} position @returns {string} the colour that stands for a picture */
  colour(position) {
    const at = position * BYTES;
    // Nothing is known of the colours: the page's own stands there.
    if (!(this.shape[at + 1] | this.shape[at + 2] | this.shape[at + 3])) return "";
    return `rgb(${this.shape[at + 1]} ${this.shape[at + 2]} ${this.shape[at + 3]})`;
  }

  #lay(anchor) {
    const width = this.listbox.clientWidth;
    if (width < 1) return;
    const across = Math.max(1, Math.round((width + GAP) / (this.size + GAP)));
    this.layout =
      this.squares || width < NARROW
        ? columns(this.shape, width, across, GAP, this.squares)
        : justified(this.shape, width, this.size, GAP);
    const { layout } = this;
    const top = anchor && this.count ? layout.top[rowOf(layout, Math.min(anchor.position, this.count - 1))] - anchor.offset : 0;
    const kept = new Map([...this.#tiles.values()].filter((tile) => tile.id !== null).map((tile) => [tile.id, tile]));
    for (const tile of this.#tiles.values()) if (tile.id === null) this.#retire(tile);
    this.#tiles.clear();
    this.scroll.reset(layout.top[layout.rows], top);
    this.#rows = [0, 0];
    this.#render(kept);
    if (!this.count) this.mark();  // nothing was drawn, so nothing was marked
    for (const tile of kept.values()) this.#retire(tile);
    this.#rested();
  }

  #draw() {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#render();
    });
    this.#rested();
  }

  /** @param {Map<number, Tile>} [kept] tiles by id that can be placed again; those that are leave it */
  #render(kept = new Map()) {
    const { layout, scroll } = this;
    const from = lastNotAbove(layout.top, scroll.top - scroll.height * 0.75);
    const to = Math.min(layout.rows, lastNotAbove(layout.top, scroll.top + scroll.height * 1.75) + 1);
    const rebased = Math.abs(layout.top[from] - this.#origin) > REBASE;
    if (rebased) this.#origin = layout.top[from];
    this.layer.style.transform = `translateY(${this.#origin + scroll.shift}px)`;
    if (rebased || from !== this.#rows[0] || to !== this.#rows[1]) {
      if (rebased) this.#drop(() => true);
      this.#rows = [from, to];
      this.#drop((position) => position < layout.first[from] || position >= layout.first[to]);
      for (let row = from; row < to; row++) this.#renderRow(row, kept);
      this.mark();
    }
    // What flies past is not asked for.
    if (Math.abs(scroll.top - this.#drawn) < scroll.height) this.#fill();
    this.#drawn = scroll.top;
    this.onMove();
  }

  #renderRow(row, kept) {
    const { layout } = this;
    if (this.#tiles.has(layout.first[row])) return;
    const y = layout.top[row] - this.#origin;
    const height = layout.top[row + 1] - layout.top[row] - layout.gap;
    boxes(layout, this.shape, row).forEach((box, i) => {
      const position = layout.first[row] + i;
      const id = this.cells.get(position)?.id;
      const tile = kept.get(id) ?? this.#spare.pop() ?? new Tile();
      kept.delete(id);
      tile.start(position, layout.count, this.colour(position));
      tile.place(box.x, y, box.width, height);
      this.#tiles.set(position, tile);
      if (tile.element.parentNode !== this.layer) this.layer.append(tile.element);
    });
  }

  #drop(leaves) {
    for (const [position, tile] of this.#tiles) {
      if (!leaves(position)) continue;
      this.#tiles.delete(position);
      this.#retire(tile);
    }
  }

  #retire(tile) {
    this.#thumbs.drop(tile);
    tile.clear();
    tile.element.remove();
    this.#spare.push(tile);
  }

  #fill() {
    const { layout } = this;
    if (!layout.rows) return;
    this.cells.need(layout.first[this.#rows[0]], layout.first[this.#rows[1]]);
    const seen = [];
    const near = [];
    for (const [position, tile] of this.#tiles) {
      const cell = this.cells.get(position);
      if (!cell) continue;
      tile.fill(cell);
      if (tile.lacksThumb) (this.isSeen(position) ? seen : near).push(tile);
    }
    const middle = lastNotAbove(layout.first, this.first);
    const distance = (tile) => Math.abs(rowOf(layout, tile.position) - middle);
    seen.sort((a, b) => a.position - b.position);
    near.sort((a, b) => distance(a) - distance(b));
    this.#thumbs.want([...seen, ...near]);
  }

  #blur() {
    for (const [position, tile] of this.#tiles) if (this.isSeen(position)) tile.blur();
  }
}
