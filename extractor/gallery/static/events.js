/** News of the server: how far a scan is, whether the catalog has grown, whether there is a server at all. */

import { api, Refusal, whenSilent } from "./api.js";

const AGAIN = 1500;

/** @typedef {{scanning: boolean, done: number, total: number|null, failures: number, revision: number, images: number, root: string}} State */

export class Events {
  #source = null;
  #timer = 0;
  #isGone = false;
  #leads = false;
  /** @type {State|null} */
  #last = null;
  #channel;

  /**
   * A browser opens six connections a host: of all tabs one holds the server's, and tells the others.
   * @param {(state: State) => void} onState
   * @param {(isGone: boolean) => void} onServer
   */
  constructor(onState, onServer) {
    this.onState = onState;
    this.onServer = onServer;
    whenSilent(() => this.#lost());
    const name = `events of ${location.pathname}`;
    this.#channel = new BroadcastChannel(name);
    this.#channel.addEventListener("message", (event) => this.#told(event.data));
    this.#channel.postMessage({ ask: true });
    navigator.locks.request(name, () => this.#lead());
  }

  /** Until this tab is closed. */
  #lead() {
    this.#leads = true;
    this.#open();
    return new Promise(() => {});
  }

  #open() {
    this.#close();
    if (!this.#leads) return this.#heard();
    const source = new EventSource("events");
    this.#source = source;
    source.addEventListener("open", () => this.#heard());
    source.addEventListener("state", (event) => {
      this.#last = JSON.parse(event.data);
      this.#channel.postMessage({ state: this.#last });
      this.#take(this.#last);
    });
    source.addEventListener("error", () => {
      this.#channel.postMessage({ lost: true });
      this.#lost();
    });
  }

  #told({ ask, state, lost }) {
    if (ask && this.#leads && this.#last) this.#channel.postMessage({ state: this.#last });
    if (state) this.#take(state);
    if (lost) this.#lost();
  }

  #take(state) {
    this.#heard();
    this.onState(state);
  }

  #close() {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#timer);
  }

  #heard() {
    if (!this.#isGone) return;
    this.#isGone = false;
    clearTimeout(this.#timer);
    this.onServer(false);
  }

  #lost() {
    this.#close();
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
