// @ts-check
/** The site's clock, as the API tells it. A demo's clock may stand elsewhere than ours, and run faster. */

export class Clock {
  constructor() {
    /** The moment the last answer was made, on the site's clock; null before the first. @type {number | null} */
    this.told = null;
    this.heard = 0;
    this.rate = 1;
  }

  /**
   * Take note of an answer's `generated`.
   * @param {number} generated
   */
  note(generated) {
    const heard = performance.now();
    if (this.told !== null && heard - this.heard > 500) {
      const rate = (generated - this.told) / (heard - this.heard);
      this.rate = rate > 1.5 && rate < 1e6 ? rate : 1; // network jitter is no speed
    }
    this.told = generated;
    this.heard = heard;
  }

  /** Return the site's time now. */
  now() {
    return this.told === null ? Date.now() : this.told + (performance.now() - this.heard) * this.rate;
  }

  /** Tell whether the site's clock is not the one on the wall: a demo's. */
  elsewhere() {
    return this.told !== null && Math.abs(this.now() - Date.now()) > 120_000;
  }
}
