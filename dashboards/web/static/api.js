// @ts-check
/** Asking ledig's own HTTP API. Addresses are relative, so that the page also works behind a proxy's prefix. */

import { t } from "./words.js";

const TIMEOUT = 15_000;

/**
 * @typedef {Object} Meta
 * @property {string} generated RFC 3339
 * @property {string} zone IANA name
 * @property {boolean} simulated
 * @property {string} [definition]
 * @property {{from: string, to: string}} [window]
 */

/** @typedef {Record<string, any>} Row one flat row of an answer; the sketch of the columns is in the API's documentation */
/** @typedef {{meta: Meta & Record<string, any>, rows: Row[]}} Answer */
/** @typedef {Record<string, string | number | null | undefined>} Query */

/** What went wrong, in a sentence for people. `answered` tells a refusal from silence, `status` how it was refused. */
export class ApiError extends Error {
  /** @param {string} message @param {boolean} answered @param {number} [status] */
  constructor(message, answered, status = 0) {
    super(message);
    this.name = "ApiError";
    this.answered = answered;
    this.status = status;
  }
}

/**
 * Get an answer.
 * @param {string[]} path below /v1/sites
 * @param {Query} [query] null and undefined are left out
 * @returns {Promise<Answer>}
 * @throws {ApiError}
 */
export async function ask(path, query = {}) {
  const response = await answered(addressOf(path, query), { headers: { accept: "application/json" } });
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(problem(response.status, body), true, response.status);
  if (!body || !Array.isArray(body.rows) || !body.meta) throw new ApiError(t("connection.foreign"), true);
  return body;
}

/**
 * Return the address of an answer.
 * @param {string[]} path below /v1/sites
 * @param {Query} [query] null and undefined are left out
 */
export function addressOf(path, query = {}) {
  const address = new URL(["v1/sites", ...path.map(encodeURIComponent)].join("/"), document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined) address.searchParams.set(name, String(value));
  }
  return address;
}

/**
 * Have something kept, or let go of it.
 * @param {"PUT" | "POST" | "DELETE"} method
 * @param {string[]} path below /v1/sites
 * @param {Record<string, unknown>} [body]
 * @throws {ApiError}
 */
export async function tell(method, path, body) {
  const headers = { accept: "application/json", "content-type": "application/json" };
  const response = await answered(addressOf(path), { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw new ApiError(problem(response.status, await response.json().catch(() => null)), true, response.status);
}

/** @param {URL} address @param {RequestInit} options */
async function answered(address, options) {
  try {
    return await fetch(address, { signal: AbortSignal.timeout(TIMEOUT), ...options });
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    throw new ApiError(t(late ? "connection.late" : "connection.none"), false);
  }
}

/** @param {number} status @param {any} body RFC 9457 problem details, if it is */
function problem(status, body) {
  const text = body && (body.detail || body.title);
  return typeof text === "string" ? text : t("connection.answered", { status: String(status) });
}
