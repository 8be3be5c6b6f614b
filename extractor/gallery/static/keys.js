/** The keys, in one table: what they do where, and what the help says of them. */

/**
 * @typedef {object} Key
 * @property {string[]} keys as `KeyboardEvent.key` names them
 * @property {string} does the action's name
 * @property {("grid"|"detail"|"compare"|"other")[]} where
 * @property {string} [shown] how the help writes them
 * @property {string} [label] what the help says; none: not in the help
 * @property {"Grid"|"Picture"|"Compare"|"Everywhere"} [group]
 */

const ANY = ["grid", "detail", "compare", "other"];

/** @type {readonly Key[]} */
export const KEYS = [
  { keys: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], does: "move", where: ["grid"], shown: "← → ↑ ↓", label: "Move through the pictures", group: "Grid" },
  { keys: ["PageUp", "PageDown"], does: "page", where: ["grid"], shown: "PgUp PgDn", label: "A screen up or down", group: "Grid" },
  { keys: ["Home", "End"], does: "ends", where: ["grid"], shown: "Home End", label: "To the first or last picture", group: "Grid" },
  { keys: ["Enter", " "], does: "open", where: ["grid"], shown: "Enter Space", label: "Open the picture", group: "Grid" },
  { keys: ["x"], does: "select", where: ["grid", "detail"], shown: "X", label: "Select, or not", group: "Grid" },
  { keys: ["c"], does: "compare", where: ["grid"], shown: "C", label: "Compare two selected pictures", group: "Grid" },
  { keys: ["s"], does: "stacks", where: ["grid"], shown: "S", label: "Stack pictures of one recipe", group: "Grid" },
  { keys: ["g"], does: "squares", where: ["grid"], shown: "G", label: "Squares or whole pictures", group: "Grid" },
  { keys: ["ArrowLeft", "ArrowRight"], does: "walk", where: ["detail"], shown: "← →", label: "Previous or next picture", group: "Picture" },
  { keys: ["i"], does: "info", where: ["grid", "detail"], shown: "I", label: "Recipe beside the picture (grid: filters)", group: "Picture" },
  { keys: ["f"], does: "full", where: ["detail", "compare"], shown: "F", label: "Full screen", group: "Picture" },
  { keys: ["Enter", " "], does: "flip", where: ["compare"], shown: "Space", label: "Flip between the two", group: "Compare" },
  { keys: ["1", "2", "3"], does: "mode", where: ["compare"], shown: "1 2 3", label: "Swipe, side by side, flicker", group: "Compare" },
  { keys: ["+", "-", "0"], does: "zoom", where: ["detail", "compare"], shown: "+ − 0", label: "Zoom in, out, fit", group: "Picture" },
  { keys: ["/"], does: "search", where: ["grid"], shown: "/", label: "Search", group: "Everywhere" },
  { keys: ["b"], does: "blur", where: ANY, shown: "B", label: "Blur all pictures", group: "Everywhere" },
  { keys: ["?"], does: "help", where: ANY, shown: "?", label: "This help", group: "Everywhere" },
  { keys: ["Escape"], does: "back", where: ["grid"], shown: "Esc", label: "Back, and clear the selection", group: "Everywhere" },
];

const TEXT = "input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select";
const MOVES = /^(Arrow|Page|Home|End)/;

/** Whether a key belongs to the control that has the focus. */
function isTaken(event, target) {
  if (!(target instanceof Element)) return false;
  if (target.matches(TEXT)) return event.key !== "Escape";
  if (MOVES.test(event.key) && target.closest("input[type=range], [role=slider], [role=tablist], [role=radiogroup], input[type=radio]")) return true;
  return (event.key === "Enter" || event.key === " ") && target.closest("button, a, summary, input, label") !== null;
}

/**
 * @param {() => "grid"|"detail"|"compare"|"other"} where what lies on top
 * @param {Record<string, (key: string, event: KeyboardEvent) => void>} actions by the names of the table
 */
export function listen(where, actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTaken(event, event.target)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const here = where();
    const found = KEYS.find((row) => row.where.includes(here) && row.keys.includes(key));
    if (!found) return;
    if (found.does !== "back") event.preventDefault();
    actions[found.does](key, event);
  });
}
