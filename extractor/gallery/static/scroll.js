/**
 * Scrolling over more pixels than a browser can: the sizer ends at {@link CAP}, small moves count one to one, and jumps
 * (the thumb of the scroll bar is dragged) count in proportion. At rest the bar is put where it belongs.
 */

/** Chromium's layout ends at 33 million pixels, Firefox' at 17. */
export const CAP = 8_000_000;

const REST = 160;

export class Scroll {
  #total = 0;
  #physical = 0;
  #timer = 0;

  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} sizer its child, as high as can be
   * @param {() => void} onMove called when {@link top} has changed
   */
  constructor(scroller, sizer, onMove) {
    this.scroller = scroller;
    this.sizer = sizer;
    this.onMove = onMove;
    /** Pixels from the upper edge of the content; whole and fractions. */
    this.top = 0;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
  }

  /** @returns {number} height of what is seen */
  get height() {
    return this.scroller.clientHeight;
  }

  /** @returns {number} what to add to a place in the content for its place in the sizer */
  get shift() {
    return this.#physical - this.top;
  }

  /** @returns {boolean} whether content is higher than the sizer */
  get capped() {
    return this.#total > CAP;
  }

  /**
   * Other content, shown from `top` on.
   * @param {number} total its height
   * @param {number} top
   */
  reset(total, top) {
    this.#total = total;
    this.sizer.style.height = `${Math.min(total, CAP)}px`;
    this.to(top);
  }

  /** Goes to a place at once; what is told of it is left to the caller. @param {number} top */
  to(top) {
    this.top = Math.max(0, Math.min(top, this.#total - this.height));
    this.#settle();
  }

  #settle() {
    clearTimeout(this.#timer);
    const wanted = this.capped ? (this.top / (this.#total - this.height)) * (CAP - this.height) : this.top;
    if (Math.abs(this.scroller.scrollTop - wanted) >= 1) this.scroller.scrollTop = wanted;
    this.#physical = this.scroller.scrollTop;
    if (!this.capped) this.top = this.#physical;
  }

  #scrolled() {
    const physical = this.scroller.scrollTop;
    const moved = physical - this.#physical;
    if (Math.abs(moved) < 1) return;
    this.#physical = physical;
    const end = this.#total - this.height;
    if (!this.capped) this.top = physical;
    else if (Math.abs(moved) < 4 * this.height) this.top = Math.max(0, Math.min(end, this.top + moved));
    else this.top = (physical / (CAP - this.height)) * end;
    if (this.capped) this.#settleSoon(physical);
    this.onMove();
  }

  #settleSoon(physical) {
    clearTimeout(this.#timer);
    const later = () => {
      this.#settle();
      this.onMove();
    };
    // At an end of the bar that is not one of the content there would be no further events.
    if (physical < 1 || physical >= CAP - this.height - 1) later();
    else this.#timer = setTimeout(later, REST);
  }
}
