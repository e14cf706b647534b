// @ts-check
/** Now: what is free, where, and what it was at any past moment. */

import { ask } from "./api.js";
import { DayPanel } from "./day.js";
import { byId, setAttribute, setText } from "./dom.js";
import { askDay, dayOf } from "./figures.js";
import { Finder } from "./finder.js";
import { Floors } from "./floors.js";
import { Frame } from "./frame.js";
import { drawLegend } from "./legend.js";
import { Poll } from "./poll.js";
import { QuietPanel, askQuiet } from "./quiet.js";
import { count } from "./states.js";
import { Status } from "./status.js";
import { Tiles } from "./tiles.js";
import { TimeBar } from "./timebar.js";
import { t } from "./words.js";
import { MINUTE } from "./zone.js";

/** @typedef {import("./house.js").House} House */
/** @typedef {import("./api.js").Row} Row */

const FIGURES_PERIOD = 60_000;

class NowPage extends Frame {
  constructor() {
    super();
    this.timebar = new TimeBar((at) => this.go({ at }));
    this.tiles = new Tiles(byId("tiles"));
    this.floors = new Floors(byId("floors"));
    this.finder = new Finder((space) => this.floors.reveal(space));
    this.day = new DayPanel();
    this.quiet = new QuietPanel();
    this.status = new Status(this, (rows, house) => this.show(rows, house));
    this.figuresPoll = new Poll(() => this.askFigures(), FIGURES_PERIOD);
    /** Which figures were asked for last. */
    this.asked = "";
    /** The minute that perhaps-free desks were judged in. */
    this.minute = 0;
    /** The day's answers as they were shown last. @type {Omit<Parameters<DayPanel["show"]>[0], "at"> | null} */
    this.dayShown = null;
  }

  start() {
    super.start();
    drawLegend(byId("legend"));
    byId("pool").addEventListener("click", (event) => {
      const of = event.target instanceof Element ? event.target.getAttribute("data-of") : null;
      if (of) this.go({ of: of === "rooms" ? "rooms" : "desks" });
    });
    this.showPool();
    this.status.poll.now();
  }

  /** The view is another than before: say so at once, and ask for what belongs to it. */
  changed() {
    setAttribute(byId("floors"), "aria-busy", String(this.status.behind));
    this.showPool();
    this.tick();
    this.status.now();
    if (this.house && this.asked !== this.figuresKey(this.house)) this.figuresPoll.now();
    else if (this.dayShown) this.day.show({ ...this.dayShown, at: this.view.at });
  }

  /** @param {House} house @param {boolean} first @param {boolean} anew */
  arrived(house, first, anew) {
    if (anew) {
      this.floors.build(house.spaces);
      this.finder.build(house.spaces);
      if (this.status.rows.size && !first) this.show(this.status.rows, house);
    }
    if (first) this.figuresPoll.now();
  }

  showPool() {
    for (const button of byId("pool").querySelectorAll("button")) {
      setAttribute(button, "aria-pressed", String((button.dataset.of === "rooms") === (this.view.of === "rooms")));
    }
  }

  /** @param {Map<string, Row>} rows @param {House} house */
  show(rows, house) {
    const now = this.view.at === null ? this.clock.now() : null;
    this.minute = Math.floor(this.clock.now() / MINUTE);
    this.tiles.update(house.spaces, rows, now);
    this.floors.update(rows, now);
    this.finder.update(house.spaces, rows, now);
    const { desks, rooms } = count(house.spaces, rows);
    const free = desks.total ? desks.vacant : rooms.vacant;
    document.title = now === null ? t("page.title_past", { house: house.name }) : t("page.title_free", { n: free, house: house.name });
    setAttribute(byId("floors"), "aria-busy", String(this.status.behind));
  }

  /** @param {House} house */
  figuresKey(house) {
    const { start } = dayOf(this.sight(house));
    return [house.site, this.pool(), start].join();
  }

  pool() {
    return this.view.of === "rooms" ? /** @type {const} */ ("rooms") : /** @type {const} */ ("desks");
  }

  /** @param {House} house */
  sight(house) {
    return { site: house.site, zone: house.zone, of: this.pool(), now: this.clock.now(), at: this.view.at };
  }

  async askFigures() {
    if (!this.house) return;
    const { house } = this;
    const sight = this.sight(house);
    const key = this.figuresKey(house);
    this.asked = key;
    const fresh = () => this.house?.site === house.site && this.figuresKey(house) === key;
    await Promise.all([
      shown(this.day, askDay(sight), fresh, (answers) => {
        const { start, today } = dayOf(sight);
        this.dayShown = { zone: house.zone, start, today, ...answers };
        this.day.show({ ...this.dayShown, at: this.view.at });
      }),
      shown(this.quiet, askQuiet({ ...sight, at: null }), fresh, (answer) => this.quiet.show(answer, house.zone, sight.now)),
      this.askSilent(house),
    ]);
  }

  /** @param {House} house */
  async askSilent(house) {
    const answer = await ask([house.site, "sensors"]).catch(() => null);
    if (!answer || this.house?.site !== house.site) return;
    const silent = answer.rows.filter((row) => row.mapped && row.silent).length;
    byId("silent-link").hidden = silent === 0;
    const link = byId("silent-link").firstElementChild;
    if (link) setText(link, t("sensors.link", { n: silent }));
  }

  tick() {
    super.tick();
    if (!this.house) return;
    const { zone, first } = this.house;
    const now = this.clock.now();
    this.timebar.show({ zone, now, at: this.view.at, first });
    if (this.view.at === null && this.status.rows.size && Math.floor(now / MINUTE) !== this.minute) this.show(this.status.rows, this.house);
  }
}

/**
 * Show what a panel asked for, or that it could not be had; other panels go on.
 * @template T
 * @param {{failed: (message: string, error: unknown) => void}} panel
 * @param {Promise<T>} asked
 * @param {() => boolean} fresh whether the view is still the one it was asked for
 * @param {(answer: T) => void} show
 */
async function shown(panel, asked, fresh, show) {
  try {
    const answer = await asked;
    if (fresh()) show(answer);
  } catch (error) {
    if (fresh()) panel.failed(error instanceof Error ? error.message : String(error), error);
  }
}

new NowPage().start();
