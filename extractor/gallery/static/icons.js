/** Icons: lines of 1.75 on a field of 24, in the colour of the text beside them. */

import { svg } from "./dom.js";

const PATHS = {
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM15.5 15.5 20 20",
  close: "M6 6l12 12M18 6 6 18",
  filters: "M4 7h16M7 12h10M10 17h4",
  chart: "M5 20v-8M12 20V5M19 20v-5",
  help: "M9.2 9.3a2.9 2.9 0 1 1 4.2 2.6c-.9.5-1.4 1-1.4 2M12 17.3v.2M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z",
  light: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM12 2.8v1.7M12 19.5v1.7M2.8 12h1.7M19.5 12h1.7M5.5 5.5l1.2 1.2M17.3 17.3l1.2 1.2M5.5 18.5l1.2-1.2M17.3 6.7l1.2-1.2",
  dark: "M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7Z",
  rows: "M4 5h7v6H4zM14 5h6v6h-6zM4 14h5v5H4zM12 14h8v5h-8z",
  squares: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  stacks: "M4 10h16v10H4zM6.5 7h11M9 4h6",
  eyeoff: "M4 4l16 16M9.9 6.2A9 9 0 0 1 12 6c5 0 8 4 9 6a13 13 0 0 1-2.6 3.4M6.5 8A13 13 0 0 0 3 12c1 2 4 6 9 6a8.7 8.7 0 0 0 4-1",
  previous: "M14.5 5.5 8 12l6.5 6.5",
  next: "M9.5 5.5 16 12l-6.5 6.5",
  down: "M6 9.5l6 6 6-6",
  info: "M12 11v5.5M12 7.7v.2M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z",
  full: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  compare: "M12 3v18M4 6h5v12H4M20 6h-5v12h5",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  report: "M6 3.5h8l4 4v13H6zM14 3.5v4h4M9 12h6M9 16h6",
  open: "M4 18.5v-13h6l2 2.5h8v10.5zM12 11v5M9.5 13.5 12 11l2.5 2.5",
  check: "M5 12.5l4.5 4.5L19 7.5",
  minus: "M6 12h12",
  warning: "M12 4 2.8 19.5h18.4zM12 10v4.5M12 16.8v.2",
  video: "M8 5.5v13l11-6.5z",
  unplugged: "M12 3.5 20 8v8l-8 4.5L4 16V8zM4.5 8.2 12 12.4l7.5-4.2M12 12.4v8M3 3l18 18",
  missing: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4",
  more: "M5.5 12h.1M12 12h.1M18.5 12h.1",
};

/**
 * @param {keyof typeof PATHS} name
 * @returns {SVGElement} decoration: the button around it has the words
 */
export function icon(name) {
  return svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" }, svg("path", { d: PATHS[name] }));
}

/** Puts icons before the words of buttons that ask for one with `data-icon`. */
export function placeIcons() {
  for (const element of document.querySelectorAll("[data-icon]")) element.prepend(icon(element.dataset.icon));
}
