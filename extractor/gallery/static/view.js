/** The view that is shown: asked for, and asked again when the catalog has grown. */

import { api } from "./api.js";
import { viewParams } from "./state.js";

/** @typedef {import("./state.js").Place} Place */

export class View {
  #abort = new AbortController();
  /** The server's answer of the view that is shown. @type {any} */
  answer = null;
  /** What it was asked with. */
  params = new URLSearchParams();

  /**
   * Asks for a view; an earlier question that still waits is given up.
   * @param {Place} place
   * @returns {Promise<Uint8Array|null>} its shape; null if a newer question overtook it
   */
  async ask(place) {
    this.#abort.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const params = viewParams(place);
    try {
      const answer = await api.view(params, abort.signal);
      const shape = answer.total ? await api.shape(answer.key, abort.signal) : new Uint8Array();
      if (abort.signal.aborted) return null;
      this.answer = answer;
      this.params = params;
      return shape;
    } catch (error) {
      if (error.name === "AbortError") return null;
      throw error;
    }
  }

  /** @param {number|undefined} id @returns {Promise<number>} where a picture stands, -1 for nowhere */
  async find(id) {
    if (id === undefined || !this.answer?.total) return -1;
    try {
      return (await api.place(this.answer.key, id)) ?? -1;
    } catch {
      return -1;
    }
  }
}
