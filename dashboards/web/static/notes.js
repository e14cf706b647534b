// @ts-check
/** What happened on a date: the operators' own notes, and what the site file says of single days. */

import { byId, h, setText } from "./dom.js";
import { tell } from "./api.js";
import { t } from "./words.js";
import { dayText, fieldText } from "./zone.js";

/** @typedef {import("./api.js").Row} Row */
/** @typedef {{id: string | null, date: string, text: string}} Note */

/**
 * Say what a row of /notes says.
 * @param {Row} row
 * @returns {Note}
 */
export function noteOf(row) {
  const words = { closed: t("use.note_closed"), hours: t("use.note_hours", { hours: row.hours ?? "" }), hire: t("use.note_hire", { hours: row.hours ?? "" }) };
  const text = row.text ?? words[/** @type {"closed"} */ (row.kind)] ?? String(row.kind);
  return { id: row.id ?? null, date: String(row.date), text: row.scope ? `${row.scope}: ${text}` : text };
}

export class NotesPanel {
  /** @param {() => {site: string, zone: string, now: number} | null} where @param {() => void} changed */
  constructor(where, changed) {
    this.where = where;
    this.changed = changed;
    this.list = h("ul", { class: "note-list" });
    this.none = h("p", { class: "note" }, t("use.notes_none"));
    this.trouble = h("p", { class: "note trouble", role: "status", hidden: true });
    this.date = /** @type {HTMLInputElement} */ (h("input", { type: "date", required: true }));
    this.text = /** @type {HTMLInputElement} */ (h("input", { type: "text", required: true, maxlength: 200, autocomplete: "off" }));
    const form = h(
      "form",
      { class: "note-form" },
      h("label", {}, t("use.note_date"), this.date),
      h("label", {}, t("use.note_text"), this.text),
      h("button", { type: "submit" }, t("use.note_add")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.add();
    });
    byId("notes").querySelector(".body")?.append(this.none, this.list, this.trouble, form);
    this.form = form;
  }

  /** @param {Note[]} notes */
  show(notes) {
    const where = this.where();
    if (where && !this.date.value) this.date.value = fieldText(where.zone, where.now).slice(0, 10);
    this.trouble.hidden = true;
    this.none.hidden = notes.length > 0;
    this.list.replaceChildren(...notes.map((note) => this.item(note)));
  }

  /** What is shown may be of another window: nothing is better. @param {string} message */
  unread(message) {
    this.none.hidden = true;
    this.list.replaceChildren();
    this.trouble.hidden = false;
    setText(this.trouble, t("use.failed", { message }));
  }

  /** @param {Note} note */
  item(note) {
    const date = dayText("UTC", Date.parse(`${note.date}T12:00Z`));
    const { id } = note;
    const aside = id === null ? h("span", { class: "note" }, t("use.note_file")) : h("button", { type: "button", "aria-label": t("use.note_remove", { date }) }, "×");
    if (id !== null) aside.addEventListener("click", () => void this.remove(id));
    return h("li", {}, h("strong", {}, date), h("span", { class: "note-text" }, note.text), aside);
  }

  async add() {
    const where = this.where();
    if (!where) return;
    await this.kept(tell("POST", [where.site, "notes"], { date: this.date.value, text: this.text.value }));
  }

  /** @param {string} id */
  async remove(id) {
    const where = this.where();
    if (where) await this.kept(tell("DELETE", [where.site, "notes", id]));
  }

  /** @param {Promise<void>} asked */
  async kept(asked) {
    try {
      await asked;
      this.text.value = "";
      this.changed();
    } catch (error) {
      this.failed(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {string} message */
  failed(message) {
    this.trouble.hidden = false;
    setText(this.trouble, t("use.note_failed", { message }));
  }
}
