// @ts-check
/** One tab stop for many marks: arrow keys walk from one to the nearest in that direction (roving tabindex). */

/** @type {Record<string, [number, number]>} */
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Make the marks in a container reachable by keyboard.
 * @param {HTMLElement} container not an SVG element: Chromium gives those with key listeners a tab stop of their own
 * @param {string} selector of its marks, which are asked for again at each key, so they may come and go
 */
export function rove(container, selector) {
  const marks = () => /** @type {(HTMLElement | SVGElement)[]} */ ([...container.querySelectorAll(selector)]);
  container.addEventListener("keydown", (event) => {
    const { key } = /** @type {KeyboardEvent} */ (event);
    const from = marks().find((mark) => mark === document.activeElement);
    if (!from || event.defaultPrevented) return;
    const to = target(marks(), from, key);
    if (!to) return;
    event.preventDefault();
    enter(marks(), to);
    to.focus();
  });
  container.addEventListener("focusin", (event) => {
    const mark = marks().find((item) => item === event.target);
    if (mark) enter(marks(), mark);
  });
}

/**
 * Give one mark the tab stop; call it without a mark after building, so that the first has it.
 * @param {(HTMLElement | SVGElement)[]} marks
 * @param {HTMLElement | SVGElement} [chosen]
 */
export function enter(marks, chosen = marks[0]) {
  for (const mark of marks) {
    const index = mark === chosen ? "0" : "-1";
    if (mark.getAttribute("tabindex") !== index) mark.setAttribute("tabindex", index);
  }
}

/**
 * @template {Element} T
 * @param {T[]} marks
 * @param {T} from
 * @param {string} key
 * @returns {T | undefined}
 */
function target(marks, from, key) {
  if (key === "Home") return marks[0];
  if (key === "End") return marks.at(-1);
  const direction = DIRECTIONS[key];
  return direction && nearest(marks, from, direction);
}

/**
 * Return the nearest mark in a direction; straying sideways counts three times.
 * @template {Element} T
 * @param {T[]} marks
 * @param {T} from
 * @param {[number, number]} direction
 * @returns {T | undefined}
 */
function nearest(marks, from, [dx, dy]) {
  const [x, y] = centre(from);
  let best;
  let least = Infinity;
  for (const mark of marks) {
    const [mx, my] = centre(mark);
    const along = (mx - x) * dx + (my - y) * dy;
    const aside = Math.abs((mx - x) * dy) + Math.abs((my - y) * dx);
    if (along > 0.5 && along + 3 * aside < least) [best, least] = [mark, along + 3 * aside];
  }
  return best;
}

/** @param {Element} element @returns {[number, number]} */
function centre(element) {
  const box = element.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
}
