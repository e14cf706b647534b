// @ts-check
/** Puts the page together: what is looked at (View), what is asked for when (Poll), and who draws it. */

import { ask } from "./api.js";
import { Clock } from "./clock.js";
import { Connection } from "./connection.js";
import { DayPanel } from "./day.js";
import { byId, setAttribute } from "./dom.js";
import { POOLS, askDay, askHeat, dayOf } from "./figures.js";
import { Floors } from "./floors.js";
import { Header } from "./header.js";
import { HeatPanel } from "./heat.js";
import { enterHouse } from "./house.js";
import { drawLegend } from "./legend.js";
import { moment } from "./numbers.js";
import { Poll } from "./poll.js";
import { SilentPanel } from "./silent.js";
import { count } from "./states.js";
import { Tiles } from "./tiles.js";
import { TimeBar } from "./timebar.js";
import { startTips } from "./tip.js";
import { View } from "./view.js";
import { dayText } from "./zone.js";

/** @typedef {import("./house.js").House} House */

const STATUS_PERIOD = 3_000;
const FIGURES_PERIOD = 60_000;
const SLOWEST = 15_000;

class Page {
  constructor() {
    this.view = new View();
    this.clock = new Clock();
    /** @type {House | null} */
    this.house = null;
    this.connection = new Connection();
    this.header = new Header((site) => this.go({ site, at: null }));
    this.timebar = new TimeBar((at) => this.go({ at }));
    this.tiles = new Tiles(byId("tiles"));
    this.floors = new Floors(byId("floors"));
    this.day = new DayPanel();
    this.heat = new HeatPanel();
    this.silent = new SilentPanel();
    this.statusPoll = new Poll(() => this.askStatus(), STATUS_PERIOD, SLOWEST);
    this.figuresPoll = new Poll(() => this.askFigures(), FIGURES_PERIOD);
    /** When the site and its spaces were read last, by performance.now(). */
    this.entered = -Infinity;
    /** Which figures were asked for last. */
    this.asked = "";
    /** The day's answers as they were shown last. @type {Omit<Parameters<DayPanel["show"]>[0], "at"> | null} */
    this.dayShown = null;
  }

  start() {
    this.view.read();
    drawLegend(byId("legend"));
    startTips();
    addEventListener("hashchange", () => (this.view.read() ? this.changed() : this.view.write()));
    byId("pool").addEventListener("click", (event) => {
      const of = event.target instanceof Element ? event.target.getAttribute("data-of") : null;
      if (of) this.go({ of: of === "rooms" ? "rooms" : "desks" });
    });
    setInterval(() => document.hidden || this.tick(), 1_000);
    this.showPool();
    this.statusPoll.now();
  }

  /** @param {Partial<Pick<View, "site" | "at" | "of">>} where */
  go(where) {
    Object.assign(this.view, where);
    this.view.write();
    this.changed();
  }

  /** The view is another than before: say so at once, and ask for what belongs to it. */
  changed() {
    const { site, at } = this.view;
    if (this.house && site !== null && site !== this.house.site) this.house = null;
    setAttribute(byId("floors"), "aria-busy", "true");
    this.silent.title(at !== null);
    this.showPool();
    this.tick();
    this.statusPoll.now();
    if (this.house && this.asked !== this.figuresKey(this.house, at)) this.figuresPoll.now();
    else if (this.dayShown) this.day.show({ ...this.dayShown, at });
  }

  showPool() {
    for (const button of byId("pool").querySelectorAll("button")) {
      setAttribute(button, "aria-pressed", String(button.dataset.of === this.view.of));
    }
  }

  /** @param {House} house @param {number | null} at */
  figuresKey(house, at) {
    const { start } = dayOf(this.sight(house, at));
    return [house.site, this.view.of, start].join();
  }

  /** @param {House} house @param {number | null} at */
  sight(house, at = this.view.at) {
    return { site: house.site, zone: house.zone, of: this.view.of, now: this.clock.now(), at };
  }

  async askStatus() {
    try {
      const house = this.house ?? (await this.enter());
      const { at } = this.view;
      const answer = await ask([house.site, "status"], { group: "space", at: at === null ? null : Math.round(at) });
      // While the slider moves an older moment of the past is better than none; now and then are never mixed up.
      if (this.house?.site !== house.site || (at === null) !== (this.view.at === null)) return;
      const generated = moment(answer.meta.generated) ?? Date.now();
      this.clock.note(generated);
      if (this.connection.trouble !== null) this.figuresPoll.now(); // they may be as old as the trouble
      this.connection.answered(generated, house.zone);
      this.showStatus(this.house, answer.rows);
      setAttribute(byId("floors"), "aria-busy", String(at !== this.view.at));
    } catch (error) {
      this.connection.failed(error);
      throw error;
    }
  }

  /** @param {House} house @param {import("./api.js").Row[]} rows */
  showStatus(house, rows) {
    const status = new Map(rows.map((row) => [row.space, row]));
    this.tiles.update(house.spaces, status);
    this.floors.update(status);
    const { desks, rooms } = count(house.spaces, status);
    const free = desks.total ? desks.vacant : rooms.vacant;
    document.title = this.view.at === null ? `${free} free · ${house.name}` : `The past · ${house.name}`;
    this.tick();
  }

  /**
   * Find out which sites there are, and draw the chosen one; again each minute, since site files change.
   * @returns {Promise<House>}
   */
  async enter() {
    const chosen = this.view.site;
    const { sites, house, generated } = await enterHouse(chosen);
    if (chosen !== this.view.site) return this.enter(); // another was chosen meanwhile
    this.clock.note(generated);
    this.header.show(sites, house);
    if (house.drawn !== this.house?.drawn) this.floors.build(house.spaces);
    const first = this.house === null;
    this.house = house;
    this.entered = performance.now();
    if (first) this.figuresPoll.now();
    return house;
  }

  async askFigures() {
    if (!this.house) return;
    const house = performance.now() - this.entered < FIGURES_PERIOD / 2 ? this.house : await this.enter();
    const sight = this.sight(house);
    const key = this.figuresKey(house, sight.at);
    this.asked = key;
    const fresh = () => this.house?.site === house.site && this.figuresKey(house, this.view.at) === key;
    await Promise.all([
      shown(this.day, askDay(sight), fresh, (answers) => {
        const { start, today } = dayOf(sight);
        this.dayShown = { zone: house.zone, start, today, ...answers };
        this.day.show({ ...this.dayShown, at: this.view.at });
      }),
      shown(this.heat, askHeat(sight), fresh, (answer) => {
        const title = sight.at === null ? "The last four weeks" : `Four weeks to ${dayText(house.zone, sight.at)}`;
        this.heat.show(answer, title, POOLS[sight.of].words);
      }),
      shown(this.silent, ask([house.site, "sensors"]), fresh, (answer) => this.silent.show(answer.rows, house.byId, this.view.at !== null)),
    ]);
  }

  /** Each second, and whenever something came: clock, slider, freshness. */
  tick() {
    this.connection.show();
    if (!this.house) return;
    const { zone, first } = this.house;
    const now = this.clock.now();
    this.header.tick(zone, now, this.clock.elsewhere());
    this.timebar.show({ zone, now, at: this.view.at, first });
  }
}

/**
 * Show what a panel asked for, or that it could not be had; other panels go on.
 * @template T
 * @param {{failed: (message: string) => void}} panel
 * @param {Promise<T>} asked
 * @param {() => boolean} fresh whether the view is still the one it was asked for
 * @param {(answer: T) => void} show
 */
async function shown(panel, asked, fresh, show) {
  try {
    const answer = await asked;
    if (fresh()) show(answer);
  } catch (error) {
    if (fresh()) panel.failed(error instanceof Error ? error.message : String(error));
  }
}

new Page().start();
