// @ts-check
/** The shortage curve: what is measured is solid, what is estimated beyond it is dashed, the interval a band. Pure. */

import { numberText, t } from "./words.js";
import { percent } from "./numbers.js";

/** @typedef {import("./api.js").Row} Row */

/** Days a month beyond which nobody looks. */
const WORST = 31;

/**
 * Return the fewest desks with at most so many days a month: by the estimate, and by the upper end of its interval.
 * @param {Row[]} rows with days_a_month, ascending in desks
 * @param {number} target
 * @returns {{likely: number | null, safe: number | null | undefined}} null: more than the rows go; undefined: no interval
 */
export function leastOf(rows, target) {
  const least = (/** @type {string} */ name) => rows.find((row) => typeof row[name] === "number" && row[name] <= target)?.desks ?? null;
  const bounded = rows.some((row) => typeof row.days_a_month_hi === "number");
  return { likely: least("days_a_month"), safe: bounded ? least("days_a_month_hi") : undefined };
}

/**
 * @param {Row[]} rows
 * @param {Record<string, any>} meta
 * @param {number} target
 * @param {number | null} likely
 */
export function curveOf(rows, meta, target, likely) {
  const shown = interesting(rows, meta.installed);
  const measured = shown.filter((row) => !row.imputed);
  const imputed = shown.filter((row, index) => row.imputed || shown[index + 1]?.imputed);
  const column = (/** @type {Row[]} */ list, /** @type {string} */ name) => list.map((row) => row[name]);
  const line = (/** @type {Row[]} */ list) => ({ x: column(list, "desks"), y: column(list, "days_a_month"), label: list.map(rowText) });
  const bounded = shown.filter((row) => typeof row.days_a_month_hi === "number");
  const ends = shown.length ? [shown[0].desks, shown[shown.length - 1].desks] : [];
  /** @type {import("./plot.js").Mark[]} */
  const marks = [
    { name: "band", kind: "band", hue: "--series-1", alpha: 0.18 },
    { name: "target", kind: "line", hue: "--soft", width: 1, dash: [2, 3] },
    { name: "installed", kind: "spans", hue: "--soft", width: 1.5 },
    { name: "measured", kind: "line", hue: "--series-1", width: 2.5, hover: true },
    { name: "imputed", kind: "line", hue: "--series-1", width: 2.5, dash: [7, 4], hover: true },
    { name: "answer", kind: "points", hue: "--occupied-edge" },
  ];
  const data = {
    band: { x: column(bounded, "desks"), lo: column(bounded, "days_a_month_lo"), hi: column(bounded, "days_a_month_hi") },
    target: { x: ends, y: ends.map(() => target) },
    installed: { x: [meta.installed], y0: [0], y1: [Math.max(...shown.map((row) => row.days_a_month_hi ?? row.days_a_month))] },
    measured: line(measured),
    imputed: line(imputed),
    answer: { x: likely === null ? [] : [likely], y: rows.filter((row) => row.desks === likely).map((row) => row.days_a_month) },
  };
  const keys = [
    ...(measured.length ? [{ name: t("size.measured"), hue: "--series-1", kind: "line" }] : []),
    ...(imputed.length ? [{ name: t("size.imputed"), hue: "--series-1", kind: "line", dash: [7, 4] }] : []),
    ...(bounded.length ? [{ name: t("size.interval"), hue: "--series-1", kind: "band" }] : []),
    { name: t("size.installed"), hue: "--soft", kind: "line" },
    { name: t("size.accepted"), hue: "--soft", kind: "line", dash: [2, 3] },
  ];
  return { shape: { time: false, percent: false, x: t("size.x"), y: t("size.y"), height: 340, marks }, data, keys };
}

/** Leave out the many numbers of desks that are short every day, and those never short. @param {Row[]} rows @param {number} installed */
function interesting(rows, installed) {
  const from = rows.findIndex((row) => row.days_a_month < 0.95 * Math.min(WORST, rows[0].days_a_month));
  const last = rows.findIndex((row) => (row.days_a_month_hi ?? row.days_a_month) < 0.02 && row.desks > installed);
  return rows.slice(Math.max(0, (from < 0 ? 0 : from) - 3), last < 0 ? rows.length : last + 3);
}

/** @param {Row} row */
function rowText(row) {
  const band = typeof row.days_a_month_lo === "number" ? ` (${numberText(row.days_a_month_lo, 1)}–${numberText(row.days_a_month_hi, 1)})` : "";
  const estimated = row.imputed ? `, ${t("size.estimated")}` : "";
  return `${t("size.needed", { n: row.desks })}: ${t("size.level_days", { n: Math.round(row.days_a_month * 10) / 10 })}${band}${estimated}`;
}

/** @param {Row[]} rows */
export function sizeTable(rows) {
  const head = [t("size.desks"), t("size.days"), t("size.range"), t("size.full"), t("size.short"), t("size.unserved")];
  const range = (/** @type {Row} */ row) => (typeof row.days_a_month_lo === "number" ? `${numberText(row.days_a_month_lo, 1)}–${numberText(row.days_a_month_hi, 1)}` : "–");
  return {
    head,
    rows: rows.map((row) => [deskText(row), numberText(row.days_a_month, 1), range(row), percent(row.full), percent(row.short), numberText(row.unserved_hours ?? 0, 1)]),
  };
}

/** @param {Row} row */
const deskText = (row) => (row.imputed ? `${numberText(row.desks)} (${t("size.estimated")})` : numberText(row.desks));
