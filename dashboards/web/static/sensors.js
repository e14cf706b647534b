// @ts-check
/** Sensors: which are heard, which are silent or weak, which nobody has mapped; and what is being done about it. */

import { addressOf, ask } from "./api.js";
import { Connection } from "./connection.js";
import { byId, h, setAttribute, setText } from "./dom.js";
import { Frame } from "./frame.js";
import { csvLink } from "./panel.js";
import { Poll } from "./poll.js";
import { SensorTable, isWeak } from "./sensortable.js";
import { numberText, t } from "./words.js";

/** @typedef {import("./house.js").House} House */
/** @typedef {import("./api.js").Row} Row */

const PERIOD = 10_000;
/** @type {Record<string, (row: Row) => boolean>} */
const STATES = {
  silent: (row) => row.mapped && row.silent,
  battery: isWeak,
  acknowledged: (row) => Boolean(row.acknowledged),
  unmapped: (row) => !row.mapped,
  all: () => true,
};

class SensorsPage extends Frame {
  constructor() {
    super(new Connection(3 * PERIOD, false));
    this.shown = /** @type {HTMLSelectElement} */ (byId("sensors-show"));
    this.search = /** @type {HTMLInputElement} */ (byId("sensors-search"));
    this.csv = csvLink(t("sensors.title"));
    document.querySelector(".sensor-tools .tools")?.append(this.csv);
    this.table = new SensorTable(byId("sensors-body"), () => this.poll.now());
    /** @type {Row[]} */
    this.rows = [];
    this.chosen = false;
    this.poll = new Poll(() => this.ask(), PERIOD, 15_000);
  }

  start() {
    super.start();
    this.shown.addEventListener("change", () => this.choose(this.shown.value));
    this.search.addEventListener("input", () => this.show());
    byId("health").addEventListener("click", (event) => {
      const card = event.target instanceof Element ? event.target.closest("[data-show]") : null;
      if (card) this.choose(String(card.getAttribute("data-show")));
    });
    this.poll.now();
  }

  changed() {
    this.poll.now();
  }

  /** @param {string} state */
  choose(state) {
    this.chosen = true;
    this.shown.value = state;
    this.show();
  }

  async ask() {
    try {
      const house = this.house && performance.now() - this.entered < 60_000 ? this.house : await this.enter();
      const [answer, kept] = await Promise.all([ask([house.site, "sensors"]), ask([house.site, "acknowledgements"]).catch(() => null)]);
      if (this.house?.site !== house.site) return;
      this.connection.answered(Date.parse(answer.meta.generated), house.zone);
      const said = new Map((kept?.rows ?? []).map((row) => [row.sensor, row]));
      this.rows = answer.rows.map((row) => ({ ...row, acknowledged: said.get(row.sensor) ?? null }));
      this.csv.setAttribute("href", addressOf([house.site, "sensors"], { format: "csv" }).href);
      if (!this.chosen && !this.rows.some(STATES.silent)) this.shown.value = "all";
      this.show();
    } catch (error) {
      this.connection.failed(error);
      throw error;
    }
  }

  show() {
    const { house } = this;
    if (!house) return;
    this.showHealth();
    this.showStrangers();
    const wanted = this.search.value.trim().toLocaleLowerCase();
    const rows = this.rows.filter(STATES[this.shown.value] ?? STATES.all).filter((row) => !wanted || textOf(row, house).includes(wanted));
    setText(byId("sensors-note"), rows.length ? t("sensors.count", { n: rows.length, all: this.rows.length }) : t(this.rows.length ? "sensors.none" : "sensors.no_sensors"));
    this.table.show(rows, house, this.clock.now());
  }

  showHealth() {
    const mapped = this.rows.filter((row) => row.mapped);
    const counts = { silent: STATES.silent, battery: STATES.battery, unmapped: STATES.unmapped, acknowledged: STATES.acknowledged };
    const cards = Object.entries(counts).map(([name, is]) => this.card(name, this.rows.filter(is).length));
    const heard = mapped.filter((row) => !row.silent).length;
    const all = this.card("all", heard, t("sensors.heard"), t("figure.of", { n: mapped.length }));
    const key = [heard, mapped.length, this.shown.value, ...cards.map((card) => card.textContent)].join();
    if (byId("health").dataset.key === key) return;
    const focused = document.activeElement?.getAttribute("data-show");
    byId("health").dataset.key = key;
    byId("health").replaceChildren(all, ...cards);
    if (focused) /** @type {HTMLElement | null} */ (byId("health").querySelector(`[data-show=${focused}]`))?.focus();
  }

  /** @param {string} name @param {number} n @param {string} [title] @param {string} [of] */
  card(name, n, title = t(`sensors.${name}`), of = "") {
    const pressed = String(this.shown.value === name);
    const number = h("span", {}, h("strong", { class: "big" }, numberText(n)), " ", h("span", { class: "of" }, of));
    return h("button", { type: "button", class: "card figure-card", "data-show": name, "aria-pressed": pressed }, h("span", { class: "soft" }, title), number);
  }

  showStrangers() {
    const strangers = this.rows.filter(STATES.unmapped);
    const card = byId("strangers");
    setAttribute(card, "hidden", strangers.length === 0);
    const key = strangers.map((row) => row.sensor).join();
    if (!strangers.length || card.dataset.key === key) return;
    card.dataset.key = key;
    const lines = strangers.slice(0, 3).map((row) => `${row.sensor},SPACE`);
    card.replaceChildren(
      h("p", {}, t("sensors.strangers", { n: strangers.length })),
      h("p", { class: "note" }, t("sensors.strangers_hint")),
      h("pre", { tabindex: 0 }, h("code", {}, ["id,space", ...lines].join("\n"))),
    );
  }
}

/** @param {Row} row @param {House} house */
function textOf(row, house) {
  const space = house.byId.get(row.space);
  const parts = [row.sensor, row.space, space?.name, space?.floor_name, space?.zone_name, row.acknowledged?.note];
  return parts.filter(Boolean).join(" ").toLocaleLowerCase();
}

new SensorsPage().start();
