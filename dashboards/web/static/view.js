// @ts-check
/** What is being looked at, kept in the address so that a view can be linked to: #site=betahaus&at=2026-05-04T08:00:00Z&of=rooms */

import { rfc3339 } from "./zone.js";

/** @typedef {"desks" | "rooms"} Pool */

/** Milliseconds; browsers refuse addresses that change hundreds of times in a few seconds. */
const SOON = 200;

export class View {
  constructor() {
    /** The site's id; null is the first. @type {string | null} */
    this.site = null;
    /** A past moment; null is now. @type {number | null} */
    this.at = null;
    /** @type {Pool} */
    this.of = "desks";
    /** @type {number | undefined} */
    this.writing = undefined;
  }

  /**
   * Read the address. Returns false where it holds no view (a plain anchor), and changes nothing then.
   * @param {string} [hash]
   */
  read(hash = location.hash) {
    const text = hash.replace(/^#/, "");
    if (text && !text.includes("=")) return false;
    const fields = new URLSearchParams(text);
    const at = fields.get("at");
    const moment = at === null ? NaN : /^\d+$/.test(at) ? Number(at) : Date.parse(at);
    this.site = fields.get("site");
    this.at = Number.isFinite(moment) && Math.abs(moment) < 8e15 ? moment : null;
    this.of = fields.get("of") === "rooms" ? "rooms" : "desks";
    return true;
  }

  /** Return the view as an address's hash, "" for the first sight. */
  hash() {
    const fields = [];
    if (this.site !== null) fields.push(`site=${encodeURIComponent(this.site)}`);
    if (this.at !== null) fields.push(`at=${rfc3339(this.at)}`);
    if (this.of !== "desks") fields.push(`of=${this.of}`);
    return fields.length ? `#${fields.join("&")}` : "";
  }

  /** Write the address soon, once for many moves of the slider and without new entries in the history. */
  write() {
    clearTimeout(this.writing);
    this.writing = setTimeout(() => history.replaceState(null, "", this.hash() || location.pathname + location.search), SOON);
  }
}
