// @ts-check
/** Where things stand on a floor's plan, in metres. Pure. */

/** @typedef {import("./api.js").Row} Row */
/** @typedef {{x: number, y: number, width: number, height: number}} Box */

const PAD = 0.45;

/** @param {Row} space @returns {Box | null} null where the site file gives it no place */
export function placeOf(space) {
  const { x, y, width, height } = space;
  return [x, y, width, height].every((value) => typeof value === "number") ? { x, y, width, height } : null;
}

/**
 * Return the plan's size: the floor's own, widened to hold whatever stands on it.
 * @param {Row} floor a row with floor_width and floor_height, which may be null
 * @param {Box[]} places
 */
export function extent(floor, places) {
  const right = Math.max(0, ...places.map((place) => place.x + place.width));
  const bottom = Math.max(0, ...places.map((place) => place.y + place.height));
  return {
    width: Math.max(floor.floor_width ?? right + 1, right, 1),
    height: Math.max(floor.floor_height ?? bottom + 1, bottom, 1),
  };
}

/**
 * Return a box around the spaces of each zone, where it says something: more than one space, and no
 * other zone's space inside.
 * @param {Row[]} spaces placed ones
 * @returns {{name: string, box: Box}[]}
 */
export function zoneBoxes(spaces) {
  /** @type {Map<string, Row[]>} */
  const zones = new Map();
  for (const space of spaces) zones.set(space.zone, [...(zones.get(space.zone) ?? []), space]);
  return [...zones].flatMap(([zone, members]) => {
    const box = around(members);
    const strangers = spaces.some((space) => space.zone !== zone && overlaps(box, /** @type {any} */ (space)));
    return members.length > 1 && !strangers ? [{ name: String(members[0].zone_name || zone), box }] : [];
  });
}

/** @param {Row[]} spaces @returns {Box} */
function around(spaces) {
  const left = Math.min(...spaces.map((space) => space.x)) - PAD;
  const top = Math.min(...spaces.map((space) => space.y)) - PAD;
  const right = Math.max(...spaces.map((space) => space.x + space.width)) + PAD;
  const bottom = Math.max(...spaces.map((space) => space.y + space.height)) + PAD;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** @param {Box} one @param {Box} other */
export function overlaps(one, other) {
  const across = one.x < other.x + other.width && other.x < one.x + one.width;
  return across && one.y < other.y + other.height && other.y < one.y + one.height;
}
