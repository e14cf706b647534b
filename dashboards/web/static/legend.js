// @ts-check
/** What the colours and patterns mean. */

import { h } from "./dom.js";

/** @type {[import("./states.js").State, string][]} */
const ENTRIES = [
  ["vacant", "free"],
  ["occupied", "in use"],
  ["unknown", "unknown: no word from the sensor"],
  ["fixed", "fixed desk: not shown"],
];

/** @param {HTMLElement} element */
export function drawLegend(element) {
  element.replaceChildren(
    ...ENTRIES.map(([state, text]) => h("span", { class: "legend-entry" }, h("span", { class: "swatch", "data-state": state, "aria-hidden": "true" }), text)),
  );
}
