// @ts-check
/** A chart by bokeh: built once, then given other data. Its browser files come from ledig itself, when first wanted. */

import { setAttribute } from "./dom.js";

/** Bokeh's own types come with no file that a browser needs. @type {() => any} */
const bokeh = () => /** @type {any} */ (globalThis).Bokeh;

/** @type {Promise<void> | undefined} */
let loading;

/** Load bokeh's scripts one after the other; rejects where one does not come. */
function loaded() {
  loading ??= (document.documentElement.dataset.charts ?? "").split(" ").reduce((before, name) => before.then(() => script(name)), Promise.resolve());
  return loading;
}

/** @param {string} name @returns {Promise<void>} */
function script(name) {
  return new Promise((done, failed) => {
    const element = document.createElement("script");
    element.src = `static/${name}`;
    element.addEventListener("load", () => done());
    element.addEventListener("error", () => failed(new Error(name)));
    document.head.append(element);
  });
}

/** @param {string} name of a custom property, which is a colour of the page's */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Colours and dashes that tell lines apart, for those who see few colours too. */
export const HUES = ["--series-1", "--series-2", "--series-3", "--series-4", "--series-5", "--series-6"];
/** @type {number[][]} */
export const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3], [10, 4], [4, 2]];

/**
 * @typedef {Object} Mark one thing drawn: its columns are in the data under its name
 * @property {string} name
 * @property {"line" | "band" | "bars" | "points" | "spans" | "steps"} kind
 * @property {string} hue a custom property
 * @property {number[]} [dash]
 * @property {number} [width] of a line; of points their size
 * @property {number} [alpha]
 * @property {boolean} [hover] whether its `label` is shown to the pointer
 */

/**
 * @typedef {Object} Shape
 * @property {boolean} time whether x is the wall clock as if it were UTC
 * @property {boolean} percent whether y is a share
 * @property {string} [x] what the axis is called
 * @property {string} [y]
 * @property {number} [height]
 * @property {Mark[]} marks from back to front
 */

/** @typedef {Record<string, Record<string, (number | string | null)[]>>} Data columns by the name of a mark */

export class Plot {
  /** @param {HTMLElement} host @param {string} name of the file that it is saved in */
  constructor(host, name) {
    this.host = host;
    this.name = name;
    /** @type {any} */
    this.view = null;
    /** @type {Record<string, any>} */
    this.sources = {};
    this.drawn = "";
    /** @type {{shape: Shape, data: Data} | null} */
    this.last = null;
    loaded().catch(() => {}); // who draws is told of it
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => void this.again());
  }

  /**
   * Draw, or give what is drawn other data.
   * @param {Shape} shape
   * @param {Data} data
   * @param {string} words what there is to see, for those who do not
   */
  async draw(shape, data, words) {
    setAttribute(this.host, "role", "img");
    setAttribute(this.host, "aria-label", words);
    this.last = { shape, data };
    await loaded();
    if (this.last.data !== data) return; // another was asked for meanwhile
    if (this.drawn === JSON.stringify(shape)) this.fill(data);
    else await this.build(shape, data);
  }

  async again() {
    this.drawn = "";
    if (this.last && this.view) await this.build(this.last.shape, this.last.data);
  }

  /** @param {Data} data */
  fill(data) {
    for (const [name, source] of Object.entries(this.sources)) source.data = columns(data[name]);
  }

  /** @param {Shape} shape @param {Data} data */
  async build(shape, data) {
    this.drawn = JSON.stringify(shape);
    const { Plotting, ColumnDataSource, DataRange1d } = bokeh();
    const figure = Plotting.figure({
      height: shape.height ?? 260,
      sizing_mode: "stretch_width",
      tools: "",
      toolbar_location: null,
      x_axis_type: shape.time ? "datetime" : "linear",
      x_axis_label: shape.x ?? null,
      y_axis_label: shape.y ?? null,
      y_range: new DataRange1d({ start: 0 }),
    });
    this.sources = Object.fromEntries(shape.marks.map((mark) => [mark.name, new ColumnDataSource({ data: columns(data[mark.name]) })]));
    for (const mark of shape.marks) draw(figure, mark, this.sources[mark.name]);
    axes(figure, shape);
    dress(figure);
    this.host.replaceChildren();
    this.view = await Plotting.show(figure, this.host);
  }

  /** Save the chart as a picture. */
  save() {
    const layer = this.view?.export("png", true);
    layer?.canvas.toBlob((/** @type {Blob | null} */ blob) => blob && download(blob, `${this.name}.png`));
  }
}

/** @param {Blob} blob @param {string} name of the file */
export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Bokeh takes what is missing as NaN. @param {Record<string, (number | string | null)[]> | undefined} data */
function columns(data = {}) {
  return Object.fromEntries(Object.entries(data).map(([name, list]) => [name, list.map((value) => value ?? NaN)]));
}

/** @param {any} figure @param {Mark} mark @param {any} source */
function draw(figure, mark, source) {
  const field = (/** @type {string} */ name) => ({ field: name });
  const line = { source, line_color: colour(mark.hue), line_dash: { value: mark.dash ?? [] }, line_width: mark.width ?? 2 };
  const area = { source, fill_color: colour(mark.hue), fill_alpha: mark.alpha ?? 0.25, line_color: null };
  const make = {
    line: () => figure.line(field("x"), field("y"), line),
    steps: () => figure.step(field("x"), field("y"), { ...line, mode: "after" }),
    band: () => figure.varea(field("x"), field("lo"), field("hi"), { source, fill_color: colour(mark.hue), fill_alpha: mark.alpha ?? 0.25 }),
    bars: () => figure.quad({ field: "left" }, { field: "right" }, { field: "bottom" }, { field: "top" }, { ...area, fill_alpha: mark.alpha ?? 1 }),
    points: () => figure.scatter(field("x"), field("y"), { source, size: mark.width ?? 9, fill_color: colour(mark.hue), line_color: colour("--card"), line_width: 1.5 }),
    spans: () => figure.segment(field("x"), field("y0"), field("x"), field("y1"), line),
  }[mark.kind];
  const glyph = make();
  if (mark.hover) hover(figure, glyph, mark.kind);
}

/** @param {any} figure @param {any} glyph @param {string} kind */
function hover(figure, glyph, kind) {
  const mode = kind === "line" || kind === "steps" ? "vline" : "mouse";
  const tooltips = "<div class='bk-said'>@label</div>";
  figure.add_tools(new (bokeh().HoverTool)({ renderers: [glyph], mode, tooltips, line_policy: "nearest", attachment: "vertical" }));
}

/** @param {any} figure @param {Shape} shape */
function axes(figure, shape) {
  const english = document.documentElement.lang === "en";
  const { DatetimeTickFormatter, NumeralTickFormatter } = bokeh();
  if (shape.time) {
    const day = english ? "%d %b" : "%d.%m.";
    const minutes = Object.fromEntries(["minsec", "minutes", "hourmin", "hours"].map((scale) => [scale, "%H:%M"]));
    figure.xaxis.formatter = new DatetimeTickFormatter({ ...minutes, days: day, months: english ? "%b %Y" : "%m.%Y", years: "%Y" });
  }
  figure.yaxis.formatter = new NumeralTickFormatter({ format: shape.percent ? "0 %" : "0.[0]" });
}

/** Give it the page's own colours. @param {any} figure */
function dress(figure) {
  const [card, soft, line] = [colour("--card"), colour("--soft"), colour("--line")];
  Object.assign(figure, { background_fill_color: card, border_fill_color: card, outline_line_color: null, min_border_right: 12, min_border_top: 10 });
  for (const axis of [figure.xaxis, figure.yaxis]) {
    Object.assign(axis, { axis_line_color: line, major_tick_line_color: line, minor_tick_line_color: null, major_label_text_color: soft });
    Object.assign(axis, { major_label_text_font_size: "12px", axis_label_text_color: soft, axis_label_text_font_style: "normal", axis_label_text_font_size: "12px" });
  }
  figure.xgrid.grid_line_color = null;
  figure.ygrid.grid_line_color = line;
}
