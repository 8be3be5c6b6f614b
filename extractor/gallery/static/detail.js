/** One picture with its recipe; arrows walk through the view. */

import { api } from "./api.js";
import { el, fill, number } from "./dom.js";
import { icon } from "./icons.js";
import { Overlay } from "./overlay.js";
import { wholePicture } from "./picture.js";
import { showRaw } from "./raw.js";
import { recipe } from "./recipe.js";
import { keepSetting, setting } from "./settings.js";
import { tabs } from "./tabs.js";
import { Zoom } from "./zoom.js";

const UNITS = ["B", "KiB", "MiB", "GiB"];

/** @param {number} bytes @returns {string} */
export function sizeOf(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 1024 ** power).toFixed(power ? 1 : 0)} ${UNITS[power]}`;
}

/** @param {any} image @returns {HTMLElement} name, folder, size, date, generator */
export function facts(image) {
  const date = image.created ? new Date(image.created) : null;
  const generator = [image.generator?.name, image.generator?.version].filter(Boolean).join(" ");
  const line = [
    image.width && `${number(image.width)} × ${number(image.height)}`,
    image.file?.size && sizeOf(image.file.size),
    date && !Number.isNaN(date.valueOf()) && date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" }),
    generator,
  ];
  return el(
    "header.facts", {},
    el("h2", { textContent: image.name, title: image.path ?? image.name }),
    image.folder && el("p.folder", { title: image.path }, el("bdi", { textContent: image.folder })),
    el("p.muted", { textContent: line.filter(Boolean).join(" · ") }),
  );
}

export class Detail {
  #abort = new AbortController();
  #id = null;
  #tab = 0;

  /**
   * @param {object} page
   * @param {() => void} page.onLeave
   * @param {(step: number) => void} page.onWalk
   * @param {() => void} page.onSelect
   * @param {() => URLSearchParams} page.params of the view, for the server to mark terms
   * @param {() => import("./recipe.js").Surroundings} page.around
   */
  constructor(page) {
    this.page = page;
    this.overlay = new Overlay("detail", "Picture", page.onLeave);
    this.stage = el("div.stage");
    this.panel = el("div.panel", { tabIndex: -1, role: "region", "aria-label": "Recipe" });
    this.counter = el("span.counter", { role: "status" });
    this.zoom = new Zoom(this.stage, () => (this.picture ? [this.picture] : []), (step) => page.onWalk(step));
    this.selectButton = this.#button("check", "Select (X)", () => page.onSelect());
    this.infoButton = this.#button("info", "Recipe (I)", () => this.toggleInfo());
    this.overlay.element.append(
      el("div.topbar", {}, this.overlay.closeButton(), this.counter, el("span.grow"), this.selectButton, this.#button("full", "Full screen (F)", () => this.fullScreen()), this.infoButton),
      el("div.viewer", {}, this.stage, this.#button("previous", "Previous (←)", () => page.onWalk(-1)), this.#button("next", "Next (→)", () => page.onWalk(1))),
      this.panel,
    );
    this.#showInfo();
  }

  /** @returns {number|null} what is shown */
  get id() {
    return this.#id;
  }

  /** @param {number} id */
  async show(id) {
    if (id === this.#id && this.overlay.isOpen) return;
    this.#abort.abort();
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#id = id;
    this.overlay.show();
    try {
      const image = await api.image(id, this.page.params(), signal);
      if (!signal.aborted) this.#fill(image);
    } catch (error) {
      if (error.name === "AbortError") return;
      fill(this.stage);
      fill(this.panel, el("p.empty-note", { textContent: error.status === 404 ? "This picture is not in the catalog." : error.message }));
    }
  }

  hide() {
    if (document.fullscreenElement) document.exitFullscreen();
    this.#abort.abort();
    this.#id = null;
    this.overlay.hide();
    fill(this.stage);
    this.picture = null;
  }

  /** @param {number} position @param {number} count */
  place(position, count) {
    this.counter.textContent = position < 0 ? "not in this view" : `${number(position + 1)} of ${number(count)}`;
    const [previous, next] = this.overlay.element.querySelectorAll(".viewer > .icon-button");
    previous.disabled = position <= 0;
    next.disabled = position < 0 || position >= count - 1;
  }

  /** @param {boolean} isSelected */
  mark(isSelected) {
    this.selectButton.setAttribute("aria-pressed", String(isSelected));
  }

  toggleInfo() {
    keepSetting("info", !setting("info"));
    this.#showInfo();
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.stage.requestFullscreen().catch(() => {});
  }

  #fill(image) {
    const { frame, picture } = wholePicture(image);
    this.picture = picture;
    this.zoom.reset();
    const gone = image.file?.gone
      ? el("p.notice", { role: "status" }, icon("missing"), "The file is not there any more. What you see was kept of it.")
      : null;
    fill(this.stage, frame, gone);
    const raw = el("div");
    const shown = tabs("About this picture", [
      { name: "Recipe", panel: el("div", {}, ...recipe(image, this.page.around())), onShow: () => (this.#tab = 0) },
      { name: "Raw", panel: raw, onShow: () => { this.#tab = 1; showRaw(raw, image); } },
    ], this.#tab);
    fill(this.panel, facts(image), shown);
    this.panel.scrollTop = 0;
    this.overlay.element.setAttribute("aria-label", image.name);
  }

  #showInfo() {
    const isShown = setting("info");
    this.overlay.element.classList.toggle("with-panel", isShown);
    this.panel.hidden = !isShown;
    this.infoButton.setAttribute("aria-pressed", String(isShown));
  }

  #button(name, label, run) {
    return el(`button.icon-button.${name}`, { type: "button", title: label, "aria-label": label, onclick: run }, icon(name));
  }
}
