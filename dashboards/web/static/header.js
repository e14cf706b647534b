// @ts-check
/** The top of the page: which site, whether it is simulated, and its clock. */

import { byId, h, setAttribute, setText } from "./dom.js";
import { t } from "./words.js";
import { clockText, dayText, longDayText, zoneText } from "./zone.js";

/** @typedef {import("./api.js").Row} Row */
/** @typedef {import("./house.js").House} House */

export class Header {
  /** @param {(site: string) => void} chosen */
  constructor(chosen) {
    this.choice = byId("site-choice");
    this.select = /** @type {HTMLSelectElement} */ (this.choice.querySelector("select"));
    this.select.addEventListener("change", () => chosen(this.select.value));
    this.drawn = "";
  }

  /** @param {Row[]} sites @param {House} house */
  show(sites, house) {
    const several = sites.length > 1;
    setText(byId("site-name"), house.name);
    byId("site-name").classList.toggle("unseen", several);
    byId("simulated").hidden = !house.simulated;
    this.choice.hidden = !several;
    const key = JSON.stringify(sites.map(({ site, name }) => [site, name]));
    if (key !== this.drawn) this.select.replaceChildren(...sites.map(({ site, name }) => h("option", { value: site }, String(name || site))));
    this.drawn = key;
    this.select.value = house.site;
  }

  /**
   * @param {string} zone
   * @param {number} now on the site's clock
   * @param {boolean} demo whether that clock is not the wall's
   */
  tick(zone, now, demo) {
    setText(byId("clock"), `${dayText(zone, now)}, ${clockText(zone, now)}`);
    setAttribute(byId("clock"), "datetime", new Date(now).toISOString().replace(/:\d\d\.\d+Z$/, "Z"));
    setAttribute(byId("clock"), "title", `${longDayText(zone, now)}, ${zone}`);
    setText(byId("clock-note"), `${zoneText(zone, now)}${demo ? ` · ${t("page.demo")}` : ""}`);
  }
}
