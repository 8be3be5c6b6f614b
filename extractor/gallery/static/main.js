/** The page: the address says what is shown, the server what there is of it. */

import { api, Refusal } from "./api.js";
import { Cells } from "./cells.js";
import { showChips, showNothing } from "./chips.js";
import { byId, counted, el } from "./dom.js";
import { Events } from "./events.js";
import { Facets, withFilter } from "./facets.js";
import { Grid } from "./grid.js";
import { placeIcons } from "./icons.js";
import { listen } from "./keys.js";
import { topmost } from "./overlay.js";
import { Overlays } from "./overlays.js";
import { Rail } from "./rail.js";
import { Search } from "./search.js";
import { Selection } from "./selection.js";
import { keepSetting, setting } from "./settings.js";
import { Address, parse, viewParams } from "./state.js";
import { Timeline } from "./timeline.js";
import { toast } from "./toast.js";
import { applyLook, showScan, showSelection, showServer, showStatus, toggleBlur, toggleTheme } from "./toolbar.js";
import { View } from "./view.js";
import { listenToMouse, target } from "./walking.js";

const GROWTH = 1500;
const RANGE = 500;
const AHEAD = 60;

class Page {
  #isScanning = false;
  #asking = 0;
  /** The revision that is shown, and the latest that the server told of. */
  #revision = 0;
  #told = 0;
  #refresh = 0;
  #newer = 0;
  #held = null;
  #isTouched = false;
  #walkingTo = -1;

  /** @param {any} info of the server */
  constructor(info) {
    this.info = info;
    this.view = new View();
    this.cells = new Cells(() => this.grid.refresh(), () => this.#grow());
    this.selection = new Selection(() => this.#selected());
    this.grid = new Grid({
      listbox: byId("grid"), sizer: byId("sizer"), layer: byId("layer"), cells: this.cells,
      isSelected: (id) => this.selection.has(id), onRest: () => this.address.keep(), onMove: () => this.#moved(),
    });
    this.address = new Address((now, before, at) => this.#changed(now, before, at), () => this.#place());
    this.search = new Search((q, prefix, isFirst) => (isFirst ? this.address.go({ q, prefix }) : this.address.amend({ q, prefix })), () => byId("grid").focus());
    this.facets = new Facets(byId("facets"), () => new URLSearchParams(this.view.params), (filter, wanted) => this.address.go({ f: withFilter(this.address.now.f, filter, wanted) }));
    this.timeline = new Timeline(byId("timeline"), (month) => this.#toMonth(month));
    this.rail = new Rail();
    this.overlays = new Overlays({ address: this.address, view: this.view, selection: this.selection, info, onWalk: (step) => this.#walk(step), onSelect: () => this.actions.select() });
    this.actions = this.#actions();
    this.#listen();
  }

  /** Shows what the address says, and follows the server's news. */
  start() {
    document.title = `${this.info.title} · Gallery`;
    byId("title").textContent = this.info.title;
    byId("title").title = this.info.title;
    this.grid.restyle({ size: setting("size"), squares: setting("squares") });
    this.address.start();
    this.events = new Events((state) => this.#news(state), (isGone) => this.#server(isGone));
  }

  async #changed(now, before, at) {
    this.search.show(now.q);
    byId("sort").value = now.sort;
    byId("stacks-button").setAttribute("aria-pressed", String(now.stacks));
    if (!before || String(viewParams(now)) !== String(viewParams(before))) {
      this.#newer = 0;
      await this.#load(now, at ?? null);
    }
    // The address may have moved on while the server was asked.
    this.overlays.show(this.address.now);
    this.#placeDetail();
  }

  /** @param {import("./state.js").Place} place @param {any} at what stays where it is, as {@link #place} tells it */
  async #load(place, at) {
    let shape;
    this.#asking += 1;
    try {
      shape = await this.view.ask(place);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.status === 400) this.search.refuse(place.q, error.message, error.position);
      else if (error.status) toast(error.message);
      return;
    } finally {
      this.#asking -= 1;
    }
    if (!shape) return;
    const { answer } = this.view;
    const [position, current] = await Promise.all([this.view.find(at?.id), this.view.find(at?.current)]);
    if (answer !== this.view.answer) return;
    this.search.accept();
    this.#revision = answer.revision;
    const stays = at && Math.max(0, position >= 0 ? position : Math.min(at.position, answer.total - 1));
    const cells = this.cells.successor(answer.key, answer.total);
    // Pictures that stay are not taken away and put back.
    if (at?.grown) await Promise.all([cells.at(stays), cells.at(stays + AHEAD)]);
    if (answer !== this.view.answer) return;
    if (at && position > at.position && at.grown) this.#newer += position - at.position;
    this.cells.end();
    this.cells = cells;
    this.grid.show(shape, cells, current, at && answer.total ? { position: stays, offset: at.offset } : null);
    this.#held = at?.grown ? { ...at, position: stays, top: this.grid.scroll.top } : null;
    this.#around(answer);
    if (this.#told > this.#revision) this.#growSoon();
  }

  #around(answer) {
    showStatus(answer);
    showNothing(byId("nothing"), { answer, info: this.info, scanning: this.#isScanning, drop: (way) => this.#drop(way) });
    showChips(byId("chips"), answer.chips, (gone) => this.address.go({ f: this.address.now.f.filter((filter) => !gone.includes(filter)) }));
    this.facets.show(answer.facets);
    this.timeline.show(answer.histogram);
    this.#moved();
  }

  #drop(way) {
    if (way.q !== undefined) this.address.go({ q: "" });
    else this.address.go({ f: this.address.now.f.filter((filter) => filter !== way.f) });
  }

  /** Where the grid stands, so that it can be found again. */
  #place() {
    const anchor = this.grid.anchor();
    if (!anchor) return null;
    return { ...anchor, id: this.cells.get(anchor.position)?.id, current: this.cells.get(this.grid.current)?.id };
  }

  #moved() {
    this.timeline.mark(this.grid.count ? this.grid.first : 0);
    if (this.grid.scroll.top < 1) this.#newer = 0;
    const pill = byId("newer");
    pill.hidden = this.#newer === 0;
    if (this.#newer) pill.textContent = `↑ ${counted(this.#newer, "new picture")}`;
  }

  #news(state) {
    const ended = this.#isScanning && !state.scanning;
    this.#isScanning = state.scanning;
    showScan(state);
    this.#told = state.revision;
    // What is being asked for will tell its own revision.
    if (ended || (this.#told !== this.#revision && !this.#asking)) this.#growSoon();
  }

  /** The first pictures are shown at once, more of them in their time. */
  #growSoon() {
    this.#refresh ||= setTimeout(() => this.#grow(), this.view.answer?.total ? GROWTH : 0);
  }

  #grow() {
    clearTimeout(this.#refresh);
    this.#refresh = 0;
    // Who has only just come sees the newest pictures, however many there are by now.
    const isNew = !this.#isTouched && this.grid.scroll.top < 1;
    // Rows break elsewhere each time: as long as nobody scrolls, it is one picture that stays where it is.
    const isHeld = this.#held && Math.abs(this.grid.scroll.top - this.#held.top) < 1;
    const current = this.cells.get(this.grid.current)?.id;
    const at = isNew ? { position: 0, offset: 0, current } : isHeld ? { ...this.#held, current } : this.#place();
    this.#load(this.address.now, at && { ...at, grown: true });
  }

  #server(isGone) {
    showServer(isGone);
    if (isGone) return;
    this.grid.refresh(true);
    this.#grow();
  }

  #toMonth(month) {
    if (month.first === null || !["newest", "oldest"].includes(this.address.now.sort)) this.address.go({ f: withFilter(this.address.now.f, `month:${month.month}`, "in") });
    else this.grid.jumpTo(month.first, true);
  }

  async #open(position) {
    const cell = await this.cells.at(position);
    if (!cell) return;
    this.grid.moveTo(position);
    this.address.open({ image: cell.id });
  }

  async #walk(step) {
    const from = this.#walkingTo >= 0 ? this.#walkingTo : this.grid.current;
    const to = Math.max(0, Math.min(this.grid.count - 1, from + step));
    if (from < 0 || to === from) return;
    this.#walkingTo = to;
    const cell = await this.cells.at(to);
    if (!cell || this.#walkingTo !== to) return;
    this.grid.moveTo(to);
    this.address.amend({ image: cell.id });
    this.cells.at(to + step);
  }

  /** The picture that is open becomes the current one of the grid, so that closing leads to it. */
  async #placeDetail() {
    const { image } = this.address.now;
    this.#walkingTo = -1;
    if (image === null || !this.view.answer) return;
    const isCurrent = this.cells.get(this.grid.current)?.id === image;
    const position = isCurrent ? this.grid.current : await this.view.find(image);
    if (this.address.now.image !== image) return;
    if (!isCurrent && position >= 0) this.grid.moveTo(position);
    this.overlays.detail.place(position, this.grid.count);
    this.overlays.detail.mark(this.selection.has(image));
  }

  #selected() {
    this.grid.mark();
    this.overlays.detail.mark(this.selection.has(this.overlays.detail.id ?? undefined));
    showSelection(this.selection.size, {
      compare: () => this.#compare(),
      only: () => this.address.go({ f: [`ids:${this.selection.ids.join(",")}`], q: "" }),
      report: () => this.address.open({ panel: "report" }),
      clear: () => this.selection.clear(),
    });
  }

  async #toggle(position) {
    const cell = await this.cells.at(position);
    if (!cell) return;
    this.grid.moveTo(position);
    this.selection.toggle(cell.id);
  }

  async #range(position) {
    const from = Math.min(position, Math.max(0, this.grid.current));
    const to = Math.min(from + RANGE, Math.max(position, this.grid.current));
    const cells = await Promise.all(Array.from({ length: to - from + 1 }, (_, i) => this.cells.at(from + i)));
    this.grid.moveTo(position);
    this.selection.add(cells.filter(Boolean).map((cell) => cell.id));
  }

  #compare() {
    const ids = this.selection.ids;
    const current = this.cells.get(this.grid.current)?.id;
    if (ids.length === 1 && current !== undefined && current !== ids[0]) ids.push(current);
    if (ids.length === 2) this.address.open({ pair: [ids[0], ids[1]] });
    else toast("Select two pictures (X on each), then compare");
  }

  #restyle(change) {
    for (const [name, value] of Object.entries(change)) keepSetting(name, value);
    this.grid.restyle(change);
    byId("squares-button").setAttribute("aria-pressed", String(this.grid.squares));
  }

  #actions() {
    const move = (key) => this.grid.moveTo(target(this.grid, key));
    const overlay = () => (topmost()?.name === "compare" ? this.overlays.compare : this.overlays.detail);
    return {
      move, page: move, ends: move,
      open: () => this.#open(Math.max(0, this.grid.current)),
      select: () => this.#toggle(Math.max(0, this.grid.current)),
      compare: () => this.#compare(),
      stacks: () => this.address.go({ stacks: !this.address.now.stacks }),
      squares: () => this.#restyle({ squares: !this.grid.squares }),
      walk: (key) => this.#walk(key === "ArrowLeft" ? -1 : 1),
      info: () => (topmost() ? this.overlays.detail.toggleInfo() : this.rail.toggle()),
      full: () => overlay().fullScreen(),
      flip: () => this.overlays.compare.flip(),
      mode: (key) => this.overlays.compare.mode(Number(key) - 1),
      zoom: (key) => overlay().zoom.key(key),
      search: () => this.search.focus(),
      blur: toggleBlur,
      help: () => this.address.open({ panel: "help" }),
      back: () => this.#back(),
    };
  }

  #back() {
    if (document.activeElement === this.search.input) byId("grid").focus();
    else this.selection.clear();
  }

  #listen() {
    for (const kind of ["pointerdown", "wheel", "keydown"]) addEventListener(kind, () => { this.#isTouched = true; }, { once: true, passive: true, capture: true });
    listen(() => whereOf(topmost()?.name), this.actions);
    listenToMouse(byId("grid"), { open: (at) => this.#open(at), toggle: (at) => this.#toggle(at), range: (at) => this.#range(at) });
    byId("sort").addEventListener("change", (event) => this.address.go({ sort: event.target.value }));
    byId("stacks-button").addEventListener("click", () => this.actions.stacks());
    byId("squares-button").addEventListener("click", () => this.actions.squares());
    byId("theme-button").addEventListener("click", toggleTheme);
    byId("skip").addEventListener("click", () => byId("grid").focus());
    byId("newer").addEventListener("click", () => this.grid.jumpTo(0));
    for (const panel of ["stats", "report", "read", "help"]) byId(`${panel}-button`).addEventListener("click", () => this.address.open({ panel }));
    const size = byId("size");
    size.value = String(setting("size"));
    size.addEventListener("input", () => this.#restyle({ size: Number(size.value) }));
    byId("squares-button").setAttribute("aria-pressed", String(setting("squares")));
    document.addEventListener("click", (event) => this.#follow(event));
  }

  /** Links within the page keep the way back: what opens over the grid closes to where it was opened. */
  #follow(event) {
    const link = event.target.closest?.("a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const place = parse(link.getAttribute("href"));
    if (place.model || place.image !== null) this.address.open(place);
    else this.address.go(place);
  }
}

function whereOf(name) {
  if (!name) return "grid";
  return name === "detail" || name === "compare" ? name : "other";
}

async function begin() {
  applyLook();
  placeIcons();
  try {
    new Page(await api.info()).start();
  } catch (error) {
    document.querySelector("main").replaceChildren(el("p.empty-note", { role: "alert", textContent: error.message }));
    throw error;
  }
}

begin();
