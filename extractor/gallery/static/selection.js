/** Which pictures are selected: by id, so that another view keeps them. */

const MOST = 500;

export class Selection {
  /** @type {Set<number>} */
  #ids = new Set();

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
  }

  /** @returns {number[]} in the order they were chosen */
  get ids() {
    return [...this.#ids];
  }

  /** @returns {number} */
  get size() {
    return this.#ids.size;
  }

  /** @param {number|undefined} id */
  has(id) {
    return id !== undefined && this.#ids.has(id);
  }

  /** @param {number} id */
  toggle(id) {
    if (!this.#ids.delete(id) && this.#ids.size < MOST) this.#ids.add(id);
    this.onChange();
  }

  /** @param {number[]} ids */
  add(ids) {
    for (const id of ids) if (this.#ids.size < MOST) this.#ids.add(id);
    this.onChange();
  }

  clear() {
    this.#ids.clear();
    this.onChange();
  }
}
