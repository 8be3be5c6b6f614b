/** Where tiles stand: rows of equal height, edge to edge, in typed arrays that hold a million. */

/** Bytes a tile in the shape: aspect, red, green, blue. */
export const BYTES = 4;

/** Width by height for each aspect byte; what is longer than 1:2.5 or 4:1 is cut to that in the grid. */
export const ASPECTS = Float32Array.from({ length: 256 }, (_, byte) => Math.min(4, Math.max(0.4, 2 ** ((byte - 128) / 32))));

/**
 * @typedef {object} Layout
 * @property {number} count tiles
 * @property {number} rows
 * @property {Uint32Array} first rows + 1: the first tile of each row, and the count
 * @property {Float64Array} top rows + 1: pixels from the upper edge, and the whole height
 * @property {number} gap
 * @property {number} width
 * @property {number} square edge of a tile, 0 for rows of whole pictures
 */

/**
 * Rows of whole pictures, each row as wide as the page; heights are near `target`.
 * @param {Uint8Array} shape {@link BYTES} a tile
 * @param {number} width pixels
 * @param {number} target height of a row
 * @param {number} gap between tiles
 * @returns {Layout}
 */
export function justified(shape, width, target, gap) {
  const count = shape.length / BYTES;
  const first = new Uint32Array(count + 1);
  const top = new Float64Array(count + 1);
  let rows = 0;
  let sum = 0;
  let start = 0;
  let y = 0;
  for (let i = 0; i < count; i++) {
    const aspect = ASPECTS[shape[i * BYTES]];
    const room = width - gap * (i - start);
    // The tile that fills a row goes where the row's height stays nearer to the target.
    if (i > start && (sum + aspect) * target > room && room / (sum + aspect) < target * target * sum / (room + gap)) {
      y += Math.round((room + gap) / sum) + gap;
      first[++rows] = i;
      top[rows] = y;
      start = i;
      sum = 0;
    }
    sum += aspect;
  }
  if (count > start) {
    y += Math.round(Math.min(target * 1.15, (width - gap * (count - start - 1)) / sum)) + gap;
    first[++rows] = count;
    top[rows] = y;
  }
  return { count, rows, first: first.slice(0, rows + 1), top: top.slice(0, rows + 1), gap, width, square: 0 };
}

/**
 * Rows of squares, or of whole pictures with a fixed number a row.
 * @param {Uint8Array} shape
 * @param {number} width
 * @param {number} across tiles a row
 * @param {number} gap
 * @param {boolean} square
 * @returns {Layout}
 */
export function columns(shape, width, across, gap, square) {
  const count = shape.length / BYTES;
  const rows = Math.ceil(count / across);
  const first = new Uint32Array(rows + 1);
  const top = new Float64Array(rows + 1);
  const edge = Math.floor((width - gap * (across - 1)) / across);
  for (let row = 0; row < rows; row++) {
    const end = Math.min(count, (row + 1) * across);
    let height = edge;
    if (!square) {
      let sum = 0;
      for (let i = row * across; i < end; i++) sum += ASPECTS[shape[i * BYTES]];
      const room = width - gap * (end - row * across - 1);
      height = Math.round(Math.min(edge * 2.2, room / sum));
    }
    first[row + 1] = end;
    top[row + 1] = top[row] + height + gap;
  }
  return { count, rows, first, top, gap, width, square: square ? edge : 0 };
}

/**
 * @param {Float64Array|Uint32Array} sorted ascending, from 0
 * @param {number} value
 * @returns {number} the last index whose entry is not above the value
 */
export function lastNotAbove(sorted, value) {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (sorted[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * @param {Layout} layout
 * @param {number} position of a tile
 * @returns {number} its row
 */
export function rowOf(layout, position) {
  return Math.min(lastNotAbove(layout.first, position), layout.rows - 1);
}

/**
 * @param {Layout} layout
 * @param {Uint8Array} shape
 * @param {number} row
 * @returns {{x: number, width: number}[]} its tiles from the left; the last of a full row ends at the edge
 */
export function boxes(layout, shape, row) {
  const { first, top, gap, width, square } = layout;
  const start = first[row];
  const end = first[row + 1];
  const height = top[row + 1] - top[row] - gap;
  const found = [];
  let x = 0;
  for (let i = start; i < end; i++) {
    const own = square || height * ASPECTS[shape[i * BYTES]];
    const left = Math.round(x);
    found.push({ x: left, width: Math.round(x + own) - left });
    x += own + gap;
  }
  // Heights and edges are whole pixels, so a full row misses the border by a few: they are shared out.
  const rest = width - (x - gap);
  if (Math.abs(rest) < 2 * (end - start) + 8) {
    found.forEach((box, i) => {
      const shift = Math.round((rest * i) / found.length);
      box.x += shift;
      box.width += Math.round((rest * (i + 1)) / found.length) - shift;
    });
  }
  return found;
}
