/** The raw tab: the texts as they stand in the file, and the record that was made of them. */

import { api } from "./api.js";
import { el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { copy } from "./toast.js";

function block(title, text) {
  const button = el("button.icon-button.small", { type: "button", title: "Copy", "aria-label": `Copy ${title}`, onclick: () => copy(text, title) }, icon("copy"));
  return el("section.part", {}, el("div.part-head", {}, el("h3", { textContent: title }), button), el("pre", { tabIndex: 0, dir: "auto", textContent: text }));
}

/**
 * @param {HTMLElement} element filled, at once with what is known, then with what the file says
 * @param {any} image the answer of `image/ID` or `read`
 */
export async function showRaw(element, image) {
  const record = image.record ? block("Record", JSON.stringify(image.record, null, 2)) : null;
  const show = (texts) => fill(element, ...texts.map((text) => block(text.source, text.text)), record);
  if (Array.isArray(image.texts)) return show(image.texts);
  fill(element, record);
  if (!image.id) return;
  try {
    const answer = await api.texts(image.id);
    show(answer.texts ?? answer);
  } catch (error) {
    element.prepend(el("p.empty-note", { textContent: error.message }));
  }
}
