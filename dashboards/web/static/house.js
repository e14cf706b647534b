// @ts-check
/** A site as the page knows it: its row, its spaces, and how both are asked for. */

import { ask } from "./api.js";
import { moment } from "./numbers.js";
import { t } from "./words.js";

/** @typedef {import("./api.js").Row} Row */

/**
 * @typedef {Object} House
 * @property {string} site
 * @property {string} name
 * @property {string} zone
 * @property {boolean} simulated
 * @property {number | null} first earliest reading
 * @property {Row[]} spaces
 * @property {Map<string, Row>} byId
 * @property {string} drawn the spaces as text, to tell whether they changed
 */

/** @typedef {{sites: Row[], house: House, generated: number}} Entered */

/**
 * Ask for the sites, and for the spaces of the chosen one; an unknown choice is the first.
 * @param {string | null} chosen
 * @returns {Promise<Entered>}
 */
export async function enterHouse(chosen) {
  const sites = await ask([]);
  const row = sites.rows.find((item) => item.site === chosen) ?? sites.rows[0];
  if (!row) throw new Error(t("connection.no_site"));
  const spaces = await ask([row.site, "spaces"]);
  return { sites: sites.rows, house: houseOf(row, spaces.rows), generated: moment(sites.meta.generated) ?? Date.now() };
}

/** @param {Row} row @param {Row[]} spaces @returns {House} */
function houseOf(row, spaces) {
  return {
    site: row.site,
    name: String(row.name || row.site),
    zone: row.zone,
    simulated: Boolean(row.simulated),
    first: moment(row.first),
    spaces,
    byId: new Map(spaces.map((space) => [space.space, space])),
    drawn: JSON.stringify([row.site, row.name, row.zone, row.simulated, spaces]),
  };
}
