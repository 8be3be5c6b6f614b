/** Zoom and pan of one or more pictures in step: wheel, double click, drag, keys, two fingers. */

const MOST = 16;
const STEP = 1.3;
/** Pixels a finger moves to the side before it means the next picture. */
const SWIPE = 56;

/** @typedef {{clientX: number, clientY: number, target?: any}} Spot */

export class Zoom {
  scale = 1;
  #x = 0;
  #y = 0;
  /** @type {Map<number, Spot>} */
  #pressed = new Map();
  /** @type {Spot|null} */
  #began = null;

  /**
   * @param {HTMLElement} stage takes wheel and pointer
   * @param {() => HTMLElement[]} pictures what is moved
   * @param {(step: number) => void} [onSwipe] a finger went to the side of a picture that is not zoomed
   */
  constructor(stage, pictures, onSwipe = () => {}) {
    this.stage = stage;
    this.pictures = pictures;
    this.onSwipe = onSwipe;
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    stage.addEventListener("pointerdown", (event) => this.#press(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    stage.addEventListener("pointerup", (event) => this.#release(event));
    stage.addEventListener("pointercancel", (event) => this.#pressed.delete(event.pointerId));
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
    else this.by(key === "-" ? 1 / STEP : STEP);
  }

  /**
   * @param {number} factor
   * @param {Spot} [at] what stays where it is; the middle else
   */
  by(factor, at) {
    const scale = Math.max(1, Math.min(MOST, this.scale * factor));
    const box = this.#frame(at).getBoundingClientRect();
    const x = at ? at.clientX - box.left - box.width / 2 : 0;
    const y = at ? at.clientY - box.top - box.height / 2 : 0;
    const grown = scale / this.scale;
    this.scale = scale;
    this.#pan(x - (x - this.#x) * grown, y - (y - this.#y) * grown, box);
  }

  /** Side by side, each half is a frame of its own. */
  #frame(at) {
    return at?.target?.closest?.("[data-frame]") ?? this.stage.querySelector("[data-frame]") ?? this.stage;
  }

  #pan(x, y, box) {
    const widest = (box.width * (this.scale - 1)) / 2;
    const highest = (box.height * (this.scale - 1)) / 2;
    this.#x = Math.max(-widest, Math.min(widest, x));
    this.#y = Math.max(-highest, Math.min(highest, y));
    this.#apply();
  }

  #wheel(event) {
    event.preventDefault();
    this.by(2 ** (-event.deltaY / 400), event);
  }

  #press(event) {
    if (event.button !== 0) return;
    this.#pressed.set(event.pointerId, event);
    this.#began = this.#pressed.size === 1 ? event : null;
    if (this.scale === 1) return;
    event.preventDefault();
    this.stage.setPointerCapture(event.pointerId);
  }

  #move(event) {
    const last = this.#pressed.get(event.pointerId);
    if (!last) return;
    if (!event.buttons) return void this.#pressed.delete(event.pointerId);
    this.#pressed.set(event.pointerId, event);
    const other = [...this.#pressed].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const middle = { clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2, target: event.target };
      this.by(distance(event, other) / Math.max(1, distance(last, other)), middle);
    } else if (this.scale > 1) {
      const box = this.#frame(event).getBoundingClientRect();
      this.#pan(this.#x + event.clientX - last.clientX, this.#y + event.clientY - last.clientY, box);
    }
  }

  #release(event) {
    this.#pressed.delete(event.pointerId);
    if (!this.#began || this.scale > 1 || event.pointerType === "mouse") return;
    const across = event.clientX - this.#began.clientX;
    if (Math.abs(across) > Math.max(SWIPE, 2 * Math.abs(event.clientY - this.#began.clientY))) this.onSwipe(across < 0 ? 1 : -1);
  }

  #apply() {
    this.stage.classList.toggle("zoomed", this.scale > 1);
    for (const picture of this.pictures()) {
      picture.style.transform = this.scale === 1 ? "" : `translate(${this.#x}px, ${this.#y}px) scale(${this.scale})`;
      picture.draggable = this.scale === 1;
    }
  }
}

function distance(one, other) {
  return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
}
