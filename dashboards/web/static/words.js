// @ts-check
/** The page's words, in the language it was asked for in: the server put them beside the HTML. */

const element = document.getElementById("words");
/** @type {Record<string, string>} */
const texts = JSON.parse(element?.textContent || "{}");

/** How dates and numbers are written. */
export const LOCALE = texts["language.locale"] ?? "en-GB";

/** @param {string} key */
export const has = (key) => key in texts;

/**
 * Return a text with its places filled in; where it has a form for one, that one for 1.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const one = `${key}_one`;
  const text = texts[values.n === 1 && one in texts ? one : key];
  if (text === undefined) throw new Error(`there is no text ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => shown(values[name]));
}

/** @param {string | number | undefined} value */
const shown = (value) => (typeof value === "number" ? numberText(value) : String(value ?? ""));

/**
 * Say why something is not shown, in the reader's language where the API's own word is known.
 * @param {unknown} reason
 */
export function reasonText(reason) {
  const text = String(reason || "");
  if (has(`reason.${text}`)) return t(`reason.${text}`);
  if (text.startsWith("one member's own")) return t("reason.own");
  if (text.startsWith("fixed desks are shown")) return t("reason.few");
  return text || t("reason.unknown");
}

/**
 * Say what a figure means: in the reader's language, else in the API's words.
 * @param {string} name
 * @param {unknown} [meta] the API's definition
 */
export function definitionText(name, meta) {
  return has(`definition.${name}`) ? t(`definition.${name}`) : String(meta ?? "");
}

/** @param {number} value @param {number} [digits] after the point, at most @returns {string} */
export const numberText = (value, digits = 1) => value.toLocaleString(LOCALE, { maximumFractionDigits: digits });
