// A file of events, or a document of another system: first what is understood of it, then sent.
import { line } from "./wire.js";

const $ = (id) => document.getElementById(id);
const SHOWN = 50;

export class FileToSend {
  #events = [];

  constructor(page, wire, place) {
    Object.assign(this, { page, wire, place });
    $("preview").addEventListener("click", () => this.preview());
    $("send-file").addEventListener("click", () => this.send());
    for (const id of ["kind", "file", "text", "mine", "terminal"]) $(id).addEventListener("change", () => this.#forget());
  }

  async preview() {
    const body = $("file").files[0] ?? $("text").value;
    if (body === "") {
      this.#forget("Choose a file or paste something first.");
      return;
    }
    const { terminal, currency } = this.place();
    const query = new URLSearchParams({ kind: $("kind").value, terminal, currency });
    const { status, told } = await this.wire.post(`${this.page.dataset.read}?${query}`, body, "application/octet-stream");
    if (status !== 200) {
      this.#forget(told.detail);
      return;
    }
    this.#events = told.events.map((event) => this.#prepared(event, terminal));
    this.#show(told.refused);
  }

  send() {
    if (this.#events.length) this.wire.send(this.place().address, this.#events);
    $("sent").closest("section").scrollIntoView({ block: "start" });
  }

  /** Marked, as everything that this page sends; of the chosen terminal, where that was asked for or none is named. */
  #prepared(event, terminal) {
    const data = event.data ?? {};
    const marked = typeof data === "object" && !Array.isArray(data) ? { ...data, source: this.page.dataset.source } : data;
    return { ...event, terminal: $("mine").checked ? terminal : (event.terminal ?? terminal), data: marked };
  }

  #show(refused) {
    const count = this.#events.length;
    const more = count > SHOWN ? ` The first ${SHOWN}:` : "";
    $("understood").textContent = `${count} event${count === 1 ? "" : "s"} understood, ${refused.length} part${refused.length === 1 ? "" : "s"} not.${more}`;
    $("refused").replaceChildren(...refused.slice(0, SHOWN).map((one) => line(one.part, one.code, one.detail)));
    $("events").replaceChildren(...this.#events.slice(0, SHOWN).map(row));
    $("events-frame").hidden = !count;
    $("send-file").hidden = !count;
    $("send-file").textContent = `Send ${count === 1 ? "this event" : `these ${count} events`}`;
  }

  /** What was understood is of another choice. */
  #forget(why = "") {
    this.#events = [];
    $("understood").textContent = why;
    $("refused").replaceChildren();
    $("events-frame").hidden = true;
    $("send-file").hidden = true;
  }
}

function row(event) {
  const data = event.data ?? {};
  const about = [data.description, data.quantity, data.amount].filter((part) => part !== undefined && part !== null && part !== "");
  const row = document.createElement("tr");
  for (const text of [event.occurred_at, event.terminal, event.transaction, event.type, about.join(" ")]) {
    const cell = document.createElement("td");
    cell.textContent = text ?? "";
    row.append(cell);
  }
  return row;
}
