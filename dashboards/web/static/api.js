// @ts-check
/** Asking ledig's own HTTP API. Addresses are relative, so that the page also works behind a proxy's prefix. */

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
/** @typedef {{meta: Meta, rows: Row[]}} Answer */

/** What went wrong, in a sentence for people. `answered` tells a refusal from silence. */
export class ApiError extends Error {
  /** @param {string} message @param {boolean} answered */
  constructor(message, answered) {
    super(message);
    this.name = "ApiError";
    this.answered = answered;
  }
}

/**
 * Get an answer.
 * @param {string[]} path below /v1/sites
 * @param {Record<string, string | number | null | undefined>} [query] null and undefined are left out
 * @returns {Promise<Answer>}
 * @throws {ApiError}
 */
export async function ask(path, query = {}) {
  const address = new URL(["v1/sites", ...path.map(encodeURIComponent)].join("/"), document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined) address.searchParams.set(name, String(value));
  }
  const response = await answered(address);
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(problem(response.status, body), true);
  if (!body || !Array.isArray(body.rows) || !body.meta) throw new ApiError("the answer was not ledig's", true);
  return body;
}

/** @param {URL} address */
async function answered(address) {
  try {
    return await fetch(address, { signal: AbortSignal.timeout(TIMEOUT), headers: { accept: "application/json" } });
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    throw new ApiError(late ? "No answer from ledig in time" : "No answer from ledig", false);
  }
}

/** @param {number} status @param {any} body RFC 9457 problem details, if it is */
function problem(status, body) {
  const text = body && (body.detail || body.title);
  return typeof text === "string" ? text : `ledig answered ${status}`;
}
