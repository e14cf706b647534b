// @ts-check
/** One thing done again and again: never twice at a time, never while nobody looks, more slowly while it fails. */

/** Milliseconds between two runs at least, however often one is asked for: a slider asks at every pixel. */
const PAUSE = 120;
/** The first wait after a failure, where the period is longer: who waits for an answer is not to wait for a minute. */
const AGAIN = 5_000;

export class Poll {
  /**
   * @param {() => Promise<void>} task rejects where it failed
   * @param {number} period milliseconds between the end of one run and the start of the next
   * @param {number} [slowest] the longest wait after failures
   */
  constructor(task, period, slowest = period) {
    this.task = task;
    this.period = period;
    this.slowest = slowest;
    this.failures = 0;
    this.running = false;
    this.wanted = false;
    /** When the last run ended, by performance.now(). */
    this.ended = -Infinity;
    /** @type {number | undefined} */
    this.timer = undefined;
    document.addEventListener("visibilitychange", () => (document.hidden ? this.rest() : this.now()));
    addEventListener("online", () => this.now());
  }

  /** Run as soon as may be: at once, or once more after the run under way and a pause. */
  now() {
    const rest = this.ended + PAUSE - performance.now();
    if (this.running || this.wanted) this.wanted = true;
    else if (rest > 0) this.soon(rest);
    else this.begin();
  }

  /** @param {number} rest milliseconds until the pause after the last run is over */
  soon(rest) {
    this.wanted = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.begin(), rest);
  }

  begin() {
    clearTimeout(this.timer);
    void this.run();
  }

  /** Stop until somebody looks again; a run under way ends by itself. */
  rest() {
    clearTimeout(this.timer);
    this.wanted = false;
  }

  async run() {
    this.running = true;
    this.wanted = false;
    try {
      await this.task();
      this.failures = 0;
    } catch {
      this.failures += 1; // the task has said so on the page
    }
    this.running = false;
    this.ended = performance.now();
    if (this.wanted) this.soon(PAUSE);
    else if (!document.hidden) this.timer = setTimeout(() => this.begin(), this.wait());
  }

  wait() {
    const again = Math.min(this.period, AGAIN) * 2 ** (this.failures - 1);
    return this.failures ? Math.min(again, Math.max(this.slowest, this.period)) : this.period;
  }
}
