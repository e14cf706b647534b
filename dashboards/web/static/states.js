// @ts-check
/** What a space is in, in words and counts. Pure. */

import { moment } from "./numbers.js";
import { has, numberText, reasonText, t } from "./words.js";

/** @typedef {import("./api.js").Row} Row */
/** @typedef {"vacant" | "occupied" | "unknown" | "fixed"} State */

/**
 * @typedef {Object} Tally
 * @property {number} total
 * @property {number} vacant of which `perhaps` were left a short while ago
 * @property {number} perhaps
 * @property {number} occupied
 * @property {number} unknown
 */

/**
 * @typedef {Object} Area an open area, or anything that is neither desk nor room
 * @property {string} name
 * @property {State} state
 * @property {number | null} people
 * @property {number} capacity
 */

/** @typedef {{desks: Tally, rooms: Tally, areas: Area[], fixed: number}} Count */

const MINUTE = 60_000;
/** A desk that was left so short a while ago is perhaps not free: a jacket may lie there. */
export const PERHAPS = 30 * MINUTE;

/** @param {State} state */
export const stateText = (state) => t(`state.${state}`);

/** @param {Row} space @returns {boolean} one member's own desk, whose state is nobody's business */
export const isFixed = (space) => space.kind === "desk" && space.assignment === "fixed";

/** @param {Row} space */
export const isFlexibleDesk = (space) => space.kind === "desk" && space.assignment !== "fixed";

/** @param {Row} space @returns {boolean} a cafe, workshop or lounge: free as long as there is room in it */
export const isOpenArea = (space) => space.kind !== "desk" && space.kind !== "room";

/**
 * Return how full an open area is, null where that is not known.
 * @param {Row} space
 * @param {Row | undefined} row
 */
export function fullness(space, row) {
  return row && typeof row.people === "number" && space.capacity > 0 && row.state !== "unknown" ? row.people / space.capacity : null;
}

/**
 * Return the state to draw. Whatever is not plainly said is unknown.
 * @param {Row} space
 * @param {Row | undefined} row its row of /status or /live
 * @returns {State}
 */
export function stateOf(space, row) {
  if (isFixed(space)) return "fixed";
  return row && (row.state === "vacant" || row.state === "occupied") ? row.state : "unknown";
}

/**
 * Return for how many milliseconds a free desk has been empty, where it was left less than half an hour ago; else null.
 * @param {Row} space
 * @param {Row | undefined} row
 * @param {number | null} now null where another moment than now is shown
 */
export function leftFor(space, row, now) {
  const since = now === null || !row || !isFlexibleDesk(space) || row.state !== "vacant" ? null : moment(row.since);
  return since !== null && now !== null && now - since < PERHAPS ? Math.max(now - since, 0) : null;
}

/**
 * Return the number of people as text, "" where none is known: "3 of 8".
 * @param {Row} space
 * @param {Row | undefined} row
 */
export function peopleText(space, row) {
  if (!row || isFixed(space) || space.kind === "desk" || typeof row.people !== "number") return "";
  return space.capacity ? t("space.of", { n: row.people, seats: space.capacity }) : numberText(row.people);
}

/** @param {Row} space @returns {string} such as flexible desk, room for 8, cafe for 60 */
export function kindText(space) {
  if (isFixed(space)) return t("space.fixed");
  const kind = has(`space.${space.kind}`) ? t(`space.${space.kind}`) : String(space.kind);
  return space.kind !== "desk" && typeof space.capacity === "number" ? t("space.with_seats", { kind, n: space.capacity }) : kind;
}

/**
 * Say all that may be said of a space, line by line.
 * @param {Row} space
 * @param {Row | undefined} row
 * @param {number | null} [now] null where another moment than now is shown
 * @returns {string[]}
 */
export function described(space, row, now = null) {
  const state = stateOf(space, row);
  const lines = [String(space.name || space.space), `${kindText(space)}${space.zone_name ? ` · ${space.zone_name}` : ""}`];
  if (state === "fixed") return [...lines, t("space.own")];
  const left = leftFor(space, row, now);
  const people = peopleText(space, row);
  const words = left === null ? stateText(state) : t("state.perhaps");
  lines.push(people ? t("space.people", { state: words, text: people, n: row?.people }) : words);
  if (left !== null) lines.push(t("space.left", { minutes: Math.floor(left / MINUTE) }));
  if (state === "unknown" && !hasSensor(space)) lines.push(t("space.no_sensor"));
  else if (state === "unknown" && row && row.reason) lines.push(reasonText(row.reason));
  return lines;
}

/** @param {Row} space `sensors` is a number, or their ids */
function hasSensor(space) {
  const { sensors } = space;
  return Array.isArray(sensors) ? sensors.length > 0 : sensors === undefined || sensors === null || Boolean(sensors);
}

/**
 * Count spaces by pool and state.
 * @param {Row[]} spaces
 * @param {Map<string, Row>} status rows by space
 * @param {number | null} [now] null where another moment than now is shown
 * @returns {Count}
 */
export function count(spaces, status, now = null) {
  /** @type {Count} */
  const counted = { desks: noTally(), rooms: noTally(), areas: [], fixed: 0 };
  for (const space of spaces) {
    const row = status.get(space.space);
    const state = stateOf(space, row);
    if (state === "fixed") counted.fixed += 1;
    else if (isFlexibleDesk(space)) add(counted.desks, state, leftFor(space, row, now) !== null);
    else if (space.kind === "room") add(counted.rooms, state, false);
    else counted.areas.push({ name: space.name || space.space, state, people: row?.people ?? null, capacity: space.capacity });
  }
  return counted;
}

/** @returns {Tally} */
const noTally = () => ({ total: 0, vacant: 0, perhaps: 0, occupied: 0, unknown: 0 });

/** @param {Tally} tally @param {"vacant" | "occupied" | "unknown"} state @param {boolean} perhaps */
function add(tally, state, perhaps) {
  tally.total += 1;
  tally[state] += 1;
  if (perhaps) tally.perhaps += 1;
}

/**
 * Say what a floor has free: "17 of 42 flexible desks free, 5 of 12 rooms free".
 * @param {Count} counted
 */
export function countText({ desks, rooms, fixed }) {
  const parts = [];
  if (desks.total) parts.push(t("floor.desks", { free: desks.vacant, n: desks.total }));
  if (rooms.total) parts.push(t("floor.rooms", { free: rooms.vacant, n: rooms.total }));
  const unknown = desks.unknown + rooms.unknown;
  if (unknown) parts.push(t("floor.unknown", { n: unknown }));
  if (fixed && !desks.total) parts.push(t("floor.fixed", { n: fixed }));
  return parts.join(", ");
}
