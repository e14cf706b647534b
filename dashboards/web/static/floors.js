// @ts-check
/** One card a floor: what is free in words, the plan, and beneath it what has no place on the plan. */

import { Bar } from "./bar.js";
import { h, setAttribute, setText } from "./dom.js";
import { placeOf } from "./geometry.js";
import { Plan } from "./plan.js";
import { enter, rove } from "./rove.js";
import { count, countText, described, leftFor, peopleText, stateOf } from "./states.js";
import { t } from "./words.js";

/** @typedef {import("./api.js").Row} Row */

export class Floors {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    /** @type {Floor[]} */
    this.floors = [];
  }

  /**
   * Draw a site's floors, the highest first, as one looks at a house.
   * @param {Row[]} spaces
   */
  build(spaces) {
    /** @type {Map<string, Row[]>} */
    const byFloor = new Map();
    for (const space of spaces) byFloor.set(space.floor, [...(byFloor.get(space.floor) ?? []), space]);
    const groups = [...byFloor.values()].sort(([one], [other]) => (other.level ?? 0) - (one.level ?? 0));
    this.floors = groups.map((group) => new Floor(group));
    this.element.replaceChildren(...this.floors.map((floor) => floor.element));
  }

  /** @param {Map<string, Row>} status @param {number | null} now null where another moment than now is shown */
  update(status, now) {
    for (const floor of this.floors) floor.update(status, now);
  }

  /** Bring a space into sight, and the keyboard to it. */
  reveal(/** @type {string} */ space) {
    for (const floor of this.floors) floor.reveal(space);
  }
}

class Floor {
  /** @param {Row[]} spaces of the floor, at least one */
  constructor(spaces) {
    this.spaces = spaces;
    const name = String(spaces[0].floor_name || spaces[0].floor);
    this.counts = h("p", { class: "floor-counts" });
    this.bar = new Bar();
    this.plan = spaces.some(placeOf) ? new Plan(spaces, t("floor.plan", { floor: name })) : null;
    this.chips = spaces.filter((space) => !placeOf(space)).map(chip);
    const head = h("header", { class: "floor-head" }, h("h2", {}, name), this.counts, this.bar.element);
    this.element = h("article", { class: "card floor", "data-floor": spaces[0].floor }, head);
    if (this.plan) this.element.append(this.plan.element);
    if (this.chips.length) this.element.append(this.beneath());
  }

  beneath() {
    const list = h("div", { class: "chips", role: "group", "aria-label": t("floor.off_plan") }, ...this.chips.map((item) => item.element));
    rove(list, ".chip");
    enter(this.chips.map((item) => item.element));
    return h("div", { class: "beneath" }, h("h3", {}, t(this.plan ? "floor.off_plan" : "floor.spaces")), list);
  }

  /** @param {Map<string, Row>} status @param {number | null} now */
  update(status, now) {
    const counted = count(this.spaces, status, now);
    setText(this.counts, countText(counted));
    const { desks, rooms } = counted;
    this.bar.update({
      vacant: desks.vacant + rooms.vacant,
      occupied: desks.occupied + rooms.occupied,
      unknown: desks.unknown + rooms.unknown,
    });
    setAttribute(this.bar.element, "hidden", desks.total + rooms.total === 0);
    this.plan?.update(status, now);
    for (const item of this.chips) updateChip(item, status.get(item.space.space), now);
  }

  /** @param {string} space */
  reveal(space) {
    const mark = /** @type {HTMLElement | undefined} */ (
      [...this.element.querySelectorAll("[data-space]")].find((item) => item.getAttribute("data-space") === space)
    );
    if (!mark) return;
    mark.scrollIntoView({ block: "center", behavior: "smooth" });
    mark.focus({ preventScroll: true });
    // A browser shows the focus to those who came by keyboard alone.
    setAttribute(mark, "data-found", "yes");
    mark.addEventListener("blur", () => setAttribute(mark, "data-found", null), { once: true });
  }
}

/** @typedef {{space: Row, element: HTMLElement, people: HTMLElement}} Chip */

/** @param {Row} space @returns {Chip} */
function chip(space) {
  const people = h("span", { class: "chip-people" });
  const name = h("span", {}, String(space.name || space.space));
  return { space, people, element: h("span", { class: "chip", role: "img", "data-space": space.space }, name, people) };
}

/** @param {Chip} item @param {Row | undefined} row @param {number | null} now */
function updateChip({ space, element, people }, row, now) {
  const words = described(space, row, now);
  setAttribute(element, "data-state", stateOf(space, row));
  setAttribute(element, "data-perhaps", leftFor(space, row, now) === null ? null : "yes");
  setAttribute(element, "aria-label", words.join(", "));
  setAttribute(element, "data-tip", words.join("\n"));
  setText(people, peopleText(space, row));
}
