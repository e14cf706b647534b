// @ts-check
/** Which sensors are silent, how long, and where they stand. Always as of now. */

import { byId, h, setText } from "./dom.js";
import { moment } from "./numbers.js";
import { plural } from "./states.js";
import { lengthText } from "./zone.js";

/** @typedef {import("./api.js").Row} Row */

const MOST = 6;

export class SilentPanel {
  constructor() {
    this.text = h("p", { class: "note" });
    this.list = h("ul", { class: "silent-list" });
    this.rest = h("ul", { class: "silent-list" });
    this.more = h("summary");
    this.details = h("details", { hidden: true }, this.more, this.rest);
    byId("silent-body").append(this.text, this.list, this.details);
    this.drawn = "";
  }

  /**
   * @param {Row[]} sensors
   * @param {Map<string, Row>} spaces by id
   * @param {boolean} past whether the rest of the page shows another moment
   */
  show(sensors, spaces, past) {
    this.title(past);
    const mapped = sensors.filter((row) => row.mapped !== false);
    const strangers = sensors.length - mapped.length;
    const silent = mapped.filter((row) => row.silent).sort((one, other) => minutes(other) - minutes(one));
    setText(byId("silent-count"), silent.length ? `${silent.length} of ${mapped.length}` : "");
    setText(this.text, [summary(silent.length, mapped.length), unclaimed(strangers)].filter(Boolean).join(" "));
    const items = silent.map((row) => ({ row, name: whereText(spaces.get(row.space), row), length: silenceText(row) }));
    this.draw(items);
  }

  /** @param {boolean} past */
  title(past) {
    setText(byId("silent-title"), past ? "Sensors silent now" : "Silent sensors");
  }

  /** @param {{row: Row, name: string, length: string}[]} items */
  draw(items) {
    const key = JSON.stringify(items.map(({ row, name, length }) => [row.sensor, name, length]));
    if (key === this.drawn) return;
    this.drawn = key;
    this.list.replaceChildren(...items.slice(0, MOST).map(item));
    this.rest.replaceChildren(...items.slice(MOST).map(item));
    this.details.hidden = items.length <= MOST;
    setText(this.more, `${items.length - MOST} more`);
  }

  /** @param {string} message */
  failed(message) {
    setText(this.text, `The sensors could not be read: ${message}`);
  }
}

/** @param {{row: Row, name: string, length: string}} shown */
function item({ row, name, length }) {
  const sensor = h("code", {}, String(row.sensor));
  return h("li", { "data-sensor": row.sensor }, h("span", { class: "silent-where" }, name), sensor, h("span", { class: "silent-length" }, length));
}

/** @param {Row} row a sensor that never spoke has been silent longest */
const minutes = (row) => row.silent_minutes ?? Infinity;

/** @param {Row} row the last reading of a fixed desk's sensor is not told, how long it has been silent is */
function silenceText(row) {
  if (typeof row.silent_minutes === "number") return lengthText(row.silent_minutes);
  return moment(row.last) === null ? "never heard" : "silent";
}

/** @param {Row | undefined} space @param {Row} row */
function whereText(space, row) {
  if (!space) return String(row.space ?? "no space");
  return `${space.name || space.space}${space.floor_name ? `, ${space.floor_name}` : ""}`;
}

/** @param {number} silent @param {number} all */
function summary(silent, all) {
  if (!all) return "This site has no sensors yet.";
  return silent ? "Their spaces are unknown, not vacant." : `All ${all} sensors are heard.`;
}

/** @param {number} strangers */
const unclaimed = (strangers) =>
  strangers ? `${strangers} ${plural(strangers, "sensor")} ${strangers === 1 ? "reports" : "report"} that no space claims.` : "";
