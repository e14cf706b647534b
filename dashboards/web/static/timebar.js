// @ts-check
/** The moment shown: now, or any past one, by slider, steps or date field. */

import { byId, h, setAttribute, setStyle, setText } from "./dom.js";
import { t } from "./words.js";
import { DAY, HOUR, MINUTE, clockText, dayText, fieldText, instant, midnight, sameTime, wall } from "./zone.js";

const QUARTER = 15 * MINUTE;
/** Minutes that are no step back worth the name. */
const SHORT = 5;

/** @typedef {{zone: string, now: number, at: number | null, first: number | null}} Times */

export class TimeBar {
  /** @param {(at: number | null) => void} chosen called with a past moment, or null for now */
  constructor(chosen) {
    this.chosen = chosen;
    this.scrub = /** @type {HTMLInputElement} */ (byId("scrub"));
    this.when = /** @type {HTMLInputElement} */ (byId("when"));
    /** @type {Times | null} */
    this.times = null;
    this.ticks = "";
    this.scrub.addEventListener("input", () => this.scrubbed());
    this.when.addEventListener("change", () => this.typed());
    byId("to-now").addEventListener("click", () => chosen(null));
    for (const button of byId("timebar").querySelectorAll("button[data-step]")) {
      button.addEventListener("click", () => this.step(String(button.getAttribute("data-step"))));
    }
  }

  /** @param {Times} times */
  show(times) {
    this.times = times;
    const { zone, now, at } = times;
    const moment = at ?? now;
    document.documentElement.dataset.view = at === null ? "now" : "past";
    setText(byId("moment-kind"), t(at === null ? "time.now" : "time.past"));
    setText(byId("moment"), `${dayText(zone, moment)}, ${clockText(zone, moment)}`);
    setAttribute(byId("moment"), "datetime", new Date(moment).toISOString());
    byId("to-now").hidden = at === null;
    for (const button of byId("timebar").querySelectorAll("button[data-step^='+']")) setAttribute(button, "disabled", at === null);
    this.showSlider(zone, moment, now);
    this.showField(times, moment);
  }

  /** @param {string} zone @param {number} moment @param {number} now */
  showSlider(zone, moment, now) {
    const start = midnight(zone, moment);
    const end = midnight(zone, moment, 1);
    setAttribute(this.scrub, "max", (end - start) / MINUTE);
    const minutes = String(Math.floor((moment - start) / (5 * MINUTE)) * 5);
    if (this.scrub.value !== minutes) this.scrub.value = minutes;
    setAttribute(this.scrub, "aria-valuetext", clockText(zone, moment));
    setStyle(this.scrub, "--at", `${(((moment - start) / (end - start)) * 100).toFixed(2)}%`);
    setStyle(this.scrub, "--until", `${(Math.min(Math.max((now - start) / (end - start), 0), 1) * 100).toFixed(2)}%`);
    this.showTicks(zone, start, end);
  }

  /** @param {string} zone @param {number} start @param {number} end */
  showTicks(zone, start, end) {
    if (this.ticks === `${zone}${start}`) return;
    this.ticks = `${zone}${start}`;
    const shown = wall(zone, start);
    const ticks = [0, 3, 6, 9, 12, 15, 18, 21, 24].map((hour) => {
      const tick = h("span", { class: hour % 6 ? "tick-minor" : "" }, String(hour).padStart(2, "0"));
      setStyle(tick, "left", `${((instant(zone, shown + hour * HOUR) - start) / (end - start)) * 100}%`);
      return tick;
    });
    byId("scrub-hours").replaceChildren(...ticks);
  }

  /** @param {Times} times @param {number} moment */
  showField({ zone, now, first }, moment) {
    setAttribute(this.when, "max", fieldText(zone, now));
    setAttribute(this.when, "min", first === null ? null : fieldText(zone, first));
    const text = fieldText(zone, moment);
    if (document.activeElement !== this.when && this.when.value !== text) this.when.value = text;
  }

  scrubbed() {
    if (!this.times) return;
    const { zone, now, at } = this.times;
    this.choose(midnight(zone, at ?? now) + Number(this.scrub.value) * MINUTE);
  }

  typed() {
    if (!this.times) return;
    const shown = Date.parse(`${this.when.value}Z`);
    if (Number.isNaN(shown)) this.chosen(null);
    else this.choose(instant(this.times.zone, shown));
  }

  /** @param {string} step such as -day or +quarter */
  step(step) {
    if (!this.times) return;
    const { zone, now, at } = this.times;
    const sign = step.startsWith("-") ? -1 : 1;
    // Seconds after a quarter, the quarter before is meant, not the one that has just begun.
    const from = at ?? Math.floor(now / MINUTE - SHORT) * MINUTE;
    if (step.endsWith("day")) this.choose(sameTime(zone, at ?? Math.floor(now / MINUTE) * MINUTE, sign));
    else this.choose((sign < 0 ? Math.ceil(from / QUARTER) - 1 : Math.floor(from / QUARTER) + 1) * QUARTER);
  }

  /** Go to a moment; one that is not a minute past is now. */
  choose(/** @type {number} */ moment) {
    if (!this.times) return;
    const earliest = this.times.first ?? this.times.now - 3650 * DAY;
    this.chosen(moment > this.times.now - MINUTE ? null : Math.max(moment, earliest));
  }
}
