// @ts-check
/** A card with one chart: its tools (CSV, picture), its legend, its numbers as a table. */

import { h, setText } from "./dom.js";
import { DASHES, Plot } from "./plot.js";
import { t } from "./words.js";

/** @typedef {import("./plot.js").Shape} Shape */
/** @typedef {import("./plot.js").Data} Data */
/** @typedef {{head: string[], rows: (string | number)[][]}} Table */
/** @typedef {{name: string, hue: string, kind: string, dash?: number[]}} Key */

export class ChartPanel {
  /** @param {HTMLElement} card @param {string} name of its files */
  constructor(card, name) {
    this.head = card.querySelector("h2") ?? h("h2");
    this.title = this.head.textContent ?? name;
    this.tools = /** @type {HTMLElement} */ (card.querySelector(".tools"));
    this.trouble = h("p", { class: "note trouble", role: "status", hidden: true });
    this.frame = h("div", { class: "chart-frame" });
    this.legend = h("p", { class: "chart-legend", "aria-hidden": "true" });
    this.table = h("table", { class: "figures-table" });
    const scrolling = h("div", { class: "scrolling", tabindex: 0, role: "region", "aria-label": this.title }, this.table);
    const details = h("details", {}, h("summary", {}, t("use.table")), scrolling);
    details.addEventListener("toggle", () => this.fillTable());
    this.details = /** @type {HTMLDetailsElement} */ (details);
    card.querySelector(".body")?.append(this.trouble, this.frame, this.legend, details);
    this.plot = new Plot(this.frame, name);
    this.csv = csvLink(this.title);
    this.tools.append(this.csv, pngButton(this.title, () => this.plot.save()));
    /** @type {(() => Table) | null} */
    this.numbers = null;
  }

  /**
   * @param {Object} chart
   * @param {Shape} chart.shape
   * @param {Data} chart.data
   * @param {string} chart.words
   * @param {Key[]} chart.keys
   * @param {() => Table} chart.table
   * @param {URL} chart.csv
   */
  show({ shape, data, words, keys, table, csv }) {
    this.trouble.hidden = true;
    this.csv.setAttribute("href", csv.href);
    this.numbers = table;
    this.legend.replaceChildren(...keys.map(key));
    this.fillTable();
    this.plot.draw(shape, data, words).catch(() => this.say(t("use.no_chart")));
  }

  /** Call the chart by what it shows now. @param {string} title */
  name(title) {
    setText(this.head, title);
  }

  fillTable() {
    if (!this.details.open || !this.numbers) return;
    const { head, rows } = this.numbers();
    fillTable(this.table, head, rows);
  }

  /** @param {string} text */
  say(text) {
    this.trouble.hidden = false;
    setText(this.trouble, text);
  }
}

/** @param {HTMLElement} table @param {string[]} head @param {(string | number)[][]} rows the first cell names the row */
export function fillTable(table, head, rows) {
  const cells = (/** @type {(string | number)[]} */ row) => row.map((cell, index) => (index ? h("td", {}, String(cell)) : h("th", { scope: "row" }, String(cell))));
  table.replaceChildren(
    h("thead", {}, h("tr", {}, ...head.map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, ...rows.map((row) => h("tr", {}, ...cells(row)))),
  );
}

/** @param {string} what */
export function csvLink(what) {
  return h("a", { download: "", "aria-label": t("use.csv_of", { what }) }, t("use.csv"));
}

/** @param {string} what @param {() => void} save */
export function pngButton(what, save) {
  const button = h("button", { type: "button", "aria-label": t("use.png_of", { what }) }, t("use.png"));
  button.addEventListener("click", save);
  return button;
}

/** @param {Key} key */
function key({ name, hue, kind, dash }) {
  const space = "http://www.w3.org/2000/svg";
  const mark = document.createElementNS(space, "svg");
  mark.setAttribute("viewBox", "0 0 22 12");
  const shape = document.createElementNS(space, kind === "line" ? "line" : "rect");
  const places = kind === "line" ? { x1: 0, x2: 22, y1: 6, y2: 6 } : { x: 1, y: 1, width: 20, height: 10, rx: 2 };
  for (const [attribute, value] of Object.entries(places)) shape.setAttribute(attribute, String(value));
  shape.style.setProperty(kind === "line" ? "stroke" : "fill", `var(${hue})`);
  if (kind === "line") shape.style.setProperty("stroke-width", "2.5");
  if (kind === "band") shape.style.setProperty("fill-opacity", "0.3");
  if (dash?.length) shape.style.setProperty("stroke-dasharray", dash.join(" "));
  mark.append(shape);
  return h("span", { class: "chart-key" }, mark, name);
}

/** @param {number} index @returns {number[]} */
export const dashOf = (index) => DASHES[index % DASHES.length];
