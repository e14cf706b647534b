// @ts-check
/** What a space is in, in words and counts. Pure. */

/** @typedef {import("./api.js").Row} Row */
/** @typedef {"vacant" | "occupied" | "unknown" | "fixed"} State */

/**
 * @typedef {Object} Tally
 * @property {number} total
 * @property {number} vacant
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

/** @type {Record<State, string>} */
export const STATE_WORDS = {
  vacant: "free",
  occupied: "in use",
  unknown: "unknown",
  fixed: "fixed desk",
};

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
 * @param {Row | undefined} row its row of /status
 * @returns {State}
 */
export function stateOf(space, row) {
  if (isFixed(space)) return "fixed";
  return row && (row.state === "vacant" || row.state === "occupied") ? row.state : "unknown";
}

/**
 * Return the number of people as text, "" where none is known: "3 of 8".
 * @param {Row} space
 * @param {Row | undefined} row
 */
export function peopleText(space, row) {
  if (!row || isFixed(space) || space.kind === "desk" || typeof row.people !== "number") return "";
  return space.capacity ? `${row.people} of ${space.capacity}` : `${row.people}`;
}

/** @param {Row} space @returns {string} such as flexible desk, room for 8, cafe for 60 */
export function kindText(space) {
  if (isFixed(space)) return "fixed desk";
  if (space.kind === "desk") return "flexible desk";
  const seats = typeof space.capacity === "number" ? ` for ${space.capacity}` : "";
  return String(space.kind) + seats;
}

/**
 * Say all that may be said of a space, line by line.
 * @param {Row} space
 * @param {Row | undefined} row
 * @returns {string[]}
 */
export function described(space, row) {
  const state = stateOf(space, row);
  const lines = [String(space.name || space.space), `${kindText(space)}${space.zone_name ? ` · ${space.zone_name}` : ""}`];
  if (state === "fixed") return [...lines, "one member's own: not shown one by one"];
  const people = peopleText(space, row);
  lines.push(people ? `${STATE_WORDS[state]}, ${people} people` : STATE_WORDS[state]);
  if (state === "unknown" && !hasSensor(space)) lines.push("it has no sensor");
  else if (state === "unknown" && row && row.reason) lines.push(String(row.reason));
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
 * @returns {Count}
 */
export function count(spaces, status) {
  /** @type {Count} */
  const counted = { desks: noTally(), rooms: noTally(), areas: [], fixed: 0 };
  for (const space of spaces) {
    const row = status.get(space.space);
    const state = stateOf(space, row);
    if (state === "fixed") counted.fixed += 1;
    else if (isFlexibleDesk(space)) add(counted.desks, state);
    else if (space.kind === "room") add(counted.rooms, state);
    else counted.areas.push({ name: space.name || space.space, state, people: row?.people ?? null, capacity: space.capacity });
  }
  return counted;
}

/** @returns {Tally} */
const noTally = () => ({ total: 0, vacant: 0, occupied: 0, unknown: 0 });

/** @param {Tally} tally @param {"vacant" | "occupied" | "unknown"} state */
function add(tally, state) {
  tally.total += 1;
  tally[state] += 1;
}

/**
 * Say what a floor has free: "17 of 42 flexible desks free, 5 of 12 rooms free".
 * @param {Count} counted
 */
export function countText({ desks, rooms, fixed }) {
  const parts = [];
  if (desks.total) parts.push(`${desks.vacant} of ${desks.total} flexible ${plural(desks.total, "desk")} free`);
  if (rooms.total) parts.push(`${rooms.vacant} of ${rooms.total} ${plural(rooms.total, "room")} free`);
  const unknown = desks.unknown + rooms.unknown;
  if (unknown) parts.push(`${unknown} unknown`);
  if (fixed && !desks.total) parts.push(`${fixed} fixed ${plural(fixed, "desk")}`);
  return parts.join(", ");
}

/** @param {number} number @param {string} word */
export const plural = (number, word) => (number === 1 ? word : `${word}s`);
