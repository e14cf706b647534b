// @ts-check
/** Where to sit: free desks or rooms, those free for longest first; a desk that was just left is perhaps free. */

import { byId, h, setAttribute, setText } from "./dom.js";
import { moment } from "./numbers.js";
import { isFlexibleDesk, leftFor } from "./states.js";
import { t } from "./words.js";
import { HOUR, MINUTE, lengthText } from "./zone.js";

/** @typedef {import("./api.js").Row} Row */
/** @typedef {{space: Row, since: number | null, left: number | null}} Place */

const MOST = 6;
/** The stream looks back two hours for when a desk was left. */
const LONGEST = 2 * HOUR - MINUTE;

export class Finder {
  /** @param {(space: string) => void} chosen */
  constructor(chosen) {
    this.kind = "desk";
    this.list = byId("find-list");
    this.floor = /** @type {HTMLSelectElement} */ (byId("find-floor"));
    /** @type {{spaces: Row[], status: Map<string, Row>, now: number | null}} */
    this.last = { spaces: [], status: new Map(), now: null };
    this.drawn = "";
    this.floor.addEventListener("change", () => this.show());
    this.list.addEventListener("click", (event) => {
      const item = event.target instanceof Element ? event.target.closest("[data-goto]") : null;
      if (item) chosen(String(item.getAttribute("data-goto")));
    });
    for (const button of byId("find-kind").querySelectorAll("button")) {
      button.addEventListener("click", () => this.choose(String(button.dataset.kind)));
    }
  }

  /** @param {string} kind desk or room */
  choose(kind) {
    this.kind = kind;
    for (const button of byId("find-kind").querySelectorAll("button")) {
      setAttribute(button, "aria-pressed", String(button.dataset.kind === kind));
    }
    this.show();
  }

  /** @param {Row[]} spaces of a house that was drawn anew */
  build(spaces) {
    const floors = new Map(spaces.map((space) => [space.floor, String(space.floor_name || space.floor)]));
    const options = [...floors].map(([id, name]) => h("option", { value: id }, name));
    const chosen = this.floor.value;
    this.floor.replaceChildren(h("option", { value: "" }, t("find.any_floor")), ...options);
    this.floor.value = floors.has(chosen) ? chosen : "";
  }

  /** @param {Row[]} spaces @param {Map<string, Row>} status @param {number | null} now null where the past is shown */
  update(spaces, status, now) {
    this.last = { spaces, status, now };
    this.show();
  }

  show() {
    const { now } = this.last;
    this.list.hidden = now === null;
    if (now === null) {
      setText(byId("find-count"), t("find.past"));
      return;
    }
    const places = this.places(now);
    const sure = places.filter(({ left }) => left === null).length;
    setText(byId("find-count"), countText(sure, places.length - sure, this.kind));
    this.draw(places, now);
  }

  /** @param {number} now @returns {Place[]} those free for longest first, those just left last */
  places(now) {
    const { spaces, status } = this.last;
    const wanted = (/** @type {Row} */ space) => (this.kind === "desk" ? isFlexibleDesk(space) : space.kind === "room");
    return spaces
      .filter((space) => wanted(space) && (!this.floor.value || space.floor === this.floor.value))
      .filter((space) => status.get(space.space)?.state === "vacant")
      .map((space) => ({ space, since: moment(status.get(space.space)?.since), left: leftFor(space, status.get(space.space), now) }))
      .sort((one, other) => Number(one.left !== null) - Number(other.left !== null) || (one.since ?? 0) - (other.since ?? 0));
  }

  /** @param {Place[]} places @param {number} now */
  draw(places, now) {
    const items = places.slice(0, MOST).map((place) => ({ place, text: lastedText(place, now) }));
    const key = JSON.stringify([places.length, ...items.map(({ place, text }) => [place.space.space, place.space.name, text])]);
    if (key === this.drawn) return;
    this.drawn = key;
    const focused = document.activeElement?.getAttribute("data-goto");
    const more = places.length > MOST ? [h("li", { class: "note" }, t("find.more", { n: places.length - MOST }))] : [];
    this.list.replaceChildren(...items.map(({ place, text }) => item(place, text)), ...more);
    const again = [...this.list.querySelectorAll("[data-goto]")].find((button) => button.getAttribute("data-goto") === focused);
    if (focused && again instanceof HTMLElement) again.focus({ preventScroll: true });
  }
}

/** @param {Place} place @param {string} text */
function item({ space, left }, text) {
  const name = String(space.name || space.space);
  const where = [space.floor_name, space.zone_name].filter(Boolean).join(" · ");
  const seats = space.kind === "room" ? [h("span", { class: "find-seats" }, t("find.seats", { n: space.capacity }))] : [];
  const swatch = h("span", { class: "swatch", "data-state": left === null ? "vacant" : "perhaps", "aria-hidden": "true" });
  const button = h(
    "button",
    { type: "button", class: "find-item", "data-goto": space.space, "aria-label": `${t("find.show", { space: name })}: ${where}, ${text}` },
    swatch,
    h("span", { class: "find-name" }, name),
    ...seats,
    h("span", { class: "find-where" }, where),
    h("span", { class: "find-length" }, text),
  );
  return h("li", {}, button);
}

/** @param {Place} place @param {number} now */
function lastedText({ since, left }, now) {
  if (left !== null) return t("find.left", { length: lengthText(Math.floor(left / MINUTE)) });
  if (since === null) return t("state.vacant");
  const lasted = now - since;
  return lasted > LONGEST ? t("find.for_very_long") : t("find.for_long", { length: lengthText(Math.floor(lasted / MINUTE)) });
}

/** @param {number} sure @param {number} perhaps @param {string} kind */
function countText(sure, perhaps, kind) {
  if (!sure && !perhaps) return t(kind === "desk" ? "find.none_desk" : "find.none_room");
  const parts = [t("find.free", { n: sure })];
  if (perhaps) parts.push(t("find.perhaps", { n: perhaps }));
  return parts.join(", ");
}
