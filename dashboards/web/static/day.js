// @ts-check
/** The day's utilisation and peak: numbers with their definitions, and the hours. */

import { Chart } from "./chart.js";
import { byId, h, setText } from "./dom.js";
import { coverageText, moment, percent } from "./numbers.js";
import { definitionText, numberText, reasonText, t } from "./words.js";
import { clockText, dayText } from "./zone.js";

/** @typedef {import("./api.js").Answer} Answer */
/** @typedef {import("./api.js").Row} Row */

export class DayPanel {
  constructor() {
    this.use = figure("utilisation");
    this.peak = figure("peak");
    this.chart = new Chart();
    this.trouble = h("p", { class: "trouble", role: "status", hidden: true });
    this.definitions = h("dl", { class: "definitions" });
    const how = h("details", {}, h("summary", {}, t("day.how")), this.definitions);
    const figures = h("div", { class: "day-figures" }, this.use.element, this.peak.element);
    byId("day-body").append(this.trouble, figures, this.chart.element, how);
  }

  /**
   * @param {Object} day
   * @param {string} day.zone
   * @param {number} day.start local midnight
   * @param {boolean} day.today
   * @param {number | null} day.at
   * @param {Answer} day.hours
   * @param {Answer} day.whole
   * @param {Answer} day.peaks
   */
  show({ zone, start, today, at, hours, whole, peaks }) {
    this.trouble.hidden = true;
    setText(byId("day-title"), today ? t("day.today") : dayText(zone, start));
    this.showUse(whole.rows[0], today);
    this.showPeak(peaks.rows[0], zone);
    this.chart.update({ zone, rows: hours.rows, peak: peaks.rows[0] ?? null, at });
    this.define({ [t("figure.utilisation")]: definitionText("utilisation", whole.meta.definition), [t("figure.peak")]: definitionText("peak", peaks.meta.definition) });
  }

  /** @param {Row | undefined} row @param {boolean} today */
  showUse(row, today) {
    setText(this.use.number, percent(row?.utilisation));
    setText(this.use.unit, t(today ? "day.in_use_so_far" : "day.in_use"));
    setText(this.use.note, known(row) ? coverageText(row?.coverage) : reason(row));
  }

  /** @param {Row | undefined} row @param {string} zone */
  showPeak(row, zone) {
    const when = moment(row?.peak_at);
    const has = typeof row?.peak === "number";
    setText(this.peak.number, has ? numberText(row.peak) : "–");
    setText(this.peak.unit, has && row.capacity ? t("day.of_at_once", { n: row.capacity }) : t("day.at_once"));
    const parts = [when === null ? reason(row) : t("day.at", { time: clockText(zone, when) })];
    if (has && row.peak_upper > row.peak) parts.push(t("day.upper", { n: row.peak_upper }));
    setText(this.peak.note, parts.join("; "));
  }

  /** @param {Record<string, string | undefined>} definitions */
  define(definitions) {
    const parts = Object.entries(definitions).flatMap(([term, text]) => (text ? [h("dt", {}, term), h("dd", {}, String(text))] : []));
    if (this.definitions.textContent !== parts.map((part) => part.textContent).join("")) this.definitions.replaceChildren(...parts);
  }

  /** @param {string} message */
  failed(message) {
    this.trouble.hidden = false;
    setText(this.trouble, t("day.failed", { message }));
  }
}

/** @param {string} name */
function figure(name) {
  const number = h("strong", { class: "big" });
  const unit = h("span", { class: "of" });
  const note = h("span", { class: "note" });
  const element = h("p", { class: "figure", "data-figure": name }, number, " ", unit, note);
  return { element, number, unit, note };
}

/** @param {Row | undefined} row */
const known = (row) => typeof row?.utilisation === "number";

/** @param {Row | undefined} row */
const reason = (row) => reasonText(row?.reason);
