/** Moving and choosing in the grid, by keys and by mouse. */

/**
 * What a key of the grid leads to.
 * @param {import("./grid.js").Grid} grid
 * @param {string} key
 * @returns {number} the tile that becomes the current one
 */
export function target(grid, key) {
  if (key === "Home") return 0;
  if (key === "End") return grid.count - 1;
  // Who scrolled on by other means goes on from there.
  if (!grid.isSeen(grid.current)) return grid.first;
  switch (key) {
    case "ArrowLeft": return grid.current - 1;
    case "ArrowRight": return grid.current + 1;
    case "ArrowUp": return grid.vertical(-1);
    case "ArrowDown": return grid.vertical(1);
    case "PageUp": return grid.vertical(-grid.page);
    default: return grid.vertical(grid.page);
  }
}

/**
 * @param {HTMLElement} listbox
 * @param {object} on
 * @param {(position: number) => void} on.open
 * @param {(position: number) => void} on.toggle
 * @param {(position: number) => void} on.range
 */
export function listenToMouse(listbox, on) {
  listbox.addEventListener("click", (event) => {
    const tile = event.target.closest(".tile");
    if (!tile) return;
    const position = Number(tile.dataset.position);
    if (event.shiftKey) on.range(position);
    else if (event.ctrlKey || event.metaKey || event.target.closest(".pick")) on.toggle(position);
    else on.open(position);
  });
  // A long press of a finger selects.
  listbox.addEventListener("contextmenu", (event) => {
    const tile = event.target.closest(".tile");
    if (!tile || event.pointerType !== "touch") return;
    event.preventDefault();
    on.toggle(Number(tile.dataset.position));
  });
  // Selecting a range is no selection of text.
  listbox.addEventListener("mousedown", (event) => {
    if (event.shiftKey) event.preventDefault();
    listbox.focus({ preventScroll: true });
  });
}
