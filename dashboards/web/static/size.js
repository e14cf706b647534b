// @ts-check
/** Size: how many desks so many members need, for the shortage that is accepted. */

import { ApiError, addressOf, ask } from "./api.js";
import { Connection } from "./connection.js";
import { byId, h, setAttribute, setText } from "./dom.js";
import { Frame } from "./frame.js";
import { percent } from "./numbers.js";
import { ChartPanel } from "./panel.js";
import { Poll } from "./poll.js";
import { curveOf, leastOf, sizeTable } from "./sizecurve.js";
import { numberText, reasonText, t } from "./words.js";

/** @typedef {import("./house.js").House} House */
/** @typedef {import("./api.js").Answer} Answer */

/** Days a month with a shortage that may be accepted. */
const LEVELS = [0.1, 0.25, 0.5, 1, 2, 3, 4, 6, 8];
const PERIOD = 10 * 60_000;

class SizePage extends Frame {
  constructor() {
    super(new Connection(3 * PERIOD, false));
    this.members = /** @type {HTMLInputElement} */ (byId("members"));
    this.level = /** @type {HTMLInputElement} */ (byId("level"));
    this.curve = new ChartPanel(byId("curve"), "ledig-desks");
    /** @type {Answer | null} */
    this.answer = null;
    this.poll = new Poll(() => this.ask(), PERIOD, 15_000);
  }

  start() {
    super.start();
    this.members.addEventListener("input", () => this.slid());
    this.level.addEventListener("input", () => this.levelled());
    byId("sliders").addEventListener("submit", (event) => event.preventDefault());
    this.readView();
    this.poll.now();
  }

  changed() {
    this.readView();
    this.poll.now();
  }

  readView() {
    const index = LEVELS.indexOf(Number(this.view.more.level || 1));
    this.level.max = String(LEVELS.length - 1);
    this.level.value = String(index < 0 ? 3 : index);
    if (this.view.more.members) this.members.value = this.view.more.members;
    this.showOutputs();
  }

  slid() {
    this.view.more.members = this.members.value;
    this.view.write();
    this.showOutputs();
    this.poll.now();
  }

  levelled() {
    this.view.more.level = String(this.target());
    this.view.write();
    this.showOutputs();
    if (this.answer && this.house) this.show(this.answer);
  }

  target() {
    return LEVELS[Number(this.level.value)] ?? 1;
  }

  levelText() {
    const target = this.target();
    return target < 0.25 ? t("size.level_less", { n: 0.1 }) : t("size.level_days", { n: target });
  }

  showOutputs() {
    setText(byId("members-out"), this.members.disabled ? "" : numberText(Number(this.members.value)));
    setText(byId("level-out"), this.levelText());
    setAttribute(this.level, "aria-valuetext", this.levelText());
  }

  async ask() {
    try {
      const house = this.house && performance.now() - this.entered < 60_000 ? this.house : await this.enter();
      const members = this.view.more.members || null;
      const answer = await ask([house.site, "sizing"], { pool: "flexible", members });
      if (members !== (this.view.more.members || null)) return; // the slider has gone on
      this.connection.answered(Date.parse(answer.meta.generated), house.zone);
      this.answer = answer;
      this.setSlider(answer);
      this.show(answer);
    } catch (error) {
      this.failed(error);
      throw error;
    }
  }

  /** @param {unknown} error */
  failed(error) {
    if (!(error instanceof ApiError && error.answered)) this.connection.failed(error);
    const away = error instanceof ApiError && error.status === 404;
    const text = away ? t("use.missing") : t("use.failed", { message: error instanceof Error ? error.message : String(error) });
    setText(byId("answer"), text);
  }

  /** @param {Answer} answer */
  setSlider({ meta }) {
    const now = meta.members_now;
    if (!this.members.disabled || typeof now !== "number" || now < 1) return;
    this.members.max = String(Math.max(Math.ceil((now * 2) / 10) * 10, Number(this.view.more.members) || 0));
    this.members.min = String(Math.max(1, Math.floor(now / 4)));
    this.members.value = this.view.more.members || String(now);
    this.members.disabled = false;
    setText(byId("members-note"), t("size.members_now", { n: now }));
    this.showOutputs();
  }

  /** @param {Answer} answer */
  show(answer) {
    const { rows, meta } = answer;
    const known = rows.filter((row) => typeof row.days_a_month === "number");
    if (!known.length) {
      setText(byId("answer"), t("size.answer_none"));
      byId("answer-more").replaceChildren(h("p", {}, reasonText(rows[0]?.reason)));
      return;
    }
    const target = this.target();
    const { likely, safe } = leastOf(known, target);
    const most = known[known.length - 1].desks;
    const desks = (/** @type {number | null} */ n) => (n === null ? t("size.needed_more", { n: most }) : t("size.needed", { n }));
    const members = meta.members ?? meta.members_now ?? 0;
    setText(byId("answer"), t("size.answer", { members: numberText(members), level: this.levelText(), desks: desks(likely) }));
    byId("answer-more").replaceChildren(...sentences(answer, likely, safeText(safe)));
    const csv = addressOf([String(meta.site), "sizing"], { pool: "flexible", members: this.view.more.members || null, format: "csv" });
    const words = t("size.chart_alt", { n: meta.installed, days: numberText(known.find((row) => row.desks === meta.installed)?.days_a_month ?? 0, 1) });
    this.curve.show({ ...curveOf(known, meta, target, likely), words, table: () => sizeTable(known), csv });
  }
}

/** @param {number | null | undefined} safe as `leastOf` has it */
function safeText(safe) {
  if (safe === undefined) return t("size.no_interval");
  return safe === null ? t("size.answer_unsafe") : t("size.answer_safe", { desks: t("size.needed", { n: safe }) });
}

/** @param {Answer} answer @param {number | null} likely @param {string} safe */
function sentences({ rows, meta }, likely, safe) {
  const parts = [safe];
  const spare = likely === null ? 0 : meta.installed - likely;
  if (spare > 0) parts.push(t("size.surplus", { n: spare }));
  if (spare < 0) parts.push(t("size.lack", { n: -spare }));
  if (likely) parts.push(t("size.ratio", { ratio: numberText((meta.members ?? meta.members_now ?? 0) / likely, 2) }));
  parts.push(...imputedTexts(rows, meta.censored_share));
  if (typeof meta.intervals?.held === "number") parts.push(t("size.backtest", { share: percent(meta.intervals.held) }));
  if (meta.weeks) parts.push(t("size.weeks", { n: meta.weeks }));
  return parts.map((text) => h("p", {}, text));
}

/** Why a part of the curve is dashed. @param {import("./api.js").Row[]} rows @param {number | null} censored share of the open time */
function imputedTexts(rows, censored) {
  const beyond = rows.findIndex((row) => row.imputed);
  if (beyond === 0) return [t("size.scaled")];
  if (!censored || beyond < 0) return [];
  return [t("size.censored", { share: percent(censored) }), t("size.beyond", { n: rows[beyond - 1].desks })];
}

new SizePage().start();
