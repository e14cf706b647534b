// @ts-check
/** Use: how the house was used over a window, with what each figure means and how much of it is known. */

import { ApiError, addressOf, ask } from "./api.js";
import { ComparePanel } from "./compare.js";
import { Connection } from "./connection.js";
import { byId, h, setAttribute, setText } from "./dom.js";
import { POOLS } from "./figures.js";
import { Frame } from "./frame.js";
import { HeatPanel } from "./heat.js";
import { savePicture } from "./heatpicture.js";
import { NotesPanel, noteOf } from "./notes.js";
import { ChartPanel, csvLink, pngButton } from "./panel.js";
import { Poll } from "./poll.js";
import { summed } from "./sums.js";
import { Cards } from "./usecards.js";
import { dayPeaks, overTime } from "./usecharts.js";
import { lineWords, peakTable, peakWords, useTable } from "./usetables.js";
import { peakBucket, spanOf } from "./windows.js";
import { t } from "./words.js";
import { rfc3339 } from "./zone.js";

/** @typedef {import("./house.js").House} House */
/** @typedef {import("./api.js").Answer} Answer */
/** @typedef {import("./notes.js").Note} Note */
/** @typedef {{house: House, span: import("./windows.js").Span, query: import("./api.js").Query, group: string}} Asked */

const PERIOD = 60_000;

class UsePage extends Frame {
  constructor() {
    super(new Connection(3 * PERIOD, false));
    this.form = /** @type {HTMLFormElement} */ (byId("pickers"));
    this.cards = new Cards(byId("cards"));
    this.overTime = new ChartPanel(byId("over-time"), "ledig-utilisation");
    this.dayPeaks = new ChartPanel(byId("day-peaks"), "ledig-peaks");
    this.compared = new ComparePanel();
    this.heat = new HeatPanel();
    this.heatCsv = csvLink(t("heat.title"));
    byId("heat").querySelector(".tools")?.append(this.heatCsv, pngButton(t("heat.title"), () => savePicture(this.heat.table, "ledig-week")));
    this.notes = new NotesPanel(
      () => this.house && { site: this.house.site, zone: this.house.zone, now: this.clock.now() },
      () => this.poll.now(),
    );
    this.poll = new Poll(() => this.ask(), PERIOD);
  }

  start() {
    super.start();
    this.form.addEventListener("change", () => this.picked());
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.showPickers();
    this.poll.now();
  }

  changed() {
    this.showPickers();
    this.poll.now();
  }

  /** @param {House} house @param {boolean} _first @param {boolean} anew */
  arrived(house, _first, anew) {
    if (!anew) return;
    const floors = new Map(house.spaces.map((space) => [space.floor, String(space.floor_name || space.floor)]));
    const options = [...floors].map(([id, name]) => h("option", { value: id }, name));
    this.field("floor").replaceChildren(h("option", { value: "" }, t("use.all_floors")), ...options);
    this.showPickers();
  }

  /** @param {string} name */
  field(name) {
    return /** @type {HTMLSelectElement | HTMLInputElement} */ (this.form.elements.namedItem(name));
  }

  picked() {
    const { more } = this.view;
    for (const name of ["window", "from", "to", "floor", "group"]) more[name] = this.field(name).value;
    this.go({ of: /** @type {import("./view.js").Pool} */ (this.field("of").value) });
  }

  showPickers() {
    for (const name of ["window", "from", "to", "floor", "group"]) this.field(name).value = this.view.more[name];
    this.field("of").value = this.view.of;
    for (const label of this.form.querySelectorAll("[data-custom]")) setAttribute(label, "hidden", this.view.more.window !== "custom");
  }

  async ask() {
    setText(byId("use-state"), t("use.loading"));
    setAttribute(byId("content"), "aria-busy", "true");
    try {
      const house = this.house && performance.now() - this.entered < PERIOD ? this.house : await this.enter();
      await this.askAll(this.asked(house));
      setText(byId("use-state"), "");
    } catch (error) {
      this.connection.failed(error);
      setText(byId("use-state"), t("use.failed", { message: messageOf(error) }));
      throw error;
    } finally {
      setAttribute(byId("content"), "aria-busy", "false");
    }
  }

  /** @param {House} house @returns {Asked} */
  asked(house) {
    const { more, of } = this.view;
    const span = spanOf(more, house.zone, this.clock.now());
    const query = { from: rfc3339(span.start), to: rfc3339(span.end), floor: more.floor || null, ...POOLS[of].filter };
    return { house, span, query, group: more.group };
  }

  /** Ask for everything at once; a figure that cannot be had says so and leaves the others alone. @param {Asked} asked */
  async askAll(asked) {
    const { house, span, query } = asked;
    const key = this.key();
    const fresh = () => this.house?.site === house.site && this.key() === key;
    const get = (/** @type {string} */ path, /** @type {import("./api.js").Query} */ more = {}) => ask([house.site, path], { group: "site", ...query, ...more });
    const use = get("utilisation", { bucket: span.bucket, usage: span.days <= 35 });
    const peaks = get("peaks", { bucket: peakBucket(span) });
    const planning = get("planning");
    const notes = this.askNotes(asked);
    const whole = { bucket: span.days > 8 ? "1w" : "1d" };
    const panels = [
      this.panel(use, fresh, (answer) => this.showUse(answer, asked), ["utilisation", "average", "coverage", "space_usage", "held"]),
      this.panel(peaks, fresh, (answer) => this.cards.peak(answer, house.zone), ["peak"]),
      this.panel(planning, fresh, (answer) => this.cards.planning(answer), ["planning_peak"]),
      this.panel(get("availability", whole), fresh, (answer) => this.cards.availability(answer), ["sold_out"]),
      this.panel(get("sessions"), fresh, (answer) => this.cards.sessions(answer), ["dwell", "turnover"]),
      this.showHeat(get("heatmap"), fresh, addressOf([house.site, "heatmap"], { group: "site", ...query, format: "csv" })),
      this.showCharts(use, peaks, planning, notes, asked, fresh),
    ];
    await Promise.all([use, ...panels]);
  }

  key() {
    return this.view.hash();
  }

  /**
   * @param {Promise<Answer>} answer
   * @param {() => boolean} fresh whether it is still asked for
   * @param {(answer: Answer) => void} show
   * @param {string[]} names of its cards
   */
  async panel(answer, fresh, show, names) {
    try {
      const found = await answer;
      if (fresh()) show(found);
    } catch (error) {
      if (!fresh()) return;
      const message = error instanceof ApiError && error.status === 404 ? t("use.missing") : messageOf(error);
      for (const name of names) this.cards.say(name, { big: "–", notes: [message] });
    }
  }

  /** @param {Answer} answer @param {Asked} asked */
  showUse(answer, asked) {
    this.cards.use(summed(answer.rows)[0], answer, this.view.of === "desks");
    const { generated } = answer.meta;
    this.connection.answered(Date.parse(generated), asked.house.zone);
  }

  /** @param {Promise<Answer>} answer @param {() => boolean} fresh @param {URL} csv */
  async showHeat(answer, fresh, csv) {
    try {
      const found = await answer;
      if (!fresh()) return;
      this.heatCsv.setAttribute("href", csv.href);
      this.heat.show(found, t(`pool.${this.view.of}`));
    } catch (error) {
      if (fresh()) this.heat.failed(messageOf(error));
    }
  }

  /** @param {Asked} asked @returns {Promise<Note[] | string>} the notes, or why they cannot be had */
  askNotes({ house, query }) {
    return ask([house.site, "notes"], { from: query.from, to: query.to }).then(({ rows }) => rows.map(noteOf), messageOf);
  }

  /**
   * @param {Promise<Answer>} use @param {Promise<Answer>} peaks @param {Promise<Answer>} planning @param {Promise<Note[] | string>} noted
   * @param {Asked} asked @param {() => boolean} fresh
   */
  async showCharts(use, peaks, planning, noted, asked, fresh) {
    const { house, span, query, group } = asked;
    const grouped = { ...query, bucket: span.bucket, group };
    const told = await noted;
    const notes = typeof told === "string" ? [] : told;
    if (fresh() && typeof told === "string") this.notes.unread(told);
    else if (fresh()) this.notes.show(notes);
    await this.chart(this.overTime, fresh, async () => {
      const answer = group === "site" ? await use : await ask([house.site, "utilisation"], grouped);
      const named = namer(house, group);
      if (!fresh()) return null;
      if (group === "site") this.compared.hide();
      else this.compared.show(summed(answer.rows), named, addressOf([house.site, "utilisation"], { ...grouped, format: "csv" }));
      const drawn = overTime(answer.rows, house.zone, span, notes, named);
      return { ...drawn, words: lineWords(answer, asked), table: () => useTable(answer, asked, named), csv: addressOf([house.site, "utilisation"], { ...grouped, format: "csv" }) };
    });
    await this.chart(this.dayPeaks, fresh, async () => {
      const answer = await peaks;
      const planned = await planning.then((found) => found.rows[0]?.planning_peak ?? null).catch(() => null);
      const bucket = peakBucket(span);
      const drawn = dayPeaks(answer.rows, house.zone, bucket, planned, notes);
      const csv = addressOf([house.site, "peaks"], { ...query, group: "site", bucket, format: "csv" });
      this.dayPeaks.name(t(`use.peaks_${bucket}`));
      return { ...drawn, words: peakWords(answer, asked), table: () => peakTable(answer, asked), csv };
    });
  }

  /** @param {ChartPanel} panel @param {() => boolean} fresh @param {() => Promise<Parameters<ChartPanel["show"]>[0] | null>} made */
  async chart(panel, fresh, made) {
    try {
      const chart = await made();
      if (chart && fresh()) panel.show(chart);
    } catch (error) {
      if (fresh()) panel.say(t("use.failed", { message: messageOf(error) }));
    }
  }
}

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/** @param {House} house @param {string} by @returns {(group: string) => string} the name of a group for people */
function namer(house, by) {
  const named = by === "floor" || by === "zone" ? new Map(house.spaces.map((space) => [space[by], String(space[`${by}_name`] || space[by])])) : new Map();
  return (group) => named.get(group) ?? (by === "site" ? house.name : group);
}

new UsePage().start();
