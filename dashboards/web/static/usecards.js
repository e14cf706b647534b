// @ts-check
/** The figures of a window as cards: the number, what it is of, how much of it is known; its definition on hover. */

import { h, setAttribute, setText } from "./dom.js";
import { coverageText, moment, percent } from "./numbers.js";
import { highest, weighted } from "./sums.js";
import { definitionText, numberText, reasonText, t } from "./words.js";
import { clockText, dayText, lengthText } from "./zone.js";

/** @typedef {import("./api.js").Answer} Answer */
/** @typedef {import("./api.js").Row} Row */
/** @typedef {{big: string, of?: string, notes?: string[], meta?: unknown, missing?: boolean}} Said */

export class Cards {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    /** @type {Map<string, Card>} */
    this.cards = new Map();
    for (const name of ["utilisation", "average", "peak", "planning_peak", "sold_out", "dwell", "turnover", "space_usage", "held", "coverage"]) {
      const card = new Card(name);
      this.cards.set(name, card);
      element.append(card.element);
    }
  }

  /** @param {string} name @param {Said} said */
  say(name, said) {
    this.cards.get(name)?.show(said);
  }

  /** Leave out what does not apply. @param {string} name @param {boolean} hidden */
  hide(name, hidden) {
    setAttribute(this.cards.get(name)?.element ?? this.element, "hidden", hidden);
  }

  /** @param {import("./sums.js").Sum | undefined} sum @param {Answer} answer @param {boolean} desks whether they may be held */
  use(sum, answer, desks) {
    const known = sum && sum.utilisation !== null;
    const range = known && sum.hi !== null && sum.lo !== null && sum.hi - sum.lo >= 0.005 ? [t("figure.range", { lo: percent(sum.lo), hi: percent(sum.hi) })] : [];
    const why = known ? [] : [reasonText(sum?.reason)];
    const coverage = known ? [coverageText(sum.coverage)] : [];
    this.say("utilisation", { big: percent(sum?.utilisation), notes: [...range, ...coverage, ...why], meta: answer.meta.definition });
    const average = sum?.average;
    this.say("average", {
      big: typeof average === "number" ? numberText(average) : "–",
      of: known ? t("figure.of", { n: sum.spaces }) : "",
      notes: [...coverage, ...why],
    });
    const { open = 0, known: hours = 0 } = sum ?? {};
    this.say("coverage", { big: percent(sum?.coverage), notes: open ? [t("figure.known_of", { known: numberText(hours, 0), open: numberText(open, 0) })] : why });
    this.say("space_usage", { big: percent(sum?.usage), notes: [...coverage, ...why] });
    this.hide("space_usage", !answer.rows.some((row) => "space_usage" in row) || sum?.usage === null);
    this.say("held", { big: known ? numberText(sum.held, 0) : "–", of: known ? t("figure.desk_hours") : "", notes: [t("figure.jacket")] });
    this.hide("held", !desks || !answer.rows.some((row) => typeof row.held_hours === "number"));
  }

  /** @param {Answer} answer @param {string} zone */
  peak(answer, zone) {
    const row = highest(answer.rows);
    const when = moment(row?.peak_at);
    const notes = when === null ? [reasonText(answer.rows[0]?.reason)] : [`${dayText(zone, when)}, ${clockText(zone, when)}`];
    if (row && row.peak_upper > row.peak) notes.push(t("day.upper", { n: row.peak_upper }));
    this.say("peak", { big: row ? numberText(row.peak) : "–", of: row?.capacity ? t("figure.of", { n: row.capacity }) : "", notes, meta: answer.meta.definition });
  }

  /** @param {Answer} answer of /planning */
  planning(answer) {
    const row = answer.rows[0];
    const has = typeof row?.planning_peak === "number";
    const notes = has ? [t("figure.p90", { n: row.p90 })] : [reasonText(row?.reason)];
    if (row?.days_left_out) notes.push(t("figure.left_out", { n: row.days_left_out }));
    this.say("planning_peak", { big: has ? numberText(row.planning_peak) : "–", of: has && row.capacity ? t("figure.of", { n: row.capacity }) : "", notes, meta: answer.meta.definition });
  }

  /** @param {Answer} answer of /availability */
  availability(answer) {
    const [sold, possible] = [weighted(answer.rows, "sold_out"), weighted(answer.rows, "sold_out_possible")];
    const notes = sold === null ? [reasonText(answer.rows[0]?.reason)] : [t("figure.share_of_time")];
    if (possible !== null && sold !== null && possible - sold >= 0.005) notes.push(t("figure.possible", { share: percent(possible) }));
    this.say("sold_out", { big: percent(sold), notes, meta: answer.meta.definition });
  }

  /** @param {Answer} answer of /sessions */
  sessions(answer) {
    const row = answer.rows[0];
    const length = (/** @type {unknown} */ minutes) => (typeof minutes === "number" ? lengthText(minutes) : "–");
    const why = typeof row?.dwell_median === "number" ? [] : [reasonText(row?.reason)];
    const longest = typeof row?.dwell_p90 === "number" ? [t("figure.longest", { length: length(row.dwell_p90) })] : [];
    this.say("dwell", { big: length(row?.dwell_median), notes: [...longest, ...why], meta: answer.meta.definition });
    const turnover = typeof row?.turnover === "number";
    const uses = typeof row?.sessions === "number" ? [t("figure.sessions", { n: row.sessions })] : why;
    this.say("turnover", { big: turnover ? numberText(row.turnover, 2) : "–", of: turnover ? t("figure.per_day") : "", notes: uses, meta: answer.meta.definition });
  }
}

class Card {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
    this.number = h("strong", { class: "big" });
    this.of = h("span", { class: "of" });
    this.note = h("p", { class: "note" });
    this.about = h("button", { type: "button", class: "about", "aria-label": `${t(`figure.${name}`)}: ${definitionText(name)}` }, "i");
    this.element = h(
      "article",
      { class: "card figure-card", "data-figure": name },
      h("h3", {}, t(`figure.${name}`)),
      h("p", {}, this.number, " ", this.of),
      this.note,
      this.about,
    );
    setText(this.number, "…");
  }

  /** @param {Said} said */
  show({ big, of = "", notes = [], meta }) {
    setText(this.number, big);
    setText(this.of, of);
    setText(this.note, notes.join(", "));
    const tip = [t(`figure.${this.name}`), definitionText(this.name, meta), ...notes].join("\n");
    setAttribute(this.element, "data-tip", tip);
    setAttribute(this.about, "data-tip", tip);
  }
}
