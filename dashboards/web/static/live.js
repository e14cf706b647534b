// @ts-check
/** The stream of a site: what its spaces are in, and every change. Closed while nobody looks; opened again by itself. */

import { addressOf } from "./api.js";
import { t } from "./words.js";

/** @typedef {import("./api.js").Answer} Answer */

/** Milliseconds without a word after which a stream is given up: it has a beat of five seconds. */
const QUIET = 12_000;
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 15_000;

export class Live {
  /**
   * @param {(answer: Answer, whole: boolean) => void} said all rows, or those that changed
   * @param {(error: Error) => void} failed
   */
  constructor(said, failed) {
    this.said = said;
    this.failed = failed;
    /** @type {string | null} */
    this.site = null;
    /** @type {EventSource | null} */
    this.source = null;
    this.heard = -Infinity;
    this.failures = 0;
    /** @type {number | undefined} */
    this.timer = undefined;
    document.addEventListener("visibilitychange", () => (document.hidden ? this.rest() : this.begin()));
    addEventListener("online", () => this.begin());
    addEventListener("pagehide", () => this.rest());
    setInterval(() => this.watch(), 1_000);
  }

  /** Whether what it says is fresh. */
  get streaming() {
    return this.source !== null && performance.now() - this.heard < QUIET;
  }

  /** Follow a site; null follows none. */
  follow(/** @type {string | null} */ site) {
    if (site === this.site) return;
    this.site = site;
    this.failures = 0;
    this.rest();
    this.begin();
  }

  begin() {
    clearTimeout(this.timer);
    if (this.site === null || this.source !== null || document.hidden) return;
    const source = new EventSource(addressOf([this.site, "live"]));
    this.source = source;
    this.opened = performance.now();
    for (const name of ["state", "change", "alive"]) {
      source.addEventListener(name, (event) => this.source === source && this.take(name, JSON.parse(event.data)));
    }
    source.addEventListener("error", () => this.source === source && this.lost(t("connection.none")));
  }

  /** @param {string} name @param {Answer} answer */
  take(name, answer) {
    this.heard = performance.now();
    this.failures = 0;
    this.said(answer, name === "state");
  }

  /** Let go, and try again later: a browser's own patience ends at the first refusal. */
  lost(/** @type {string} */ why) {
    this.rest();
    this.timer = setTimeout(() => this.begin(), Math.min(FIRST_WAIT * 2 ** this.failures, LONGEST_WAIT));
    this.failures += 1;
    this.failed(new Error(why));
  }

  rest() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    this.heard = -Infinity;
  }

  watch() {
    if (this.source && performance.now() - Math.max(this.heard, this.opened ?? 0) > QUIET) this.lost(t("connection.late"));
  }
}
