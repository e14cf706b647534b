// @ts-check
/** Whether what is shown is fresh, said plainly. */

import { byId, setAttribute, setText } from "./dom.js";
import { t } from "./words.js";
import { lengthText, secondsText } from "./zone.js";

export class Connection {
  /** @param {number} [stale] milliseconds after which an answer is old; @param {boolean} [live] whether changes come by themselves */
  constructor(stale = 15_000, live = true) {
    this.stale = stale;
    this.fresh = live ? "live" : "read";
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
    const state = this.trouble !== null ? "lost" : this.heard === null ? "starting" : age > this.stale ? "stale" : "live";
    setAttribute(byId("connection"), "data-state", state);
    setText(byId("connection-text"), pillText(state === "live" ? this.fresh : state, age));
    const notice = byId("notice");
    const text = this.trouble === null ? "" : this.noticeText();
    notice.hidden = text === "";
    setText(notice, text);
  }

  noticeText() {
    const from = this.as ? t("connection.seen", { time: secondsText(this.as.zone, this.as.moment) }) : t("connection.nothing");
    return `${this.trouble}. ${from} ${t("connection.again")}`.replace(/^./, (letter) => letter.toUpperCase());
  }
}

/** @param {string} state @param {number} age milliseconds */
function pillText(state, age) {
  if (state === "starting") return t("page.connecting");
  if (!Number.isFinite(age)) return t("connection.lost");
  const seconds = t("connection.seconds", { n: Math.round(age / 1000) });
  const ago = age < 60_000 ? seconds : t("connection.ago", { length: lengthText(age / 60_000) });
  return t(`connection.${state}_ago`, { ago });
}
