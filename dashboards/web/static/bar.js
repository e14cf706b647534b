// @ts-check
/** A thin bar of parts: free, unknown, in use. The numbers stand beside it as text. */

import { h, setAttribute, setStyle } from "./dom.js";

/** @typedef {import("./states.js").Tally} Tally */

export class Bar {
  constructor() {
    /** @type {Record<"vacant" | "unknown" | "occupied", HTMLElement>} */
    this.parts = {
      vacant: h("span", { class: "bar-part", "data-state": "vacant" }),
      unknown: h("span", { class: "bar-part", "data-state": "unknown" }),
      occupied: h("span", { class: "bar-part", "data-state": "occupied" }),
    };
    this.element = h("div", { class: "bar", "aria-hidden": "true" }, ...Object.values(this.parts));
  }

  /** @param {Pick<Tally, "vacant" | "unknown" | "occupied">} tally */
  update(tally) {
    for (const [state, part] of Object.entries(this.parts)) {
      const number = tally[/** @type {"vacant"} */ (state)];
      setStyle(part, "flex-grow", number);
      setAttribute(part, "hidden", number === 0);
    }
  }
}
