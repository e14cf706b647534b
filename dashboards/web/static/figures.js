// @ts-check
/** What each panel of figures asks for. */

import { ask } from "./api.js";
import { midnight, rfc3339 } from "./zone.js";

/** @typedef {import("./view.js").Pool} Pool */
/** @typedef {{site: string, zone: string, of: Pool, now: number, at: number | null}} Sight */

/** What each choice asks for. @type {Record<Pool, {filter: Record<string, string>}>} */
export const POOLS = {
  desks: { filter: { kind: "desk", assignment: "flexible" } },
  fixed: { filter: { kind: "desk", assignment: "fixed" } },
  all_desks: { filter: { kind: "desk" } },
  rooms: { filter: { kind: "room" } },
  all: { filter: {} },
};

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
