/** What is shown, kept in the fragment of the address: Back works, a reload shows the same, the server never sees it. */

/**
 * @typedef {object} Place
 * @property {string} q the query
 * @property {boolean} prefix whether its last word is still being typed
 * @property {string[]} f filters, `kind:value`, excluding ones with a `-` in front
 * @property {string} sort newest, oldest, name or size
 * @property {boolean} stacks
 * @property {number|null} image the picture that is open
 * @property {[number, number]|null} pair the two that are compared
 * @property {string} panel stats, report, help, read, or nothing
 * @property {string} model parameters of a model's page, or nothing
 */

/** @type {Readonly<Place>} */
const START = Object.freeze({
  q: "", prefix: false, f: Object.freeze([]), sort: "newest", stacks: false, image: null, pair: null, panel: "", model: "",
});

const PANELS = ["stats", "report", "help", "read"];
const SORTS = ["newest", "oldest", "name", "size"];

const identity = (text) => (/^\d{1,16}$/.test(text ?? "") ? Number(text) : null);

/**
 * @param {string} fragment with or without its `#`
 * @returns {Place} unknown or broken parts are left away
 */
export function parse(fragment) {
  const params = new URLSearchParams(fragment.replace(/^#/, ""));
  const pair = (params.get("compare") ?? "").split(",").map(identity);
  return {
    q: params.get("q") ?? "",
    prefix: params.get("prefix") === "1",
    f: [...new Set(params.getAll("f").filter(Boolean))],
    sort: SORTS.includes(params.get("sort")) ? params.get("sort") : START.sort,
    stacks: params.get("stacks") === "1",
    image: identity(params.get("image")),
    pair: pair.length === 2 && pair.every((id) => id !== null) ? pair : null,
    panel: PANELS.includes(params.get("panel")) ? params.get("panel") : "",
    model: params.get("model") ?? "",
  };
}

/**
 * @param {Place} place
 * @returns {string} the fragment, `#` included
 */
export function format(place) {
  const params = new URLSearchParams(viewParams(place));
  if (place.image !== null) params.set("image", String(place.image));
  if (place.pair) params.set("compare", place.pair.join(","));
  if (place.panel) params.set("panel", place.panel);
  if (place.model) params.set("model", place.model);
  return `#${params}`;
}

/**
 * @param {Place} place
 * @returns {URLSearchParams} what the server needs to know of it; defaults are left away
 */
export function viewParams(place) {
  const params = new URLSearchParams();
  if (place.q) params.set("q", place.q);
  if (place.q && place.prefix) params.set("prefix", "1");
  for (const filter of place.f) params.append("f", filter);
  if (place.sort !== START.sort) params.set("sort", place.sort);
  if (place.stacks) params.set("stacks", "1");
  return params;
}

/**
 * The address of a view with one filter more: where a value leads when it is clicked.
 * @param {Place} place
 * @param {string} filter `f=kind:value` or `q=query`, as the server writes it
 * @returns {Partial<Place>}
 */
export function filtered(place, filter) {
  const params = new URLSearchParams(filter);
  const q = params.get("q");
  const base = { image: null, pair: null, panel: "", model: "" };
  if (q !== null) return { ...base, prefix: false, q: place.q.includes(q) ? place.q : `${place.q} ${q}`.trim() };
  return { ...base, f: [...new Set([...place.f, ...params.getAll("f")])] };
}

/** The address as a thing that changes and tells so. */
export class Address {
  /**
   * @param {(now: Place, before: Place|null, kept: any) => void} onChange `kept` is what was kept of this entry
   * @param {() => object|null} onLeave what to keep of the entry that is left
   */
  constructor(onChange, onLeave) {
    this.onChange = onChange;
    this.onLeave = onLeave;
    /** @type {Place} */
    this.now = parse(location.hash);
    addEventListener("popstate", () => this.#changed());
  }

  /** Tells the first place. */
  start() {
    this.onChange(this.now, null, history.state?.at);
  }

  /** A new entry of the history. @param {Partial<Place>} change */
  go(change) {
    const next = { ...this.now, ...change };
    if (format(next) === format(this.now)) return;
    this.keep();
    history.pushState({}, "", format(next));
    this.#changed();
  }

  /** The same entry, changed. @param {Partial<Place>} change */
  amend(change) {
    history.replaceState(history.state, "", format({ ...this.now, ...change }));
    this.#changed();
  }

  /** Closes what lies over the grid: back to the entry it was opened from, if there is one. @param {Partial<Place>} change */
  close(change) {
    const next = format({ ...this.now, ...change });
    if (history.state?.opened) history.back();
    else {
      history.replaceState(null, "", next);
      this.#changed();
    }
  }

  /** Opens something over what is shown. @param {Partial<Place>} change */
  open(change) {
    this.keep();
    history.pushState({ opened: true }, "", format({ ...this.now, ...change }));
    this.#changed();
  }

  /** Remembers where the grid stands at this entry. */
  keep() {
    history.replaceState({ ...history.state, at: this.onLeave() }, "");
  }

  /** @param {Partial<Place>} change @returns {string} for a link */
  link(change) {
    return format({ ...this.now, ...change });
  }

  #changed() {
    const before = this.now;
    this.now = parse(location.hash);
    this.onChange(this.now, before, history.state?.at);
  }
}
