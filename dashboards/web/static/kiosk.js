// @ts-check
/** The hallway screen: what is free, read from across the room; nothing to press. */

import { byId, h, setAttribute, setText } from "./dom.js";
import { Floors } from "./floors.js";
import { Frame } from "./frame.js";
import { drawLegend } from "./legend.js";
import { count } from "./states.js";
import { Status } from "./status.js";
import { numberText, t } from "./words.js";
import { HOUR, MINUTE } from "./zone.js";

/** @typedef {import("./house.js").House} House */
/** @typedef {import("./api.js").Row} Row */

/** A screen that hangs for months is loaded anew each day, so that it shows what an upgrade brought. */
const DAILY = 24 * HOUR;

class KioskPage extends Frame {
  constructor() {
    super();
    this.floors = new Floors(byId("floors"));
    this.desks = new Total("desks", t("kiosk.free_desks"));
    this.rooms = new Total("rooms", t("kiosk.free_rooms"));
    byId("totals").append(this.desks.element, this.rooms.element);
    this.status = new Status(this, (rows, house) => this.show(rows, house));
    this.minute = 0;
  }

  start() {
    super.start();
    drawLegend(byId("legend"));
    setTimeout(() => location.reload(), DAILY);
    this.status.poll.now();
  }

  changed() {
    this.status.now();
  }

  /** @param {House} house @param {boolean} _first @param {boolean} anew */
  arrived(house, _first, anew) {
    if (!anew) return;
    this.floors.build(this.spaces(house));
    if (this.status.rows.size) this.show(this.status.rows, house);
  }

  /** Return the spaces of the floor that the address names; all where it names none, or one that there is not. @param {House} house */
  spaces(house) {
    const { floor } = this.view.more;
    const found = house.spaces.filter((space) => space.floor === floor);
    return found.length ? found : house.spaces;
  }

  /** @param {Map<string, Row>} rows @param {House} house */
  show(rows, house) {
    const now = this.clock.now();
    this.minute = Math.floor(now / MINUTE);
    const spaces = this.spaces(house);
    const { desks, rooms } = count(spaces, rows, now);
    this.desks.update(desks);
    this.rooms.update(rooms);
    this.floors.update(rows, now);
    document.title = t("page.title_free", { n: desks.total ? desks.vacant : rooms.vacant, house: house.name });
    setAttribute(byId("floors"), "aria-busy", "false");
  }

  tick() {
    super.tick();
    if (this.house && this.status?.rows.size && Math.floor(this.clock.now() / MINUTE) !== this.minute) this.show(this.status.rows, this.house);
  }
}

class Total {
  /** @param {string} name @param {string} words */
  constructor(name, words) {
    this.number = h("strong");
    this.of = h("span", { class: "soft" });
    this.perhaps = h("span", { class: "soft" });
    this.element = h("p", { class: "card kiosk-total", "data-total": name }, this.number, h("span", {}, words), this.of, this.perhaps);
  }

  /** @param {import("./states.js").Tally} tally */
  update(tally) {
    setAttribute(this.element, "hidden", tally.total === 0);
    setText(this.number, numberText(tally.vacant - tally.perhaps));
    setText(this.of, t("tile.of", { n: tally.total }));
    setText(this.perhaps, tally.perhaps ? t("kiosk.perhaps", { n: tally.perhaps }) : "");
  }
}

new KioskPage().start();
