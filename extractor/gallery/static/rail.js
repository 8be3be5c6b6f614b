/** The filters at the left; on a narrow page a sheet over it, which keeps the focus until it is closed. */

import { byId } from "./dom.js";
import { keepSetting, setting } from "./settings.js";
import { applyLook } from "./toolbar.js";

const narrow = matchMedia("(max-width: 760px)");

export class Rail {
  constructor() {
    this.element = byId("rail");
    this.button = byId("rail-button");
    this.others = [document.querySelector("header.top"), document.querySelector("main")];
    this.button.addEventListener("click", () => this.toggle());
    byId("rail-close").addEventListener("click", () => this.close());
    byId("rail-done").addEventListener("click", () => this.close());
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.isSheet) return;
      event.stopPropagation();
      this.close();
    });
    narrow.addEventListener("change", () => this.close());
    this.#tell();
  }

  /** @returns {boolean} whether it lies over the page now */
  get isSheet() {
    return document.documentElement.classList.contains("sheet");
  }

  toggle() {
    if (narrow.matches) {
      document.documentElement.classList.add("sheet");
      for (const other of this.others) other.inert = true;
      byId("rail-close").focus();
    } else {
      keepSetting("rail", !setting("rail"));
      applyLook();
    }
    this.#tell();
  }

  close() {
    if (this.isSheet) {
      document.documentElement.classList.remove("sheet");
      for (const other of this.others) other.inert = false;
      this.button.focus();
    }
    this.#tell();
  }

  #tell() {
    this.button.setAttribute("aria-expanded", String(narrow.matches ? this.isSheet : setting("rail")));
  }
}
