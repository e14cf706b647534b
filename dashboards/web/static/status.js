// @ts-check
/** What spaces are in, now: from the stream; where that does not come, by asking again and again. */

import { ask } from "./api.js";
import { Live } from "./live.js";
import { moment } from "./numbers.js";
import { Poll } from "./poll.js";

/** @typedef {import("./api.js").Row} Row */
/** @typedef {import("./house.js").House} House */
/** @typedef {import("./frame.js").Frame} Frame */

const PERIOD = 3_000;
const SLOWEST = 15_000;

export class Status {
  /**
   * @param {Frame} frame
   * @param {(status: Map<string, Row>, house: House) => void} shown is told of every change
   */
  constructor(frame, shown) {
    this.frame = frame;
    this.shown = shown;
    /** @type {Map<string, Row>} */
    this.rows = new Map();
    /** The site that the rows are of, null before the first. @type {string | null} */
    this.site = null;
    /** The moment that they are of, null for now. @type {number | null} */
    this.at = null;
    this.live = new Live(
      (answer, whole) => this.take(answer, whole),
      (error) => this.lost(error),
    );
    this.poll = new Poll(() => this.ask(), PERIOD, SLOWEST);
  }

  /** Whether another site or another moment is looked at than the one that the rows are of. */
  get behind() {
    return this.site !== this.frame.house?.site || this.at !== this.frame.view.at;
  }

  /** Another site or another moment is looked at. */
  now() {
    const { house, view } = this.frame;
    this.live.follow(house && view.at === null ? house.site : null);
    this.poll.now();
  }

  /** @param {import("./api.js").Answer} answer @param {boolean} whole */
  take(answer, whole) {
    const { house, view } = this.frame;
    if (!house || view.at !== null || house.site !== this.live.site) return;
    [this.site, this.at] = [house.site, null];
    if (whole) this.rows = new Map();
    for (const row of answer.rows) this.rows.set(row.space, row);
    this.heard(answer, house, !whole && answer.rows.length === 0);
  }

  /** @param {Error} error */
  lost(error) {
    if (this.live.failures > 1) this.frame.connection.failed(error);
    this.poll.now();
  }

  async ask() {
    const { frame } = this;
    if (this.live.streaming && frame.view.at === null && performance.now() - frame.entered < 60_000) return;
    try {
      const house = frame.house && performance.now() - frame.entered < 60_000 ? frame.house : await frame.enter();
      const { at } = frame.view;
      this.live.follow(at === null ? house.site : null);
      if (at === null && this.live.streaming) return;
      const answer = await ask([house.site, "status"], { group: "space", at: at === null ? null : Math.round(at) });
      // While the slider moves an older moment of the past is better than none; now and then are never mixed up.
      if (frame.house?.site !== house.site || (at === null) !== (frame.view.at === null)) return;
      if (at === null && this.live.streaming) return;
      [this.site, this.at] = [house.site, at];
      this.rows = new Map(answer.rows.map((row) => [row.space, row]));
      this.heard(answer, frame.house, false);
    } catch (error) {
      frame.connection.failed(error);
      throw error;
    }
  }

  /** @param {import("./api.js").Answer} answer @param {House} house @param {boolean} same */
  heard(answer, house, same) {
    const generated = moment(answer.meta.generated) ?? Date.now();
    this.frame.clock.note(generated);
    this.frame.connection.answered(generated, house.zone);
    if (!same) this.shown(this.rows, house);
    this.frame.tick();
  }
}
