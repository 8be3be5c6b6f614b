/** Which thumbnails are loaded next: those seen, from the top, then their neighbours; never what has left the page. */

/** Of six connections a host, some stay free for questions and for events. */
const AT_ONCE = 4;

/** @typedef {import("./tile.js").Tile} Tile */

export class Thumbs {
  /** @type {Tile[]} */
  #waiting = [];
  /** @type {Set<Tile>} */
  #loading = new Set();

  /** @param {Tile[]} tiles all that lack theirs, the most urgent first; replaces what was wanted before */
  want(tiles) {
    this.#waiting = tiles;
    this.#next();
  }

  /** Gives up a tile that has left. @param {Tile} tile */
  drop(tile) {
    if (!this.#loading.delete(tile)) return;
    tile.stopLoading();
    this.#next();
  }

  #next() {
    while (this.#loading.size < AT_ONCE && this.#waiting.length) {
      const tile = this.#waiting.shift();
      if (!tile.lacksThumb || this.#loading.has(tile)) continue;
      this.#loading.add(tile);
      tile.startLoading(() => {
        if (this.#loading.delete(tile)) this.#next();
      });
    }
  }
}
