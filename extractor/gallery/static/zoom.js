/** Zoom and pan of one or more pictures in step. */

const MOST = 16;
const STEP = 1.3;

export class Zoom {
  scale = 1;
  #x = 0;
  #y = 0;
  #drag = null;

  /**
   * @param {HTMLElement} stage takes wheel and pointer
   * @param {() => HTMLElement[]} pictures what is moved
   */
  constructor(stage, pictures) {
    this.stage = stage;
    this.pictures = pictures;
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.#press(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    stage.addEventListener("pointerup", () => (this.#drag = null));
    stage.addEventListener("pointercancel", () => (this.#drag = null));
    stage.addEventListener("dblclick", (event) => (this.scale > 1 ? this.reset() : this.by(3, event)));
  }

  reset() {
    this.scale = 1;
    this.#x = this.#y = 0;
    this.#apply();
  }

  /** @param {string} key `+`, `-` or `0` */
  key(key) {
    if (key === "0") this.reset();
    else this.by(key === "+" ? STEP : 1 / STEP);
  }

  /**
   * @param {number} factor
   * @param {{clientX: number, clientY: number, target?: any}} [at] what stays where it is; the middle else
   */
  by(factor, at) {
    const scale = Math.max(1, Math.min(MOST, this.scale * factor));
    const box = this.#frame(at).getBoundingClientRect();
    const x = at ? at.clientX - box.left - box.width / 2 : 0;
    const y = at ? at.clientY - box.top - box.height / 2 : 0;
    const grown = scale / this.scale;
    this.#x = x - (x - this.#x) * grown;
    this.#y = y - (y - this.#y) * grown;
    this.scale = scale;
    this.#clamp(box);
    this.#apply();
  }

  /** Side by side, each half is a frame of its own. */
  #frame(at) {
    return at?.target?.closest?.("[data-frame]") ?? this.stage.querySelector("[data-frame]") ?? this.stage;
  }

  #clamp(box) {
    const x = (box.width * (this.scale - 1)) / 2;
    const y = (box.height * (this.scale - 1)) / 2;
    this.#x = Math.max(-x, Math.min(x, this.#x));
    this.#y = Math.max(-y, Math.min(y, this.#y));
  }

  #wheel(event) {
    event.preventDefault();
    this.by(2 ** (-event.deltaY / 400), event);
  }

  #press(event) {
    if (this.scale === 1 || event.button !== 0 || event.target.closest("button, input")) return;
    event.preventDefault();
    this.stage.setPointerCapture(event.pointerId);
    this.#drag = { x: event.clientX - this.#x, y: event.clientY - this.#y, box: this.#frame(event).getBoundingClientRect() };
  }

  #move(event) {
    if (!this.#drag) return;
    this.#x = event.clientX - this.#drag.x;
    this.#y = event.clientY - this.#drag.y;
    this.#clamp(this.#drag.box);
    this.#apply();
  }

  #apply() {
    this.stage.classList.toggle("zoomed", this.scale > 1);
    for (const picture of this.pictures()) {
      picture.style.transform = this.scale === 1 ? "" : `translate(${this.#x}px, ${this.#y}px) scale(${this.scale})`;
      picture.draggable = this.scale === 1;
    }
  }
}
