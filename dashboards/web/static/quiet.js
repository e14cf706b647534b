// @ts-check
/** When it will be quiet: the emptiest open hour of each of the next days, as the forecast has it. */

import { ApiError, ask } from "./api.js";
import { byId, h, setStyle } from "./dom.js";
import { POOLS } from "./figures.js";
import { moment } from "./numbers.js";
import { definitionText, numberText, reasonText, t } from "./words.js";
import { DAY, HOUR, clockText, dayText, midnight } from "./zone.js";

/** @typedef {import("./api.js").Row} Row */

const DAYS = 4;

/**
 * @param {import("./figures.js").Sight} sight
 * @returns {Promise<import("./api.js").Answer>}
 */
export const askQuiet = (sight) => ask([sight.site, "forecast"], { group: "site", ...POOLS[sight.of].filter });

export class QuietPanel {
  /** @param {import("./api.js").Answer} answer @param {string} zone @param {number} now */
  show(answer, zone, now) {
    const hours = answer.rows.filter((row) => typeof row.median === "number" && (moment(row.time) ?? 0) >= now);
    if (!hours.length) {
      const reason = answer.rows.find((row) => row.reason)?.reason;
      this.say(reason ? reasonText(reason) : t("quiet.none"));
      return;
    }
    const list = h("ul", { class: "quiet-list" }, ...quietest(hours, zone).map((row) => item(row, zone)));
    byId("quiet-body").replaceChildren(list, h("p", { class: "note" }, definitionText("forecast", answer.meta.definition)));
  }

  /** @param {string} message @param {unknown} error */
  failed(message, error) {
    const away = error instanceof ApiError && error.status === 404;
    this.say(away ? t("quiet.away") : error instanceof ApiError && error.status === 422 ? t("quiet.short") : t("use.failed", { message }));
  }

  /** @param {string} text */
  say(text) {
    byId("quiet-body").replaceChildren(h("p", { class: "note" }, text));
  }
}

/**
 * Return the emptiest hour of each local day that has any, in order; of equal ones the first.
 * @param {Row[]} hours @param {string} zone
 */
function quietest(hours, zone) {
  /** @type {Map<number, Row>} */
  const best = new Map();
  for (const row of hours) {
    const day = Math.round(midnight(zone, moment(row.time) ?? 0) / DAY);
    const found = best.get(day);
    if (!found || row.median < found.median) best.set(day, row);
  }
  return [...best.values()].slice(0, DAYS);
}

/** @param {Row} row @param {string} zone */
function item(row, zone) {
  const start = moment(row.time) ?? 0;
  const fill = h("span", { class: "quiet-fill" });
  setStyle(fill, "width", `${Math.min((row.median / (row.capacity || 1)) * 100, 100).toFixed(1)}%`);
  const expected = t("quiet.expected", { n: Math.round(row.median), all: row.capacity ?? 0 });
  const band = typeof row.lo === "number" ? ` (${t("quiet.band", { lo: numberText(row.lo, 0), hi: numberText(row.hi, 0) })})` : "";
  return h(
    "li",
    {},
    h("strong", {}, `${dayText(zone, start)}, ${clockText(zone, start)}–${clockText(zone, start + HOUR)}`),
    h("span", { class: "note" }, expected + band),
    h("span", { class: "quiet-bar", "aria-hidden": "true" }, fill),
  );
}
