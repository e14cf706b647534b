// @ts-check
/** Free at a glance: flexible desks, rooms, and the people in open areas. */

import { Bar } from "./bar.js";
import { h, setAttribute, setText } from "./dom.js";
import { count, stateText } from "./states.js";
import { numberText, t } from "./words.js";

/** @typedef {import("./api.js").Row} Row */
/** @typedef {import("./states.js").Tally} Tally */
/** @typedef {import("./states.js").Area} Area */

const MOST_AREAS = 4;

export class Tiles {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.desks = new Tile(t("tile.desks"), "desks");
    this.rooms = new Tile(t("tile.rooms"), "rooms");
    this.areas = h("dl", { class: "areas" });
    this.areaTile = h("div", { class: "tile card", "data-tile": "areas" }, h("h2", {}, t("tile.areas")), this.areas);
    element.replaceChildren(this.desks.element, this.rooms.element, this.areaTile);
  }

  /**
   * @param {Row[]} spaces
   * @param {Map<string, Row>} status
   * @param {number | null} now null where another moment than now is shown
   */
  update(spaces, status, now) {
    const counted = count(spaces, status, now);
    this.desks.update(counted.desks);
    this.rooms.update(counted.rooms);
    setAttribute(this.areaTile, "hidden", counted.areas.length === 0);
    this.updateAreas(counted.areas);
  }

  /** @param {Area[]} areas */
  updateAreas(areas) {
    const shown = [...areas].sort((one, other) => (other.capacity ?? 0) - (one.capacity ?? 0)).slice(0, MOST_AREAS);
    while (this.areas.children.length > shown.length) this.areas.lastElementChild?.remove();
    while (this.areas.children.length < shown.length) this.areas.append(h("div", {}, h("dt"), h("dd")));
    shown.forEach((area, index) => {
      const [term, value] = this.areas.children[index].children;
      setText(term, area.name);
      setText(value, areaText(area));
    });
  }
}

/** @param {Area} area */
function areaText({ people, capacity, state }) {
  if (typeof people !== "number") return stateText(state);
  return capacity ? `${numberText(people)} / ${numberText(capacity)}` : numberText(people);
}

class Tile {
  /** @param {string} title @param {string} name */
  constructor(title, name) {
    this.number = h("strong", { class: "big" });
    this.total = h("span", { class: "of" });
    this.unknown = h("span", { class: "unknown-count" });
    this.bar = new Bar();
    const figure = h("p", { class: "figure" }, this.number, " ", this.total, this.unknown);
    this.element = h("div", { class: "tile card", "data-tile": name }, h("h2", {}, title), figure, this.bar.element);
  }

  /** @param {Tally} tally */
  update(tally) {
    setAttribute(this.element, "hidden", tally.total === 0);
    setText(this.number, numberText(tally.vacant));
    setText(this.total, t("tile.of", { n: tally.total }));
    const asides = [];
    if (tally.perhaps) asides.push(t("tile.perhaps", { n: tally.perhaps }));
    if (tally.unknown) asides.push(t("tile.unknown", { n: tally.unknown }));
    setText(this.unknown, asides.join(", "));
    this.bar.update(tally);
  }
}
