// @ts-check
/** Groups side by side: a row each, with the bar of its utilisation. */

import { byId, h, setStyle } from "./dom.js";
import { csvLink } from "./panel.js";
import { percent } from "./numbers.js";
import { definitionText, numberText, reasonText, t } from "./words.js";

/** @typedef {import("./sums.js").Sum} Sum */

export class ComparePanel {
  constructor() {
    this.card = byId("compared");
    this.csv = csvLink(t("use.by_group"));
    this.card.querySelector(".tools")?.append(this.csv);
    this.table = h("table", { class: "figures-table" });
    this.card.querySelector(".body")?.append(h("div", { class: "scrolling", tabindex: 0, role: "region", "aria-label": t("use.by_group") }, this.table));
  }

  /** @param {Sum[]} sums @param {(group: string) => string} named @param {URL} csv */
  show(sums, named, csv) {
    this.card.hidden = false;
    this.csv.setAttribute("href", csv.href);
    const names = ["utilisation", "average", "coverage"];
    const heads = names.map((name) => h("th", { scope: "col", "data-tip": `${t(`figure.${name}`)}\n${definitionText(name)}` }, t(`figure.${name}`)));
    this.table.replaceChildren(
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("use.group_name")), ...heads)),
      h("tbody", {}, ...sums.map((sum) => rowOf(sum, named(sum.group)))),
    );
  }

  hide() {
    this.card.hidden = true;
  }
}

/** @param {Sum} sum @param {string} name */
function rowOf(sum, name) {
  const fill = h("span", { class: "quiet-fill" });
  setStyle(fill, "width", `${Math.min((sum.utilisation ?? 0) * 100, 100).toFixed(1)}%`);
  const share = sum.utilisation === null ? reasonText(sum.reason) : percent(sum.utilisation);
  const average = sum.average === null ? "–" : `${numberText(sum.average)} ${t("figure.of", { n: sum.spaces })}`;
  return h("tr", {}, h("th", { scope: "row" }, name, h("span", { class: "quiet-bar bar-under", "aria-hidden": "true" }, fill)), h("td", {}, share), h("td", {}, average), h("td", {}, percent(sum.coverage)));
}
