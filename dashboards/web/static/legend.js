// @ts-check
/** What the colours and patterns mean. */

import { h } from "./dom.js";
import { t } from "./words.js";

const ENTRIES = ["vacant", "perhaps", "occupied", "unknown", "fixed"];

/** @param {HTMLElement} element */
export function drawLegend(element) {
  element.replaceChildren(
    ...ENTRIES.map((state) =>
      h("span", { class: "legend-entry" }, h("span", { class: "swatch", "data-state": state, "aria-hidden": "true" }), t(`legend.${state}`)),
    ),
  );
}
