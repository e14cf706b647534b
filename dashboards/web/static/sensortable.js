// @ts-check
/** The sensors as a table, and the form in which one is acknowledged. */

import { tell } from "./api.js";
import { h } from "./dom.js";
import { moment } from "./numbers.js";
import { numberText, t } from "./words.js";
import { clockText, dayText, lengthText } from "./zone.js";

/** @typedef {import("./house.js").House} House */
/** @typedef {import("./api.js").Row} Row */

const WEAK = 20;
/** Rows that are drawn; a search finds the others. */
const MOST = 300;

/** @param {Row} row */
export const isWeak = (row) => typeof row.battery === "number" && row.battery <= WEAK;

export class SensorTable {
  /** @param {HTMLElement} element @param {() => void} changed */
  constructor(element, changed) {
    this.element = element;
    this.changed = changed;
    /** The sensor whose form is open. @type {string | null} */
    this.open = null;
    this.drawn = "";
    /** @type {{rows: Row[], house: House, now: number} | null} */
    this.last = null;
    this.trouble = h("p", { class: "trouble", role: "alert", hidden: true });
    this.body = h("tbody");
    const heads = ["sensor", "space", "state", "last", "battery_column", "note"].map((name) => h("th", { scope: "col" }, t(`sensors.${name}`)));
    const table = h("table", { class: "figures-table sensor-table" }, h("thead", {}, h("tr", {}, ...heads)), this.body);
    element.replaceChildren(this.trouble, table);
  }

  /** @param {Row[]} rows @param {House} house @param {number} now */
  show(rows, house, now) {
    this.last = { rows, house, now };
    const sorted = [...rows].sort((one, other) => silence(other) - silence(one)).slice(0, MOST);
    const key = JSON.stringify([this.open, sorted.map((row) => [row.sensor, row.space, stateText(row), row.last, row.battery, row.acknowledged])]);
    if (key === this.drawn) return;
    const writing = this.body.querySelector("input");
    if (this.open !== null && writing && writing === document.activeElement) return; // somebody is writing in it
    this.drawn = key;
    this.element.hidden = rows.length === 0;
    const focused = document.activeElement?.getAttribute("data-for");
    this.body.replaceChildren(...sorted.map((row) => this.row(row, house)));
    if (focused) /** @type {HTMLElement | undefined} */ ([...this.body.querySelectorAll("[data-for]")].find((item) => item.getAttribute("data-for") === focused))?.focus();
  }

  again() {
    this.drawn = "";
    if (this.last) this.show(this.last.rows, this.last.house, this.last.now);
  }

  /** @param {Row} row @param {House} house */
  row(row, house) {
    const space = house.byId.get(row.space);
    const where = space ? [space.floor_name, space.zone_name].filter(Boolean).join(" · ") : "";
    const last = moment(row.last);
    return h(
      "tr",
      { "data-sensor": row.sensor },
      h("th", { scope: "row" }, h("code", {}, String(row.sensor))),
      h("td", {}, space ? String(space.name || space.space) : t("sensors.unmapped"), " ", h("span", { class: "note" }, where)),
      h("td", { class: "sensor-state", "data-silent": row.mapped && row.silent ? "yes" : "no" }, stateText(row)),
      h("td", {}, last === null ? (row.reason ? t("sensors.hidden") : "–") : `${dayText(house.zone, last)}, ${clockText(house.zone, last)}`),
      h("td", {}, typeof row.battery === "number" ? `${numberText(row.battery, 0)} %` : "–"),
      h("td", {}, this.noteCell(row, house)),
    );
  }

  /** @param {Row} row @param {House} house */
  noteCell(row, house) {
    const { sensor, acknowledged } = row;
    if (this.open === sensor) return this.form(row, house);
    if (acknowledged) {
      const since = t("sensors.since", { date: dayText(house.zone, moment(acknowledged.time) ?? 0) });
      const words = [acknowledged.note, since].filter(Boolean).join(", ");
      return h("span", {}, words, " ", this.button("withdraw", sensor, () => this.keep(tell("DELETE", [house.site, "acknowledgements", sensor]))));
    }
    return row.silent || isWeak(row) ? this.button("acknowledge", sensor, () => this.write(sensor)) : h("span");
  }

  /** @param {"acknowledge" | "withdraw"} what @param {string} sensor @param {() => void} act */
  button(what, sensor, act) {
    const button = h("button", { type: "button", "data-for": sensor, "aria-label": t(`sensors.${what}_of`, { sensor }) }, t(`sensors.${what}`));
    button.addEventListener("click", act);
    return button;
  }

  /** @param {string} sensor */
  write(sensor) {
    this.open = sensor;
    this.again();
    this.body.querySelector("input")?.focus();
  }

  /** @param {Row} row @param {House} house */
  form(row, house) {
    const input = /** @type {HTMLInputElement} */ (h("input", { type: "text", maxlength: 200, autocomplete: "off", "aria-label": t("sensors.reason"), placeholder: t("sensors.reason") }));
    const cancel = h("button", { type: "button" }, t("sensors.cancel"));
    const form = h("form", {}, input, h("button", { type: "submit" }, t("sensors.keep")), cancel);
    const close = () => {
      this.open = null;
      input.blur();
    };
    cancel.addEventListener("click", () => {
      close();
      this.again();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      close();
      void this.keep(tell("PUT", [house.site, "acknowledgements", row.sensor], { note: input.value }));
    });
    return form;
  }

  /** @param {Promise<void>} asked */
  async keep(asked) {
    try {
      await asked;
      this.trouble.hidden = true;
    } catch (error) {
      this.trouble.hidden = false;
      this.trouble.textContent = t("sensors.failed", { message: error instanceof Error ? error.message : String(error) });
    }
    this.drawn = "";
    this.changed();
  }
}

/** @param {Row} row a sensor that never spoke has been silent longest */
const silence = (row) => (row.silent ? (row.silent_minutes ?? Infinity) : -1);

/** @param {Row} row the last reading of a fixed desk's sensor is not told, how long it has been silent is */
function stateText(row) {
  if (!row.mapped) return t("sensors.unmapped");
  if (!row.silent) return t("sensors.well");
  return typeof row.silent_minutes === "number" ? t("sensors.silent_for", { length: lengthText(row.silent_minutes) }) : t("sensors.never");
}
