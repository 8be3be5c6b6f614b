/** A model's page of facts, from the library of local files. */

import { api } from "./api.js";
import { sizeOf } from "./detail.js";
import { counted, el, number } from "./dom.js";
import { Overlay } from "./overlay.js";

export class Model {
  #shown = "";

  /** @param {{onLeave: () => void, link: (filter: string) => string}} page */
  constructor(page) {
    this.page = page;
    this.overlay = new Overlay("model", "Model", page.onLeave);
  }

  /** @param {string} params type, name and hash, as they stand in the address */
  async show(params) {
    if (this.overlay.isOpen && params === this.#shown) return;
    this.#shown = params;
    const given = new URLSearchParams(params);
    const body = this.overlay.card(given.get("name") || "Model", el("p.muted", { textContent: "Looking…" }));
    this.overlay.show();
    try {
      const model = await api.model(given);
      if (params === this.#shown) this.#fill(model);
    } catch (error) {
      body.replaceChildren(el("p.empty-note", { textContent: error.status === 404 ? "The model library does not know it." : error.message }));
    }
  }

  hide() {
    this.#shown = "";
    this.overlay.hide();
  }

  #fill(model) {
    const civitai = model.civitai;
    const facts = [
      ["Type", model.type], ["Name", model.name], ["Version", model.versionName], ["Base model", model.baseModel],
      ["Status", model.status], ["Size", model.file && sizeOf(model.file.size)],
      ["Civitai", civitai && `model ${civitai.modelId ?? "?"}, version ${civitai.versionId ?? "?"}`], ["File", model.file?.path],
    ];
    const hashes = (model.hashes ?? []).map((hash) => el("tr", {}, el("th", { scope: "row", textContent: hash.kind }), el("td", {}, el("code", { textContent: hash.value })), el("td.muted", { textContent: hash.trust ?? "" })));
    this.overlay.card(
      model.title ?? model.name,
      el("dl.parameters", {}, ...facts.filter(([, text]) => text).map(([label, text]) => el(label === "File" ? "div.wide" : "div", {}, el("dt", { textContent: label }), el("dd", {}, el("bdi", { textContent: text }))))),
      model.used && el("p", {}, el("a.button.primary", { href: this.page.link(model.used.filter), textContent: `Show ${counted(model.used.count, "picture")}` })),
      model.words?.length ? el("section.part", {}, el("h3", { textContent: `Trained words (${number(model.words.length)})` }), el("p.words", {}, ...model.words.map((word) => el("span.chip", { textContent: word })))) : null,
      hashes.length ? el("section.part.hashes", {}, el("h3", { textContent: "Hashes" }), el("table", {}, el("tbody", {}, ...hashes))) : null,
    );
  }
}
