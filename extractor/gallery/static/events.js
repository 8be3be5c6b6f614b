/** News of the server: how far a scan is, whether the catalog has grown, whether there is a server at all. */

import { api, Refusal, whenSilent } from "./api.js";

const AGAIN = 1500;

/** @typedef {{scanning: boolean, done: number, total: number|null, failures: number, revision: number, images: number, root: string}} State */

export class Events {
  #source = null;
  #timer = 0;
  #isGone = false;

  /**
   * @param {(state: State) => void} onState
   * @param {(isGone: boolean) => void} onServer
   */
  constructor(onState, onServer) {
    this.onState = onState;
    this.onServer = onServer;
    whenSilent(() => this.#lost());
    // A browser opens six connections a host: tabs that nobody sees leave theirs to the others.
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#close() : this.#open()));
    this.#open();
  }

  #open() {
    this.#close();
    if (document.hidden) return;
    const source = new EventSource("events");
    this.#source = source;
    source.addEventListener("open", () => this.#heard());
    source.addEventListener("state", (event) => {
      this.#heard();
      this.onState(JSON.parse(event.data));
    });
    source.addEventListener("error", () => this.#lost());
  }

  #close() {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#timer);
  }

  #heard() {
    if (!this.#isGone) return;
    this.#isGone = false;
    this.onServer(false);
  }

  #lost() {
    this.#close();
    if (document.hidden) return;
    if (!this.#isGone) {
      this.#isGone = true;
      this.onServer(true);
    }
    this.#timer = setTimeout(() => this.#try(), AGAIN);
  }

  async #try() {
    try {
      await api.info();
      this.#open();
    } catch (error) {
      // Silence has called #lost already; a refusal is one of another server at this port.
      if (error instanceof Refusal && error.status !== 0) this.#lost();
    }
  }
}
