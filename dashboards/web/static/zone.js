// @ts-check
/** Wall clock and calendar of a site's zone, by Intl alone. Moments are UTC epoch milliseconds. */

import { LOCALE, t } from "./words.js";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * @param {string} zone
 * @param {Intl.DateTimeFormatOptions} options
 */
function format(zone, options, locale = LOCALE) {
  const key = zone + locale + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: "h23", ...options });
    formats.set(key, found);
  }
  return found;
}

/** @type {Intl.DateTimeFormatOptions} */
const FIELDS = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" };

/**
 * Return the local wall clock as if it were UTC: `new Date(wall(...)).getUTCHours()` is the local hour.
 * @param {string} zone
 * @param {number} moment
 */
export function wall(zone, moment) {
  /** @type {Record<string, number>} */
  const field = {};
  for (const part of format(zone, FIELDS, "en-GB").formatToParts(moment)) field[part.type] = Number(part.value);
  const millis = ((moment % 1000) + 1000) % 1000;
  return Date.UTC(field.year, field.month - 1, field.day, field.hour, field.minute, field.second) + millis;
}

/**
 * Return the moment at which the wall clock shows a time. Of a repeated hour the first; a time that the
 * clock leaps over is moved on by the leap, as Python's zoneinfo does.
 * @param {string} zone
 * @param {number} shown wall clock as if it were UTC
 */
export function instant(zone, shown) {
  const before = shown - (wall(zone, shown - DAY) - (shown - DAY));
  const after = shown - (wall(zone, shown + DAY) - (shown + DAY));
  const right = [before, after].filter((moment) => wall(zone, moment) === shown);
  return right.length ? Math.min(...right) : before;
}

/**
 * Return the moment at which the local day begins that is `days` after the one of `moment`.
 * @param {string} zone
 * @param {number} moment
 * @param {number} [days]
 */
export function midnight(zone, moment, days = 0) {
  return instant(zone, (Math.floor(wall(zone, moment) / DAY) + days) * DAY);
}

/**
 * Return the moment with the same wall clock some local days away.
 * @param {string} zone
 * @param {number} moment
 * @param {number} days
 */
export function sameTime(zone, moment, days) {
  return instant(zone, wall(zone, moment) + days * DAY);
}

/** @param {string} zone @param {number} moment @returns {string} such as 10:42 */
export const clockText = (zone, moment) => format(zone, { hour: "2-digit", minute: "2-digit" }).format(moment);

/** @param {string} zone @param {number} moment @returns {string} such as 10:42:07 */
export const secondsText = (zone, moment) =>
  format(zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(moment);

/** @param {string} zone @param {number} moment @returns {string} such as Thu 6 Nov */
export const dayText = (zone, moment) =>
  format(zone, { weekday: "short", day: "numeric", month: "short" }).format(moment).replace(",", "");

/** @param {string} zone @param {number} moment @returns {string} such as Thursday 6 November 2025 */
export const longDayText = (zone, moment) =>
  format(zone, { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(moment).replace(",", "");

/** @param {string} zone @param {number} moment @returns {string} such as CET or GMT+5:30 */
export function zoneText(zone, moment) {
  const part = format(zone, { timeZoneName: "short" }).formatToParts(moment).find((item) => item.type === "timeZoneName");
  return part ? part.value : zone;
}

/** @param {string} zone @param {number} moment @returns {string} the value of a datetime-local field */
export const fieldText = (zone, moment) => new Date(wall(zone, moment)).toISOString().slice(0, 16);

/** @param {number} moment @returns {string} RFC 3339 in UTC, without milliseconds */
export const rfc3339 = (moment) => new Date(moment).toISOString().replace(/\.\d+Z$/, "Z");

/**
 * Say how long something has lasted, in its two largest units.
 * @param {number} minutes
 */
export function lengthText(minutes) {
  const whole = Math.max(0, Math.round(minutes));
  if (whole < 60) return t("time.minutes", { m: whole });
  if (whole < 24 * 60) return t("time.hours", { h: Math.floor(whole / 60), m: whole % 60 });
  return t("time.days", { d: Math.floor(whole / 1440), h: Math.floor((whole % 1440) / 60) });
}
