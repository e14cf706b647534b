// @ts-check
/** Whether what is shown is fresh, said plainly. */

import { byId, setAttribute, setText } from "./dom.js";
import { lengthText, secondsText } from "./zone.js";

const STALE = 15_000;

export class Connection {
  constructor() {
    /** performance.now() of the last good answer. @type {number | null} */
    this.heard = null;
    /** The same on the site's clock, and its zone. @type {{moment: number, zone: string} | null} */
    this.as = null;
    /** What went wrong since. @type {string | null} */
    this.trouble = null;
  }

  /** @param {number} moment on the site's clock @param {string} zone */
  answered(moment, zone) {
    this.heard = performance.now();
    this.as = { moment, zone };
    this.trouble = null;
    this.show();
  }

  /** @param {unknown} error */
  failed(error) {
    this.trouble = error instanceof Error ? error.message : String(error);
    this.show();
  }

  /** Say how fresh the page is; call it each second. */
  show() {
    const age = this.heard === null ? Infinity : performance.now() - this.heard;
    const state = this.trouble !== null ? "lost" : this.heard === null ? "starting" : age > STALE ? "stale" : "live";
    setAttribute(byId("connection"), "data-state", state);
    setText(byId("connection-text"), pillText(state, age));
    const notice = byId("notice");
    const text = this.trouble === null ? "" : this.noticeText();
    notice.hidden = text === "";
    setText(notice, text);
  }

  noticeText() {
    const from = this.as ? `What you see is from ${secondsText(this.as.zone, this.as.moment)}.` : "Nothing can be shown yet.";
    return `${this.trouble}. ${from} Trying again by itself.`.replace(/^./, (letter) => letter.toUpperCase());
  }
}

/** @param {string} state @param {number} age milliseconds */
function pillText(state, age) {
  const ago = age < 60_000 ? `${Math.round(age / 1000)} s ago` : `${lengthText(age / 60_000)} ago`;
  if (state === "live") return `Live, ${ago}`;
  if (state === "starting") return "Connecting";
  return Number.isFinite(age) ? `${state === "lost" ? "No answer" : "Stale"}, ${ago}` : "No answer";
}
