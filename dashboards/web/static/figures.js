// @ts-check
/** What each panel of figures asks for. */

import { ask } from "./api.js";
import { midnight, rfc3339 } from "./zone.js";

/** @typedef {import("./view.js").Pool} Pool */
/** @typedef {{site: string, zone: string, of: Pool, now: number, at: number | null}} Sight */

/** @type {Record<Pool, {words: string, filter: Record<string, string>}>} */
export const POOLS = {
  desks: { words: "flexible desks", filter: { kind: "desk", assignment: "flexible" } },
  rooms: { words: "rooms", filter: { kind: "room" } },
};
const WEEKS = 4;

/**
 * Return the local day looked at: [start, end), cut off at now.
 * @param {Sight} sight
 */
export function dayOf({ zone, now, at }) {
  const start = midnight(zone, at ?? now);
  const end = midnight(zone, at ?? now, 1);
  return { start, end: Math.min(end, now), today: now < end };
}

/**
 * Ask for the day's hours, its sum and its peak.
 * @param {Sight} sight
 */
export async function askDay(sight) {
  const { start, end } = dayOf(sight);
  const query = { from: rfc3339(start), to: rfc3339(Math.max(end, start + 1000)), group: "site", ...POOLS[sight.of].filter };
  const [hours, whole, peaks] = await Promise.all([
    ask([sight.site, "utilisation"], { ...query, bucket: "1h" }),
    ask([sight.site, "utilisation"], { ...query, bucket: "1d" }),
    ask([sight.site, "peaks"], { ...query, bucket: "1d" }),
  ]);
  return { hours, whole, peaks };
}

/**
 * Ask for the heat map of the four weeks that end with the day looked at.
 * @param {Sight} sight
 */
export function askHeat(sight) {
  const { end } = dayOf(sight);
  const from = midnight(sight.zone, sight.at ?? sight.now, 1 - 7 * WEEKS);
  return ask([sight.site, "heatmap"], { from: rfc3339(from), to: rfc3339(end), group: "site", ...POOLS[sight.of].filter });
}
