// @ts-check
/** What is being looked at, kept in the address so that a view can be linked to: #site=betahaus&at=2026-05-04T08:00:00Z&of=rooms */

import { rfc3339 } from "./zone.js";

/** @typedef {"desks" | "fixed" | "all_desks" | "rooms" | "all"} Pool */

/** Milliseconds; browsers refuse addresses that change hundreds of times in a few seconds. */
const SOON = 200;
const POOLS = ["desks", "fixed", "all_desks", "rooms", "all"];
/** What a page may keep besides, with what it is unless the address says otherwise. @type {Record<string, string>} */
const MORE = { window: "month", from: "", to: "", floor: "", group: "site", members: "", level: "" };

export class View {
  constructor() {
    /** The site's id; null is the first. @type {string | null} */
    this.site = null;
    /** A past moment; null is now. @type {number | null} */
    this.at = null;
    /** @type {Pool} */
    this.of = "desks";
    /** @type {Record<string, string>} */
    this.more = { ...MORE };
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
    const of = fields.get("of") ?? "desks";
    this.site = fields.get("site");
    this.at = Number.isFinite(moment) && Math.abs(moment) < 8e15 ? moment : null;
    this.of = /** @type {Pool} */ (POOLS.includes(of) ? of : "desks");
    for (const [name, usual] of Object.entries(MORE)) this.more[name] = fields.get(name) ?? usual;
    return true;
  }

  /** Return the view as an address's hash, "" for the first sight. */
  hash() {
    const fields = [];
    if (this.site !== null) fields.push(`site=${encodeURIComponent(this.site)}`);
    if (this.at !== null) fields.push(`at=${rfc3339(this.at)}`);
    if (this.of !== "desks") fields.push(`of=${this.of}`);
    for (const [name, value] of Object.entries(this.more)) {
      if (value !== MORE[name]) fields.push(`${name}=${encodeURIComponent(value)}`);
    }
    return fields.length ? `#${fields.join("&")}` : "";
  }

  /** Write the address soon, once for many moves of the slider and without new entries in the history. */
  write() {
    clearTimeout(this.writing);
    this.writing = setTimeout(() => {
      history.replaceState(null, "", this.hash() || location.pathname + location.search);
      this.follow();
    }, SOON);
  }

  /** Let links to other pages lead to the same site, and those to other languages to the same view. */
  follow() {
    const site = this.site === null ? "" : `#site=${encodeURIComponent(this.site)}`;
    for (const link of document.querySelectorAll("a[data-nav]")) {
      const address = (link.getAttribute("href") ?? "").split("#")[0];
      link.setAttribute("href", address + (address.startsWith("?") ? this.hash() : site));
    }
  }
}
