/** Words that were searched for, marked where they stand. */

import { el } from "./dom.js";

/** As the catalog splits: a character of a script without blanks between words is a word of its own. */
const WORD = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}]|[[\p{L}\p{N}\p{M}]--[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}]]+/gv;

const folded = (word) => word.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * The text in pieces, with `<mark>` around the words of the query.
 * @param {string} text
 * @param {string[]} terms lower case; a `*` at the end stands for any
 * @returns {(string|HTMLElement)[]} together they are the text, verbatim
 */
export function marked(text, terms) {
  const whole = new Set(terms.filter((term) => !term.endsWith("*")).flatMap(words));
  const starts = terms.filter((term) => term.endsWith("*")).flatMap(words);
  if (!whole.size && !starts.length) return [text];
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(WORD)) {
    const word = folded(match[0]);
    if (!whole.has(word) && !starts.some((start) => word.startsWith(start))) continue;
    pieces.push(text.slice(end, match.index), el("mark", { textContent: match[0] }));
    end = match.index + match[0].length;
  }
  pieces.push(text.slice(end));
  return pieces.filter((piece) => piece !== "");
}

function words(term) {
  return (term.match(WORD) ?? []).map(folded);
}
