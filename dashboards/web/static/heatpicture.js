// @ts-check
/** The heat map as a picture: its table drawn again, in the colours that it has on the page. */

import { colour, download } from "./plot.js";

const SCALE = 2;
const FONT = 12;

/** @param {HTMLElement} table that is shown @param {string} name of the file, without its ending */
export function savePicture(table, name) {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  const { left, top, width, height } = table.getBoundingClientRect();
  if (!pen) return;
  canvas.width = Math.ceil(width * SCALE);
  canvas.height = Math.ceil(height * SCALE);
  pen.scale(SCALE, SCALE);
  pen.translate(-left, -top);
  pen.fillStyle = colour("--card");
  pen.fillRect(left, top, width, height);
  for (const cell of table.querySelectorAll("td")) square(pen, cell);
  for (const head of table.querySelectorAll("th")) label(pen, head);
  canvas.toBlob((blob) => blob && download(blob, `${name}.png`));
}

/** @param {CanvasRenderingContext2D} pen @param {HTMLElement} cell what is null has an edge alone */
function square(pen, cell) {
  const { left, top, width, height } = cell.getBoundingClientRect();
  pen.fillStyle = getComputedStyle(cell).backgroundColor;
  pen.strokeStyle = colour("--line");
  if (cell.dataset.known === "yes") pen.fillRect(left, top, width, height);
  else pen.strokeRect(left + 0.5, top + 0.5, width - 1, height - 1);
}

/** @param {CanvasRenderingContext2D} pen @param {HTMLElement} head */
function label(pen, head) {
  const { left, top, height } = head.getBoundingClientRect();
  if (head.querySelector(".unseen")) return;
  pen.fillStyle = colour("--soft");
  pen.font = `${FONT}px ${getComputedStyle(head).fontFamily}`;
  pen.textBaseline = "middle";
  const across = head.scope === "col" ? left + (head.getBoundingClientRect().width - pen.measureText(head.textContent ?? "").width) / 2 : left;
  pen.fillText(head.textContent ?? "", across, top + height / 2);
}
