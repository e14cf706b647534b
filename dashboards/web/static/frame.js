// @ts-check
/** What all pages share: which site, its clock, whether answers come, and the links between pages. */

import { Clock } from "./clock.js";
import { Connection } from "./connection.js";
import { Header } from "./header.js";
import { enterHouse } from "./house.js";
import { startTips } from "./tip.js";
import { View } from "./view.js";

/** @typedef {import("./house.js").House} House */

export class Frame {
  /** @param {Connection} [connection] */
  constructor(connection = new Connection()) {
    this.view = new View();
    this.clock = new Clock();
    /** @type {House | null} */
    this.house = null;
    this.connection = connection;
    this.header = new Header((site) => this.go({ site, at: null }));
    /** When the site and its spaces were read last, by performance.now(). */
    this.entered = -Infinity;
  }

  start() {
    this.view.read();
    this.view.follow();
    startTips();
    addEventListener("hashchange", () => (this.view.read() ? this.moved() : this.view.write()));
    setInterval(() => document.hidden || this.tick(), 1_000);
  }

  /** @param {Partial<Pick<View, "site" | "at" | "of">>} where */
  go(where) {
    Object.assign(this.view, where);
    this.view.write();
    this.moved();
  }

  moved() {
    const { site } = this.view;
    this.view.follow();
    if (this.house && site !== null && site !== this.house.site) this.house = null;
    this.tick();
    this.changed();
  }

  /** The view is another than before. */
  changed() {}

  /** A house was read, for the first time or again. */
  arrived(/** @type {House} */ _house, /** @type {boolean} */ _first, /** @type {boolean} */ _anew) {}

  /**
   * Find out which sites there are, and read the chosen one; again now and then, since site files change.
   * @returns {Promise<House>}
   */
  async enter() {
    const chosen = this.view.site;
    const { sites, house, generated } = await enterHouse(chosen);
    if (chosen !== this.view.site) return this.enter(); // another was chosen meanwhile
    this.clock.note(generated);
    this.connection.answered(generated, house.zone);
    this.header.show(sites, house);
    const first = this.house === null;
    const anew = house.drawn !== this.house?.drawn;
    this.house = house;
    this.entered = performance.now();
    this.arrived(house, first, anew);
    this.tick();
    return house;
  }

  /** Each second, and whenever something came. */
  tick() {
    this.connection.show();
    if (this.house) this.header.tick(this.house.zone, this.clock.now(), this.clock.elsewhere());
  }
}
