/** Files that were dropped or chosen: their recipes, read by the server on this machine, kept nowhere. */

import { api } from "./api.js";
import { counted, el, fill, number } from "./dom.js";
import { facts, sizeOf } from "./detail.js";
import { filesOf } from "./entries.js";
import { icon } from "./icons.js";
import { Overlay } from "./overlay.js";
import { showRaw } from "./raw.js";
import { recipe } from "./recipe.js";
import { tabs } from "./tabs.js";

const AT_ONCE = 2;
const PATIENCE = 20;

const pause = (wait) => new Promise((resolve) => setTimeout(resolve, wait));

export class Drop {
  /** @type {{file: File, answer: any, error: string, row: HTMLElement}[]} */
  #items = [];
  #chosen = -1;
  #abort = new AbortController();
  #preview = "";

  /**
   * @param {object} page
   * @param {() => void} page.onFiles something is to be shown
   * @param {() => void} page.onLeave
   * @param {() => import("./recipe.js").Surroundings} page.around
   * @param {number} page.limit bytes a file
   */
  constructor(page) {
    this.page = page;
    this.overlay = new Overlay("drop", "Read files", page.onLeave);
    this.curtain = el("div.curtain", { hidden: true }, el("p", {}, icon("open"), "Drop to read the recipes", el("small", { textContent: "Nothing leaves this machine, nothing is kept." })));
    document.body.append(this.curtain);
    this.list = el("ul.files", { "aria-label": "Files" });
    this.shown = el("div.read", { tabIndex: -1 });
    this.summary = el("p.muted", { role: "status" });
    this.#listen();
    this.#frame();
  }

  show() {
    this.overlay.show();
    this.#update();
  }

  hide() {
    this.overlay.hide();
    this.#abort.abort();
    this.#items = [];
    this.#choose(-1);
    fill(this.list);
  }

  #frame() {
    const choose = (folder) => {
      const input = el("input", { type: "file", multiple: true, hidden: true, ...(folder ? { webkitdirectory: true } : {}) });
      input.addEventListener("change", () => {
        this.#start([...input.files]);
        input.remove();
      });
      this.overlay.element.append(input);
      input.click();
    };
    this.overlay.card(
      "Read files",
      el("div.drop-head", {}, this.summary, el("span.grow"),
        el("button.button", { type: "button", onclick: () => choose(false) }, "Choose files…"),
        el("button.button", { type: "button", onclick: () => choose(true) }, "Choose a folder…")),
      el("div.drop-body", {}, this.list, this.shown),
    );
  }

  #listen() {
    const isFiles = (event) => event.dataTransfer?.types.includes("Files");
    addEventListener("dragenter", (event) => {
      if (isFiles(event)) this.#cover(true);
    });
    addEventListener("dragover", (event) => {
      if (!isFiles(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
    });
    addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) this.#cover(false);
    });
    addEventListener("drop", async (event) => {
      if (!isFiles(event)) return;
      event.preventDefault();
      this.#cover(false);
      this.#start(await filesOf(event.dataTransfer));
    });
  }

  #cover(isShown) {
    this.curtain.hidden = !isShown;
    (document.querySelector("dialog:modal") ?? document.body).append(this.curtain);
  }

  async #start(files) {
    if (!files.length) return;
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#items = files.map((file) => ({ file, answer: null, error: "", row: this.#row(file) }));
    fill(this.list, ...this.#items.map((item) => item.row));
    this.#choose(-1);
    this.page.onFiles();
    const waiting = [...this.#items];
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      while (waiting.length && !signal.aborted) await this.#read(waiting.shift(), signal);
    }));
    // Where nothing could be read, the first one tells why.
    if (!signal.aborted && this.#chosen < 0) this.#choose(0);
  }

  #row(file) {
    const button = el("button", { type: "button", onclick: () => this.#choose(this.#items.findIndex((item) => item.row === row)) },
      el("bdi.file-name", { textContent: file.name }), el("span.file-told", { textContent: "waiting" }));
    const row = el("li", {}, button);
    return row;
  }

  async #read(item, signal) {
    const told = item.row.querySelector(".file-told");
    told.textContent = "reading…";
    try {
      if (item.file.size > this.page.limit) throw new Error(`larger than ${sizeOf(this.page.limit)}`);
      item.answer = await this.#patiently(item.file, signal);
      told.textContent = [item.answer.generator?.name ?? "no generator", item.answer.warnings?.length && counted(item.answer.warnings.length, "warning")].filter(Boolean).join(" · ");
    } catch (error) {
      if (error.name === "AbortError") return;
      item.error = error.message;
      told.textContent = error.message;
      item.row.classList.add("failed");
    }
    this.#update();
    if (this.#chosen < 0 && item.answer) this.#choose(this.#items.indexOf(item));
  }

  /** Other tabs read, too: the server takes two at once. */
  async #patiently(file, signal) {
    for (let tries = 0; ; tries++) {
      try {
        return await api.read(file, signal);
      } catch (error) {
        if (error.status !== 429 || tries >= PATIENCE) throw error;
        await pause(150 * (tries + 1));
      }
    }
  }

  #update() {
    const read = this.#items.filter((item) => item.answer).length;
    const failed = this.#items.filter((item) => item.error).length;
    const parts = [`${number(read)} of ${counted(this.#items.length, "file")} read`, failed && `${number(failed)} could not be`];
    this.summary.textContent = this.#items.length ? parts.filter(Boolean).join(", ") : "Drop pictures anywhere on the page, or choose them. Nothing leaves this machine, nothing is kept.";
    this.overlay.element.classList.toggle("single", this.#items.length === 1);
    this.overlay.element.classList.toggle("none", !this.#items.length);
  }

  #choose(index) {
    URL.revokeObjectURL(this.#preview);
    this.#chosen = index;
    this.#items.forEach((item, i) => item.row.firstChild.setAttribute("aria-current", String(i === index)));
    const item = this.#items[index];
    if (!item) return fill(this.shown);
    if (!item.answer) return fill(this.shown, el("p.empty-note", { textContent: item.error || "Not read yet." }));
    this.#preview = URL.createObjectURL(item.file);
    this.#show(item);
  }

  #show({ answer, file }) {
    const around = this.page.around();
    const picture = el("img.preview", { src: this.#preview, alt: `Preview of ${file.name}`, onerror: () => picture.remove() });
    const found = answer.siblings?.count
      ? el("a.button.primary", { href: around.link(answer.siblings.filter), textContent: `Find ${counted(answer.siblings.count, "sibling")} in the catalog` })
      : el("span.muted", { textContent: "No siblings in the catalog" });
    const known = answer.known ? el("a.button", { href: `#image=${answer.known}`, textContent: "It is in the catalog" }) : null;
    const raw = el("div");
    fill(
      this.shown,
      el("div.read-head", {}, picture, el("div", {}, facts({ ...answer, name: file.name }), el("p.read-links", {}, found, known))),
      tabs("About this file", [
        { name: "Recipe", panel: el("div", {}, ...recipe(answer, around)) },
        { name: "Raw", panel: raw, onShow: () => showRaw(raw, answer) },
      ]),
    );
  }
}
