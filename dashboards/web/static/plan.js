// @ts-check
/** A floor's plan as SVG: drawn once, then patched. */

import { h, s, setAttribute, setText } from "./dom.js";
import { extent, overlaps, placeOf, zoneBoxes } from "./geometry.js";
import { enter, rove } from "./rove.js";
import { described, fullness, isOpenArea, leftFor, peopleText, stateOf } from "./states.js";

/** @typedef {import("./api.js").Row} Row */
/** @typedef {{space: Row, group: SVGElement, gauge: SVGElement | null, name: SVGElement | null, people: SVGElement | null}} Mark */

const MARGIN = 0.3;
const FONT = 11.5;
const SMALL_FONT = 10;
/** On a large plan letters grow with it, to be read from afar: so many metres high, and no larger than this. */
const METRES = 0.7;
const LARGEST_FONT = 18;
/** Below this many pixels a metre (a phone) letters are small. */
const SMALL_SCALE = 12;
/** Mean width of a letter, in font sizes: what fits is guessed, since measuring 200 labels costs a layout each. */
const LETTER = 0.54;
/** The same of a bold one. */
const BOLD = 0.6;

export class Plan {
  /**
   * @param {Row[]} spaces of one floor
   * @param {string} label
   */
  constructor(spaces, label) {
    const placed = spaces.filter(placeOf);
    const size = extent(placed[0] ?? {}, /** @type {any} */ (placed));
    this.width = size.width + 2 * MARGIN;
    this.height = size.height + 2 * MARGIN;
    /** @type {Map<string, Mark>} */
    this.marks = new Map();
    this.svg = s("svg", {
      class: "plan",
      viewBox: `${-MARGIN} ${-MARGIN} ${this.width} ${this.height}`,
      role: "group",
      "aria-label": label,
    });
    this.svg.append(s("rect", { class: "plan-floor", width: size.width, height: size.height, rx: 0.25 }));
    this.zones = zoneBoxes(placed).map((zone) => this.drawZone(zone));
    for (const space of placed) this.draw(space);
    this.element = h("div", { class: "plan-frame" }, this.svg);
    rove(this.element, ".space");
    enter(/** @type {SVGElement[]} */ ([...this.svg.querySelectorAll(".space")]));
    new ResizeObserver(() => this.fit()).observe(this.svg);
  }

  /** @param {{name: string, box: import("./geometry.js").Box}} zone */
  drawZone({ name, box }) {
    const text = s("text", { class: "zone-name", x: box.x + 0.25, "aria-hidden": "true" }, name);
    this.svg.append(s("rect", { class: "zone", ...box, rx: 0.3 }));
    this.svg.append(text);
    return { name, box, text };
  }

  /** @param {Row} space */
  draw(space) {
    const { x, y, width, height } = space;
    const small = space.kind === "desk";
    const group = s("g", { class: "space", role: "img", "data-space": space.space, "data-state": stateOf(space, undefined) });
    group.append(s("rect", { class: "space-body", x, y, width, height, rx: small ? 0.14 : 0.2 }));
    const gauge = isOpenArea(space) ? s("rect", { class: "space-gauge", x, width, rx: 0.2 }) : null;
    if (gauge) group.append(gauge);
    const middle = { x: x + width / 2, "text-anchor": "middle", "aria-hidden": "true" };
    const name = small ? null : s("text", { class: "space-name", ...middle });
    const people = small ? null : s("text", { class: "space-people", ...middle });
    if (name && people) group.append(name, people);
    this.svg.append(group);
    this.marks.set(space.space, { space, group, gauge, name, people });
  }

  /**
   * Patch what has changed.
   * @param {Map<string, Row>} status rows by space
   * @param {number | null} now null where another moment than now is shown
   */
  update(status, now) {
    let lines = false;
    for (const { space, group, gauge, people } of this.marks.values()) {
      const row = status.get(space.space);
      const words = described(space, row, now);
      setAttribute(group, "data-state", stateOf(space, row));
      setAttribute(group, "data-perhaps", leftFor(space, row, now) === null ? null : "yes");
      setAttribute(group, "aria-label", words.join(", "));
      setAttribute(group, "data-tip", words.join("\n"));
      if (gauge) fillGauge(group, gauge, space, row);
      const text = peopleText(space, row);
      if (people && (people.textContent ?? "").length !== text.length) lines = true;
      if (people) setText(people, text);
    }
    if (lines) this.fit();
  }

  /** Set labels to the size of the page's text, and leave out what does not fit. */
  fit() {
    const box = this.svg.getBoundingClientRect();
    const scale = Math.min(box.width / this.width, box.height / this.height);
    if (!scale) return;
    const font = (scale < SMALL_SCALE ? SMALL_FONT : Math.min(Math.max(FONT, METRES * scale), LARGEST_FONT)) / scale;
    setAttribute(this.svg, "font-size", font.toFixed(3));
    for (const mark of this.marks.values()) fitLabel(mark, font);
    for (const { name, box, text } of this.zones) {
      const strip = { x: box.x, y: box.y - 1.3 * font, width: name.length * LETTER * font, height: 1.3 * font };
      setAttribute(text, "y", box.y - 0.3 * font);
      setAttribute(text, "visibility", this.isFree(strip) && strip.width < box.width ? null : "hidden");
    }
  }

  /** Tell whether nothing stands on a strip of the floor. */
  isFree(/** @type {import("./geometry.js").Box} */ strip) {
    return strip.y > 0 && ![...this.marks.values()].some(({ space }) => overlaps(strip, /** @type {any} */ (space)));
  }
}

/**
 * Fill an open area from below by as much of it as is taken: 7 of 60 in a cafe is not a full cafe.
 * @param {SVGElement} group
 * @param {SVGElement} gauge
 * @param {Row} space
 * @param {Row | undefined} row
 */
function fillGauge(group, gauge, space, row) {
  const share = fullness(space, row);
  setAttribute(group, "data-gauged", share === null ? null : "yes");
  const height = space.height * Math.min(share ?? 0, 1);
  setAttribute(gauge, "height", height.toFixed(3));
  setAttribute(gauge, "y", (space.y + space.height - height).toFixed(3));
}

/**
 * Name and people one beneath the other, side by side in a low space, or people alone in a small one.
 * @param {Mark} mark
 * @param {number} font in metres of the plan
 */
function fitLabel({ space, name, people }, font) {
  if (!name || !people) return;
  const letters = Math.floor((space.width - 0.5 * font) / (LETTER * font));
  const rows = Math.floor(space.height / (1.15 * font));
  const count = people.textContent ?? "";
  const full = String(space.name || space.space);
  const aside = count !== "" && rows === 1 && full.length + count.length + 2 <= letters;
  setText(name, rows >= (count && !aside ? 2 : 1) ? shortened(full, Math.floor((letters * LETTER) / BOLD)) : "");
  const [centre, middle] = [space.x + space.width / 2, space.y + space.height / 2 + 0.36 * font];
  const both = count !== "" && name.textContent !== "" && !aside;
  const half = (LETTER * font) / 2;
  setAttribute(name, "x", aside ? centre - (count.length + 1) * half : centre);
  setAttribute(people, "x", aside ? centre + (full.length + 1) * half : centre);
  setAttribute(name, "y", both ? middle - 0.6 * font : middle);
  setAttribute(people, "y", both ? middle + 0.65 * font : middle);
  setAttribute(people, "visibility", rows < 1 || count.length > letters + 1 ? "hidden" : null);
}

/**
 * Shorten a name to what fits: to whole words if one fits, else with an ellipsis, else to nothing.
 * @param {string} name
 * @param {number} letters
 */
function shortened(name, letters) {
  if (name.length <= letters) return name;
  const words = name.slice(0, letters + 1).split(" ").slice(0, -1).join(" ");
  if (words.length > 2) return words;
  return letters < 5 ? "" : `${name.slice(0, letters - 1)}…`;
}
