/** How the page looks: kept for this tab, of no concern to the server. */

const DEFAULTS = { size: 208, squares: false, blurred: false, theme: "", info: true, rail: true };

/**
 * @template {keyof typeof DEFAULTS} K
 * @param {K} name
 * @returns {(typeof DEFAULTS)[K]}
 */
export function setting(name) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(name) ?? "null");
    return typeof kept === typeof DEFAULTS[name] ? kept : DEFAULTS[name];
  } catch {
    return DEFAULTS[name];
  }
}

/**
 * @param {keyof typeof DEFAULTS} name
 * @param {any} value
 */
export function keepSetting(name, value) {
  try {
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing shows the defaults next time.
  }
}
