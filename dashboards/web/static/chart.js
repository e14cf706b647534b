// @ts-check
/** A day's utilisation by the hour, as bars in SVG. Patched, so that a focused bar stays focused. */

import { h, s, setAttribute } from "./dom.js";
import { coverageText, moment, percent } from "./numbers.js";
import { enter, rove } from "./rove.js";
import { reasonText, t } from "./words.js";
import { HOUR, clockText, wall } from "./zone.js";

/** @typedef {import("./api.js").Row} Row */

/**
 * @typedef {Object} Day
 * @property {string} zone
 * @property {Row[]} rows hours with time, utilisation, coverage, partial, reason
 * @property {Row | null} peak with peak_at and share
 * @property {number | null} at the moment looked at, null for now
 */

const HEIGHT = 168;
const TOP = 14;
const BOTTOM = 22;
const LEFT = 38;
const FLOOR = HEIGHT - BOTTOM;
const FIRST_HOUR = 7;
const LAST_HOUR = 20;

export class Chart {
  constructor() {
    this.grid = s("g", { class: "chart-grid", "aria-hidden": "true" });
    this.bars = s("g", { class: "chart-bars" });
    this.over = s("g", { "aria-hidden": "true" });
    this.svg = s("svg", { class: "chart", height: HEIGHT, role: "group", "aria-label": t("day.hours") });
    this.svg.append(this.grid, this.bars, this.over);
    this.element = h("div", {}, this.svg);
    rove(this.element, ".chart-slot");
    /** @type {Day | null} */
    this.day = null;
    new ResizeObserver(() => this.day && this.draw()).observe(this.svg);
  }

  /** @param {Day} day */
  update(day) {
    this.day = day;
    this.draw();
  }

  draw() {
    const width = this.svg.getBoundingClientRect().width;
    if (!this.day || !width) return;
    const { zone, rows } = this.day;
    const hours = rows.map((row) => ({ row, start: moment(row.time) ?? 0 })).filter(({ row, start }) => worth(zone, row, start));
    const first = hours[0]?.start ?? 0;
    // The axis goes on to the evening, so that a morning does not look like a whole day.
    const shown = new Date(wall(zone, hours.at(-1)?.start ?? 0)).getUTCHours();
    const end = (hours.at(-1)?.start ?? 0) + HOUR * Math.max(1, LAST_HOUR - shown);
    const x = (/** @type {number} */ time) => LEFT + ((time - first) / (end - first)) * (width - LEFT);
    this.drawGrid(width);
    this.drawHours(zone, first, end, x);
    this.drawBars(zone, hours, x);
    this.drawOver(x, first, end);
  }

  /** @param {number} width */
  drawGrid(width) {
    this.grid.replaceChildren(
      ...[0, 0.5, 1].flatMap((share) => [
        s("line", { x1: LEFT, x2: width, y1: height(share), y2: height(share) }),
        s("text", { x: LEFT - 6, y: height(share) + 4, "text-anchor": "end" }, percent(share)),
      ]),
    );
  }

  /** @param {string} zone @param {number} first @param {number} end @param {(time: number) => number} x */
  drawHours(zone, first, end, x) {
    for (let time = first; time <= end; time += HOUR) {
      const hour = new Date(wall(zone, time)).getUTCHours();
      if (hour % 3 === 0) {
        const anchor = time === end ? "end" : "middle";
        this.grid.append(s("text", { x: x(time), y: HEIGHT - 6, "text-anchor": anchor }, String(hour).padStart(2, "0")));
      }
    }
  }

  /** @param {string} zone @param {{row: Row, start: number}[]} hours @param {(time: number) => number} x */
  drawBars(zone, hours, x) {
    while (this.bars.children.length > hours.length) this.bars.lastElementChild?.remove();
    while (this.bars.children.length < hours.length) this.bars.append(slot());
    hours.forEach(({ row, start }, index) => {
      patch(/** @type {SVGElement} */ (this.bars.children[index]), row, x(start), x(start + HOUR), hourText(zone, row, start));
    });
    const marks = /** @type {SVGElement[]} */ ([...this.bars.children]);
    enter(marks, marks.find((mark) => mark.getAttribute("tabindex") === "0"));
  }

  /** @param {(time: number) => number} x @param {number} first @param {number} end */
  drawOver(x, first, end) {
    this.over.replaceChildren();
    if (!this.day) return;
    const { at, peak } = this.day;
    const when = moment(peak?.peak_at);
    if (peak && when !== null && typeof peak.share === "number" && when >= first && when <= end) {
      const [px, py] = [x(when), height(Math.min(peak.share, 1.05))];
      this.over.append(s("path", { class: "chart-peak", d: `M${px} ${py - 5}l5 5l-5 5l-5 -5z` }));
      this.over.append(s("text", { class: "chart-peak-text", x: px + 9, y: py + 4 }, t("day.peak", { n: peak.peak })));
    }
    if (at !== null && at >= first && at <= end) {
      this.over.append(s("line", { class: "chart-at", x1: x(at), x2: x(at), y1: TOP - 6, y2: FLOOR }));
    }
  }
}

/** @param {number} share */
const height = (share) => FLOOR - share * (FLOOR - TOP);

/** @returns {SVGElement} */
function slot() {
  return s("g", { class: "chart-slot", role: "img" }, s("rect", { class: "chart-ground" }), s("rect", { class: "chart-bar" }));
}

/**
 * @param {SVGElement} group
 * @param {Row} row
 * @param {number} left
 * @param {number} right
 * @param {string[]} words
 */
function patch(group, row, left, right, words) {
  const known = typeof row.utilisation === "number";
  const share = known ? Math.max(Math.min(row.utilisation, 1), 0.006) : 0;
  const [ground, bar] = group.children;
  const across = { x: (left + 1).toFixed(1), width: Math.max(right - left - 2, 1).toFixed(1) };
  const box = { ...across, y: height(share).toFixed(1), height: (FLOOR - height(share)).toFixed(1) };
  for (const [name, value] of Object.entries({ ...across, y: TOP, height: FLOOR - TOP })) setAttribute(ground, name, value);
  for (const [name, value] of Object.entries(box)) setAttribute(bar, name, value);
  setAttribute(group, "data-known", known ? "yes" : "no");
  setAttribute(group, "data-partial", row.partial ? "yes" : null);
  setAttribute(group, "aria-label", words.join(", "));
  setAttribute(group, "data-tip", words.join("\n"));
}

/** @param {string} zone @param {Row} row @param {number} start @returns {string[]} */
function hourText(zone, row, start) {
  const span = `${clockText(zone, start)}–${clockText(zone, start + HOUR)}`;
  if (typeof row.utilisation !== "number") return [span, reasonText(row.reason)];
  return [span, t("day.share", { share: percent(row.utilisation) }), coverageText(row.coverage), ...(row.partial ? [t("day.partial")] : [])];
}

/** Tell whether an hour belongs on the axis: by day always, at night where something is known. */
function worth(/** @type {string} */ zone, /** @type {Row} */ row, /** @type {number} */ start) {
  const hour = new Date(wall(zone, start)).getUTCHours();
  return typeof row.utilisation === "number" || (hour >= FIRST_HOUR && hour < LAST_HOUR);
}

