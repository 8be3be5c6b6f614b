/** The files of a drop, folders walked through. */

const MOST = 2000;

/**
 * Must be called before anything is awaited: the browser empties the transfer then.
 * @param {DataTransfer} transfer
 * @returns {Promise<File[]>} in the order of names within a folder, at most 2,000
 */
export function filesOf(transfer) {
  const entries = [...transfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry?.() ?? null);
  const files = [...transfer.files];
  if (!entries.some((entry) => entry?.isDirectory)) return Promise.resolve(files.slice(0, MOST));
  return walk(entries.filter(Boolean));
}

async function walk(entries) {
  const found = [];
  const waiting = [...entries].reverse();
  while (waiting.length && found.length < MOST) {
    const entry = waiting.pop();
    try {
      if (entry.isDirectory) waiting.push(...(await children(entry)).reverse());
      else found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    } catch {
      // What cannot be opened is left out, as everywhere.
    }
  }
  return found;
}

async function children(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return all.sort((a, b) => (a.name < b.name ? -1 : 1));
    all.push(...some);
  }
}
