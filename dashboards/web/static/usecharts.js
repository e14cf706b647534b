// @ts-check
/** What the charts of use are given: rows turned into columns. Pure. */

import { coverageText, moment, percent } from "./numbers.js";
import { DASHES, HUES } from "./plot.js";
import { times } from "./sums.js";
import { numberText, reasonText, t } from "./words.js";
import { DAY, HOUR, clockText, dayText, wall } from "./zone.js";

/** @typedef {import("./api.js").Row} Row */
/** @typedef {import("./plot.js").Mark} Mark */
/** @typedef {import("./windows.js").Span} Span */
/** @typedef {{date: string, text: string}} Note */

const MOST_LINES = 6;
const LENGTH = { "1h": HOUR, "1d": DAY, "1w": 7 * DAY };

/**
 * Lines of utilisation over time, by group; of a single one with its band.
 * @param {Row[]} rows
 * @param {string} zone
 * @param {Span} span
 * @param {Note[]} notes
 * @param {(group: string) => string} named
 */
export function overTime(rows, zone, span, notes, named) {
  const groups = [...new Set(rows.map((row) => String(row.group)))].slice(0, MOST_LINES);
  const single = groups.length === 1;
  /** @type {Mark[]} */
  const marks = single ? [{ name: "band", kind: "band", hue: "--soft", alpha: 0.2 }] : [];
  /** @type {import("./plot.js").Data} */
  const data = {};
  groups.forEach((group, index) => {
    const own = rows.filter((row) => row.group === group);
    const name = `line-${index}`;
    marks.push({ name, kind: "line", hue: HUES[index], dash: single ? [] : DASHES[index], hover: true });
    data[name] = {
      x: middles(own, zone, span),
      y: own.map((row) => row.utilisation),
      label: own.map((row) => [bucketText(row, zone, span), ...(single ? [] : [named(group)]), shareText(row)].join(", ")),
    };
    // A lone day between two that are closed is no line: it is marked.
    if (span.bucket !== "1h") marks.push({ name: `dots-${index}`, kind: "points", hue: HUES[index], width: 6 });
    if (span.bucket !== "1h") data[`dots-${index}`] = { x: data[name].x, y: data[name].y };
    if (single) data.band = { x: data[name].x, lo: own.map((row) => row.lo), hi: own.map((row) => row.hi) };
  });
  marks.push({ name: "notes", kind: "spans", hue: "--past", dash: [3, 3], width: 1.5, hover: true });
  data.notes = noted(notes, zone, Math.max(0, ...rows.map((row) => row.hi ?? row.utilisation ?? 0)));
  const keys = groups.map((group, index) => ({ name: named(group), hue: HUES[index], kind: "line", dash: single ? [] : DASHES[index] }));
  if (single) keys.push({ name: t("use.band"), hue: "--soft", kind: "band", dash: [] });
  return { shape: { time: true, percent: true, marks }, data, keys: single ? keys.slice(1) : keys };
}

/**
 * Bars of the peaks of days (or hours, or weeks) against capacity and the planning peak.
 * @param {Row[]} rows
 * @param {string} zone
 * @param {Span["bucket"]} bucket
 * @param {number | null} planning
 * @param {Note[]} notes
 */
export function dayPeaks(rows, zone, bucket, planning, notes) {
  const length = LENGTH[bucket];
  const known = rows.filter((row) => typeof row.peak === "number");
  const there = rows.slice(Math.max(0, rows.indexOf(known[0]))); // of nothing before the first known one: no night, say
  const begin = (/** @type {Row} */ row) => wall(zone, moment(row.time) ?? 0);
  const sides = { left: known.map((row) => begin(row) + 0.12 * length), right: known.map((row) => begin(row) + 0.88 * length) };
  const labels = known.map((row) => `${bucketText(row, zone, { bucket })}: ${peakText(row, zone)}`);
  const ends = there.length ? [begin(there[0]), begin(there[there.length - 1]) + length] : [];
  const top = Math.max(0, ...known.map((row) => Math.max(row.peak, row.capacity ?? 0)));
  /** @type {Mark[]} */
  const marks = [
    { name: "upper", kind: "bars", hue: "--unknown-line", alpha: 0.7 },
    { name: "bars", kind: "bars", hue: "--use-bar", hover: true },
    { name: "capacity", kind: "line", hue: "--soft", width: 1.5 },
    { name: "planning", kind: "line", hue: "--series-1", dash: [6, 3] },
    { name: "notes", kind: "spans", hue: "--past", dash: [3, 3], width: 1.5, hover: true },
  ];
  const data = {
    upper: { ...sides, bottom: known.map((row) => row.peak), top: known.map((row) => row.peak_upper) },
    bars: { ...sides, bottom: known.map(() => 0), top: known.map((row) => row.peak), label: labels },
    capacity: { x: there.map((row) => begin(row) + length / 2), y: there.map((row) => row.capacity) },
    planning: { x: planning === null ? [] : ends, y: planning === null ? [] : ends.map(() => planning) },
    notes: noted(notes, zone, top),
  };
  const keys = [
    { name: t("use.capacity"), hue: "--soft", kind: "line" },
    ...(planning === null ? [] : [{ name: t("use.planning"), hue: "--series-1", kind: "line", dash: [6, 3] }]),
    ...(known.some((row) => row.peak_upper > row.peak) ? [{ name: t("use.peak_upper"), hue: "--unknown-line", kind: "band" }] : []),
  ];
  return { shape: { time: true, percent: false, marks }, data, keys };
}

/** @param {Row[]} rows @param {string} zone @param {Span} span where a bucket's mark stands: its middle, on the wall clock */
const middles = (rows, zone, span) => times(rows).map((time) => wall(zone, time) + LENGTH[span.bucket] / 2);

/** @param {Note[]} notes @param {string} zone @param {number} top */
function noted(notes, zone, top) {
  const middle = notes.map((note) => Date.parse(`${note.date}T12:00Z`));
  return { x: middle, y0: notes.map(() => 0), y1: notes.map(() => top), label: notes.map((note) => `${dayText("UTC", Date.parse(`${note.date}T12:00Z`))}: ${note.text}`) };
}

/** @param {Row} row @param {string} zone @param {Pick<Span, "bucket">} span */
export function bucketText(row, zone, span) {
  const start = moment(row.time) ?? 0;
  return span.bucket === "1h" ? `${dayText(zone, start)}, ${clockText(zone, start)}` : dayText(zone, start);
}

/** @param {Row} row */
const shareText = (row) => (typeof row.utilisation === "number" ? `${percent(row.utilisation)}, ${coverageText(row.coverage)}` : reasonText(row.reason));

/** @param {Row} row @param {string} zone */
function peakText(row, zone) {
  const when = moment(row.peak_at);
  const at = when === null ? "" : ` (${clockText(zone, when)})`;
  const upper = row.peak_upper > row.peak ? `, ${t("day.upper", { n: row.peak_upper })}` : "";
  return `${numberText(row.peak)}${at}${upper}, ${coverageText(row.coverage)}`;
}
