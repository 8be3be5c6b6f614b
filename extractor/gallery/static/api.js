/** The server's addresses, all relative to the page's own, so that its token stands nowhere in the code. */

/** An answer that is not the one asked for; `status` 0 when there was none at all. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {number|null} position the character of the query it is about
   */
  constructor(status, message, position = null) {
    super(message);
    this.status = status;
    this.position = position;
  }
}

/** Called when the server does not answer at all. */
let onSilence = () => {};

/** @param {() => void} run */
export function whenSilent(run) {
  onSilence = run;
}

async function ask(address, options) {
  let answer;
  try {
    answer = await fetch(address, { cache: "no-cache", redirect: "error", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    onSilence();
    throw new Refusal(0, "The gallery's server does not answer");
  }
  if (answer.ok) return answer;
  let told = {};
  try {
    told = (await answer.json()).error ?? {};
  } catch {
    // The status says enough.
  }
  throw new Refusal(answer.status, told.message ?? `The server answered ${answer.status}`, told.position ?? null);
}

async function json(address, options) {
  return (await ask(address, options)).json();
}

const key = encodeURIComponent;

/** @typedef {AbortSignal|undefined} Signal */

/** What can be asked; each rejects with a {@link Refusal}, or an AbortError of its signal. */
export const api = {
  /** @returns {Promise<any>} title, version, models, command, limits */
  info: () => json("info"),
  /** @param {URLSearchParams} params @param {Signal} [signal] */
  view: (params, signal) => json(`view?${params}`, { signal }),
  /** @param {URLSearchParams} params with kind and contains @param {Signal} [signal] */
  facet: (params, signal) => json(`facet?${params}`, { signal }),
  /** @param {string} view @param {Signal} [signal] @returns {Promise<Uint8Array>} aspect, r, g, b of each tile */
  shape: async (view, signal) => new Uint8Array(await (await ask(`view/${key(view)}/shape`, { signal })).arrayBuffer()),
  /** @param {string} view @param {number} from @param {number} n @param {Signal} [signal] */
  cells: (view, from, n, signal) => json(`view/${key(view)}/cells?from=${from}&n=${n}`, { signal }),
  /** @param {string} view @param {number} id @returns {Promise<number|null>} where it stands in the view */
  place: async (view, id) => (await json(`view/${key(view)}/place?id=${id}`)).position,
  /** @param {number} id @param {URLSearchParams} params @param {Signal} [signal] */
  image: (id, params, signal) => json(`image/${id}?${params}`, { signal }),
  /** @param {number} id */
  texts: (id) => json(`image/${id}/texts`),
  /** @param {number} a @param {number} b */
  compare: (a, b) => json(`compare?a=${a}&b=${b}`),
  /** @param {URLSearchParams} params */
  stats: (params) => json(`stats?${params}`),
  /** @param {URLSearchParams} params type, name, hash */
  model: (params) => json(`model?${params}`),
  /** @param {File} file @param {Signal} [signal] */
  read: (file, signal) =>
    json("read", {
      method: "POST",
      body: file,
      headers: { "Content-Type": "application/octet-stream", "X-Name": encodeURIComponent(file.name) },
      signal,
    }),
  /** @param {object} wish @returns {Promise<Blob>} one HTML file */
  report: async (wish) =>
    (await ask("report", { method: "POST", body: JSON.stringify(wish), headers: { "Content-Type": "application/json" } })).blob(),
};

/** @param {number} id @returns {string} */
export const fileAddress = (id) => `file/${id}`;

/** @param {number} id @param {string} version @param {number} [edge] @returns {string} */
export const thumbAddress = (id, version, edge = 384) => `thumb/${id}?v=${key(version)}&edge=${edge}`;
