/** What can lie over the grid, shown and hidden as the address says. */

import { Compare } from "./compare.js";
import { Detail } from "./detail.js";
import { Drop } from "./drop.js";
import { Help } from "./help.js";
import { Model } from "./model.js";
import { Report } from "./report.js";
import { filtered } from "./state.js";
import { Stats } from "./stats.js";

/** @typedef {import("./state.js").Place} Place */

export class Overlays {
  /**
   * @param {object} page
   * @param {import("./state.js").Address} page.address
   * @param {import("./view.js").View} page.view
   * @param {import("./selection.js").Selection} page.selection
   * @param {any} page.info
   * @param {(step: number) => void} page.onWalk
   * @param {() => void} page.onSelect the picture that is open
   */
  constructor({ address, view, selection, info, onWalk, onSelect }) {
    const link = (filter) => address.link(filtered(address.now, filter));
    const around = () => ({ terms: view.answer?.terms ?? [], link, modelLink: (resource) => address.link({ model: modelParams(resource) }) });
    const leave = (change) => () => address.close(change);
    const leavePanel = leave({ panel: "" });
    this.detail = new Detail({ onLeave: leave({ image: null }), onWalk, onSelect, around, params: () => view.params });
    this.compare = new Compare(leave({ pair: null }));
    this.model = new Model({ onLeave: leave({ model: "" }), link });
    this.panels = {
      help: new Help(leavePanel),
      stats: new Stats({ onLeave: leavePanel, params: () => view.params, link }),
      report: new Report({
        onLeave: leavePanel,
        selection: () => selection.ids,
        view: () => ({ key: view.answer?.key, images: view.answer?.total ?? 0, title: info.title }),
      }),
      read: new Drop({ onFiles: () => this.#read(address), onLeave: leavePanel, around, limit: info.limits?.drop ?? 2 ** 28 }),
    };
  }

  /** @param {Place} place */
  show(place) {
    for (const [name, panel] of Object.entries(this.panels)) if (place.panel !== name) panel.hide();
    if (!place.model) this.model.hide();
    if (!place.pair) this.compare.hide();
    if (place.image === null) this.detail.hide();
    else this.detail.show(place.image);
    if (place.pair) this.compare.show(place.pair);
    if (place.model) this.model.show(place.model);
    this.panels[place.panel]?.show();
  }

  #read(address) {
    if (address.now.panel === "read") this.panels.read.show();
    else address.open({ panel: "read", image: null, pair: null, model: "" });
  }
}

function modelParams({ type, name, hash }) {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries({ type, name, hash })) if (value) params.set(key, value);
  return params.toString();
}
