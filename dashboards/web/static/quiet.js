// @ts-check
/** When it will be quiet: the quietest stretches of the next days, as the forecast names them. */

import { ApiError, ask } from "./api.js";
import { byId, h, setStyle } from "./dom.js";
import { POOLS } from "./figures.js";
import { moment } from "./numbers.js";
import { reasonText, t } from "./words.js";
import { clockText, dayText } from "./zone.js";

/** @typedef {{from: string, to: string, median: number, hi: number | null, capacity: number}} Stretch */

/**
 * @param {import("./figures.js").Sight} sight
 * @returns {Promise<import("./api.js").Answer>}
 */
export const askQuiet = (sight) => ask([sight.site, "forecast"], { group: "site", ...POOLS[sight.of].filter });

export class QuietPanel {
  /** @param {import("./api.js").Answer} answer @param {string} zone @param {number} now */
  show(answer, zone, now) {
    /** @type {Stretch[]} */
    const stretches = answer.meta.best ?? [];
    const coming = stretches.filter(({ to }) => (moment(to) ?? 0) > now).sort((one, other) => begin(one) - begin(other));
    if (!coming.length) {
      const reason = answer.rows.some((row) => typeof row.median === "number") ? null : answer.rows.find((row) => row.reason)?.reason;
      this.say(reason ? reasonText(reason) : t("quiet.none"));
      return;
    }
    const list = h("ul", { class: "quiet-list" }, ...coming.map((stretch) => item(stretch, zone)));
    byId("quiet-body").replaceChildren(list, h("p", { class: "note" }, t("quiet.about", { n: answer.meta.stay })));
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

/** @param {Stretch} stretch */
const begin = ({ from }) => moment(from) ?? 0;

/** @param {Stretch} stretch @param {string} zone */
function item(stretch, zone) {
  const { median, hi, capacity } = stretch;
  const [start, end] = [begin(stretch), moment(stretch.to) ?? 0];
  const fill = h("span", { class: "quiet-fill" });
  setStyle(fill, "width", `${Math.min((median / (capacity || 1)) * 100, 100).toFixed(1)}%`);
  const words = [t("quiet.expected", { n: Math.round(median), all: Math.round(capacity) })];
  if (hi !== null) words.push(t("quiet.rarely", { hi: Math.ceil(hi) }));
  return h(
    "li",
    {},
    h("strong", {}, `${dayText(zone, start)}, ${clockText(zone, start)}–${clockText(zone, end)}`),
    h("span", { class: "note" }, words.join(", ")),
    h("span", { class: "quiet-bar", "aria-hidden": "true" }, fill),
  );
}
