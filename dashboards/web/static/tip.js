// @ts-check
/** One tooltip for all marks with data-tip: on hover, touch and keyboard focus; Escape puts it away. */

import { byId, setStyle, setText } from "./dom.js";

const GAP = 8;

/** Start listening. */
export function startTips() {
  const tip = byId("tip");
  /** @type {Element | null} */
  let shown = null;

  /** @param {EventTarget | null} where */
  const show = (where) => {
    const mark = where instanceof Element ? where.closest("[data-tip]") : null;
    if (mark === shown) return;
    shown = mark;
    tip.hidden = mark === null;
    if (mark) fill(tip, mark);
  };
  document.addEventListener("pointerover", (event) => show(event.target));
  document.addEventListener("focusin", (event) => show(event.target));
  document.addEventListener("focusout", () => show(null));
  document.addEventListener("keydown", (event) => event.key === "Escape" && show(null));
  addEventListener("scroll", () => show(null), { passive: true, capture: true });
  // What the mark says may change while it is looked at.
  new MutationObserver(() => shown && (shown.isConnected ? fill(tip, shown) : show(null))).observe(document.body, {
    subtree: true,
    attributeFilter: ["data-tip"],
  });
}

/**
 * @param {HTMLElement} tip
 * @param {Element} mark
 */
function fill(tip, mark) {
  setText(tip, mark.getAttribute("data-tip") || "");
  const at = mark.getBoundingClientRect();
  const box = tip.getBoundingClientRect();
  const left = Math.min(Math.max(at.x + at.width / 2 - box.width / 2, GAP), innerWidth - box.width - GAP);
  const above = at.y - box.height - GAP;
  setStyle(tip, "left", `${Math.max(left, GAP)}px`);
  setStyle(tip, "top", `${above >= GAP ? above : at.bottom + GAP}px`);
}
