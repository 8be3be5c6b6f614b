/** Short messages at the lower edge, read out as well. */

import { byId } from "./dom.js";
import { topmost } from "./overlay.js";

const SEEN = 2600;
let timer = 0;
const element = byId("toast");

/** @param {string} message */
export function toast(message) {
  clearTimeout(timer);
  // Inside a modal dialog only what lies in it is shown and read out.
  (topmost()?.element ?? document.body).append(element);
  element.textContent = message;
  element.classList.add("shown");
  timer = setTimeout(() => element.classList.remove("shown"), SEEN);
}

/**
 * @param {string} text
 * @param {string} what "Infotext"
 */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`${what} copied`);
  } catch {
    toast("The browser did not let the page copy");
  }
}
