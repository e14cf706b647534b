// @ts-check
/** Figures as people read them. Nothing known is a dash, never a nought. */

import { t } from "./words.js";

/** @param {unknown} share a ratio such as 0.613, or null @returns {string} such as 61 % */
export function percent(share) {
  if (typeof share !== "number" || !Number.isFinite(share)) return "–";
  const value = share * 100;
  const text = value > 0 && value < 1 ? "<1" : String(Math.round(value));
  return `${text}\u202f%`;
}

/** @param {unknown} value RFC 3339, epoch milliseconds or null @returns {number | null} epoch milliseconds */
export function moment(value) {
  if (typeof value === "number") return value;
  const parsed = typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isNaN(parsed) ? null : parsed;
}

/**
 * Say how much of the open time is known, where that is worth saying.
 * @param {unknown} coverage
 */
export function coverageText(coverage) {
  return typeof coverage === "number" ? t("day.known", { share: percent(coverage) }) : t("day.nothing");
}
