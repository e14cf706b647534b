// @ts-check
/** Figures of a whole window from those of its buckets: sums are summed, never ratios averaged. Pure. */

import { moment } from "./numbers.js";

/** @typedef {import("./api.js").Row} Row */

/**
 * @typedef {Object} Sum
 * @property {string} group
 * @property {number | null} utilisation
 * @property {number | null} lo if all that is unknown was vacant
 * @property {number | null} hi if all that is unknown was in use
 * @property {number | null} average spaces in use at a time
 * @property {number} spaces
 * @property {number | null} coverage
 * @property {number} open space-hours
 * @property {number} known
 * @property {number} held
 * @property {number | null} usage share of spaces used within an hour, mean over the buckets that say so
 * @property {string | null} reason
 */

/**
 * Sum the rows of /utilisation by group.
 * @param {Row[]} rows
 * @returns {Sum[]} in the order in which groups first come
 */
export function summed(rows) {
  /** @type {Map<string, Row[]>} */
  const groups = new Map();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  return [...groups].map(([group, members]) => sumOf(group, members));
}

/** @param {string} group @param {Row[]} rows @returns {Sum} */
function sumOf(group, rows) {
  const total = (/** @type {string} */ name) => rows.reduce((sum, row) => sum + (row[name] ?? 0), 0);
  const [occupied, open, known] = [total("occupied_hours"), total("open_hours"), total("known_hours")];
  const spaces = Math.max(0, ...rows.map((row) => row.spaces ?? 0));
  const hidden = rows.find((row) => row.known_hours === null)?.reason ?? null;
  const share = known > 0 ? occupied / known : null;
  const usage = rows.filter((row) => typeof row.space_usage === "number");
  return {
    group,
    utilisation: share,
    lo: open > 0 && share !== null ? occupied / open : null,
    hi: open > 0 && share !== null ? (occupied + open - known) / open : null,
    average: share === null ? null : share * spaces,
    spaces,
    coverage: open > 0 && !hidden ? known / open : null,
    open,
    known,
    held: total("held_hours"),
    usage: usage.length ? usage.reduce((sum, row) => sum + row.space_usage, 0) / usage.length : null,
    reason: share === null ? (hidden ?? rows.find((row) => row.reason)?.reason ?? null) : null,
  };
}

/**
 * Return the row of /peaks with the highest peak.
 * @param {Row[]} rows
 * @returns {Row | null}
 */
export function highest(rows) {
  const known = rows.filter((row) => typeof row.peak === "number");
  return known.length ? known.reduce((best, row) => (row.peak > best.peak ? row : best)) : null;
}

/**
 * Return shares of time over a window from those of its buckets, each weighted by its known time where that is told.
 * @param {Row[]} rows
 * @param {string} name
 * @returns {number | null}
 */
export function weighted(rows, name) {
  const known = rows.filter((row) => typeof row[name] === "number");
  const weight = (/** @type {Row} */ row) => row.known_hours ?? row.coverage ?? 1;
  const whole = known.reduce((sum, row) => sum + weight(row), 0);
  return whole > 0 ? known.reduce((sum, row) => sum + row[name] * weight(row), 0) / whole : null;
}

/** @param {Row[]} rows @returns {number[]} begins of their buckets, UTC ms */
export const times = (rows) => rows.map((row) => moment(row.time) ?? 0);
