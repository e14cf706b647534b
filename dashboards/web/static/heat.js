// @ts-check
/** The heat map: weekday by local hour, a table whose cells hold their values as text too. */

import { byId, h, setAttribute, setStyle, setText } from "./dom.js";
import { coverageText, percent } from "./numbers.js";
import { enter, rove } from "./rove.js";
import { definitionText, reasonText, t } from "./words.js";

/** @typedef {import("./api.js").Answer} Answer */
/** @typedef {import("./api.js").Row} Row */

const WEEKDAYS = Array.from({ length: 7 }, (_, day) => day);
const FIRST_HOUR = 8;
const LAST_HOUR = 19;

export class HeatPanel {
  constructor() {
    this.trouble = h("p", { class: "trouble", role: "status", hidden: true });
    this.caption = h("caption", { class: "unseen" });
    this.head = h("thead");
    this.body = h("tbody");
    this.table = h("table", { class: "heat" }, this.caption, this.head, this.body);
    this.definition = h("p", { class: "note" });
    byId("heat-body").append(this.trouble, this.table, scale(), this.definition);
    rove(this.body, "td");
    this.hours = "";
  }

  /**
   * @param {Answer} answer
   * @param {string} of what the figures are of
   */
  show(answer, of) {
    this.trouble.hidden = true;
    setText(this.caption, `${t("heat.caption")}: ${of}`);
    setText(this.definition, definitionText("heat", answer.meta.definition));
    /** @type {Map<number, Row>} */
    const cells = new Map(answer.rows.map((row) => [row.weekday * 24 + row.hour, row]));
    this.build(hoursShown(answer.rows));
    for (const cell of this.body.querySelectorAll("td")) {
      const place = Number(cell.dataset.place);
      fill(cell, cells.get(place), `${t(`weekday.${Math.floor(place / 24)}`)} ${hourText(place % 24)}`);
    }
  }

  /**
   * Build the table anew where other hours are shown than before.
   * @param {number[]} hours
   */
  build(hours) {
    if (this.hours === hours.join()) return;
    this.hours = hours.join();
    const heads = hours.map((hour) => h("th", { scope: "col" }, h("span", { class: hour % 3 ? "unseen" : "" }, String(hour).padStart(2, "0"))));
    this.head.replaceChildren(h("tr", {}, h("th", { scope: "col" }, h("span", { class: "unseen" }, t("use.day"))), ...heads));
    const row = (/** @type {number} */ day) =>
      h("tr", {}, h("th", { scope: "row" }, h("abbr", { title: t(`weekday.${day}`) }, t(`weekday_short.${day}`))), ...hours.map((hour) => cell(day * 24 + hour)));
    this.body.replaceChildren(...WEEKDAYS.map(row));
    enter([...this.body.querySelectorAll("td")]);
  }

  /** @param {string} message */
  failed(message) {
    this.trouble.hidden = false;
    setText(this.trouble, t("heat.failed", { message }));
  }
}

/** @param {number} place weekday * 24 + hour */
const cell = (place) => h("td", { "data-place": place }, h("span", { class: "unseen" }));

/** @param {number} hour */
const hourText = (hour) => `${String(hour).padStart(2, "0")}–${String(hour + 1).padStart(2, "0")}`;

/**
 * @param {HTMLElement} cell
 * @param {Row | undefined} row
 * @param {string} when
 */
function fill(cell, row, when) {
  const known = typeof row?.utilisation === "number";
  const text = known ? t("day.share", { share: percent(row.utilisation) }) : reasonText(row?.reason);
  setAttribute(cell, "data-known", known ? "yes" : "no");
  if (known) setStyle(cell, "--share", Math.min(Math.max(row.utilisation, 0), 1).toFixed(3));
  setAttribute(cell, "data-tip", [when, text, ...(known ? [coverageText(row.coverage)] : [])].join("\n"));
  const words = cell.firstElementChild;
  if (words) setText(words, text);
}

/**
 * Return the hours worth a column: working hours, and around them what is known.
 * @param {Row[]} rows
 */
function hoursShown(rows) {
  const known = rows.filter((row) => typeof row.utilisation === "number").map((row) => row.hour);
  const first = Math.min(FIRST_HOUR, ...known);
  const last = Math.max(LAST_HOUR, ...known);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function scale() {
  const unknown = h("span", { class: "scale-unknown" }, h("span", { class: "scale-null" }), t("heat.none"));
  const ramp = h("span", { class: "scale-ramp" });
  return h("p", { class: "scale", "aria-hidden": "true" }, percent(0), ramp, percent(1), unknown);
}
