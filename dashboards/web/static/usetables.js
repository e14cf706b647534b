// @ts-check
/** The charts of use in words and as tables, for those who do not see them. Pure. */

import { percent } from "./numbers.js";
import { highest } from "./sums.js";
import { bucketText } from "./usecharts.js";
import { peakBucket } from "./windows.js";
import { numberText, reasonText, t } from "./words.js";
import { dayText } from "./zone.js";

/** @typedef {import("./house.js").House} House */
/** @typedef {import("./api.js").Answer} Answer */
/** @typedef {{house: House, span: import("./windows.js").Span, group: string}} Asked */

/** @param {Answer} answer @param {Asked} asked */
export function lineWords(answer, { house, span }) {
  const known = answer.rows.map((row) => row.utilisation).filter((share) => typeof share === "number");
  if (!known.length) return t("use.empty");
  return t("use.over_time_alt", { ...ends(house, span), lo: percent(Math.min(...known)), hi: percent(Math.max(...known)) });
}

/** @param {Answer} answer @param {Asked} asked */
export function peakWords(answer, { house, span }) {
  const row = highest(answer.rows);
  return row ? t("use.peaks_alt", { ...ends(house, span), peak: row.peak, capacity: row.capacity ?? 0 }) : t("use.empty");
}

/** @param {House} house @param {import("./windows.js").Span} span */
const ends = ({ zone }, { start, end }) => ({ from: dayText(zone, start), to: dayText(zone, end - 1) });

/** @param {Answer} answer @param {Asked} asked @param {(group: string) => string} named */
export function useTable(answer, { house, span, group }, named) {
  const several = group !== "site";
  const head = [t("use.day"), ...(several ? [t("use.group_name")] : []), t("figure.utilisation"), t("figure.average"), t("figure.coverage")];
  const rows = answer.rows
    .filter((row) => row.reason !== "closed" && row.reason !== "not yet")
    .map((row) => [
      bucketText(row, house.zone, span),
      ...(several ? [named(row.group)] : []),
      typeof row.utilisation === "number" ? percent(row.utilisation) : reasonText(row.reason),
      typeof row.average_occupancy === "number" ? numberText(row.average_occupancy) : "–",
      percent(row.coverage),
    ]);
  return { head, rows };
}

/** @param {Answer} answer @param {Asked} asked */
export function peakTable(answer, { house, span }) {
  const head = [t("use.day"), t("figure.peak"), t("use.peak_upper"), t("use.capacity"), t("figure.coverage")];
  const rows = answer.rows
    .filter((row) => typeof row.peak === "number")
    .map((row) => [bucketText(row, house.zone, { ...span, bucket: peakBucket(span) }), numberText(row.peak), numberText(row.peak_upper), numberText(row.capacity ?? 0), percent(row.coverage)]);
  return { head, rows };
}
