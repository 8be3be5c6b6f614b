/** A report to share: the selection or the view, one HTML file without scripts. */

import { api } from "./api.js";
import { counted, el } from "./dom.js";
import { Overlay } from "./overlay.js";
import { toast } from "./toast.js";

const MOST = 500;

export class Report {
  /**
   * @param {object} page
   * @param {() => void} page.onLeave
   * @param {() => number[]} page.selection
   * @param {() => {key: string, images: number, title: string}} page.view
   */
  constructor(page) {
    this.page = page;
    this.overlay = new Overlay("report", "Report", page.onLeave);
  }

  show() {
    if (this.overlay.isOpen) return;
    const ids = this.page.selection();
    const { images, title } = this.page.view();
    const choice = (value, text, checked, disabled) =>
      el("label.choice", {}, el("input", { type: "radio", name: "what", value, checked, disabled }), text);
    const box = (name, text, checked) => el("label.choice", {}, el("input", { type: "checkbox", name, checked }), text);
    const viewText = images > MOST ? `The first ${MOST} pictures of this view` : `This view, ${counted(images, "picture")}`;
    const form = el(
      "form.report-form", {},
      el("label.field", {}, "Title", el("input", { type: "text", name: "title", value: title, maxLength: 200, autocomplete: "off" })),
      el("fieldset", {}, el("legend", { textContent: "Pictures" }),
        choice("ids", ids.length ? `The selection, ${counted(ids.length, "picture")}` : "The selection (nothing is selected)", ids.length > 0, !ids.length),
        choice("view", viewText, !ids.length, false)),
      el("fieldset", {}, el("legend", { textContent: "With" }),
        box("prompts", "Prompts", true), box("paths", "Paths of the files", false)),
      el("p.muted", { textContent: "One HTML file with small pictures and recipes; it holds no script and loads nothing." }),
      el("div.form-end", {}, el("button.button.primary", { type: "submit" }, "Save the report")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save(new FormData(form), ids, form.querySelector("[type=submit]"));
    });
    this.overlay.card("Report", form);
    this.overlay.show();
  }

  hide() {
    this.overlay.hide();
  }

  async #save(given, ids, button) {
    button.disabled = true;
    button.textContent = "Making the report…";
    try {
      const title = given.get("title") || "Report";
      const what = given.get("what") === "ids" ? { ids } : { key: this.page.view().key };
      const blob = await api.report({ ...what, title, prompts: given.has("prompts"), paths: given.has("paths") });
      const link = el("a", { href: URL.createObjectURL(blob), download: `${title.replace(/[^\p{L}\p{N} _-]+/gu, "_").slice(0, 80)}.html` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
      toast("Report saved");
      this.overlay.onLeave();
    } catch (error) {
      toast(error.message);
    } finally {
      button.disabled = false;
      button.textContent = "Save the report";
    }
  }
}
