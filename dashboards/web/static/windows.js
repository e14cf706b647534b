// @ts-check
/** The windows that can be picked, in the site's local days. Pure. */

import { DAY, HOUR, instant, midnight } from "./zone.js";

/** @typedef {{start: number, end: number, days: number, bucket: "1h" | "1d" | "1w"}} Span */

/** @type {Record<string, number>} */
const BACK = { today: 0, week: 6, month: 27, quarter: 90, year: 363 };
const LONGEST = 400;

/**
 * Return the window picked; what cannot be read, or lies the wrong way round, is the last four weeks.
 * @param {Record<string, string>} picked window, from, to
 * @param {string} zone
 * @param {number} now
 * @returns {Span}
 */
export function spanOf(picked, zone, now) {
  const custom = picked.window === "custom" ? customSpan(picked, zone, now) : null;
  if (custom) return custom;
  const back = BACK[picked.window] ?? BACK.month;
  return spanned(midnight(zone, now, -back), now);
}

/** @param {Record<string, string>} picked @param {string} zone @param {number} now */
function customSpan({ from, to }, zone, now) {
  const [first, last] = [Date.parse(`${from}T00:00Z`), Date.parse(`${to}T00:00Z`)];
  if (!(first <= last) || last - first > LONGEST * DAY) return null;
  const start = instant(zone, first);
  return start < now ? spanned(start, Math.min(instant(zone, last + DAY), now)) : null;
}

/** @param {number} start @param {number} end @returns {Span} */
function spanned(start, end) {
  const days = Math.max(1, Math.round((end - start) / DAY + 0.49));
  return { start, end: Math.max(end, start + HOUR), days, bucket: days <= 8 ? "1h" : days <= 200 ? "1d" : "1w" };
}

/** @param {Span} span @returns {Span["bucket"]} of peaks: some bars, not one and not hundreds */
export const peakBucket = ({ days }) => (days <= 1 ? "1h" : days <= 200 ? "1d" : "1w");
