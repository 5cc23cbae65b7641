// A small till: every key gives the events that a till would send. Nothing here knows of the page or of the network.

export const money = (cents) => (cents < 0 ? "-" : "") + (Math.abs(cents) / 100).toFixed(2);

/** What a key cannot do now; the message is for the person at the till. */
export class NotNow extends Error {}

export class Register {
  #number = 0;
  #tickets = 0;
  #parked = [];

  /** `session` keeps ids apart from those of every other time that somebody tries this terminal. */
  constructor(terminal, session, source) {
    Object.assign(this, { terminal, session, source, operator: "", training: false, ticket: null });
  }

  get total() {
    return this.#live().reduce((sum, line) => sum + line.cents, 0);
  }

  get parked() {
    return this.#parked.length;
  }

  /** `quantity`: pieces, or kilograms where `how` is "weighed". */
  ring(article, how, quantity) {
    const opened = this.#opened();
    const line = this.#line("scan", article, quantity, Math.round(article.cents * quantity));
    return [...opened, this.#event("scan", { ...this.#about(line), entry_method: how }, line.number)];
  }

  giveBack(article, quantity) {
    const opened = this.#opened();
    const line = this.#line("return", article, quantity, -Math.round(article.cents * quantity));
    return [...opened, this.#event("return", { ...this.#about(line), reason: "brought back" }, line.number)];
  }

  discount(cents) {
    this.#some();
    const line = this.#line("discount", { gtin: "", name: "Discount", cents: -cents }, 1, -cents);
    return [this.#event("discount", { description: line.name, amount: money(line.cents), reason: "manual" }, line.number)];
  }

  voidLine(line) {
    this.#standing(line);
    line.voided = true;
    const data = { ...this.#about(line), quantity: -line.quantity, amount: money(-line.cents), voids_line: line.number };
    return [this.#event("void", data, ++this.ticket.numbers)];
  }

  quantity(line, quantity) {
    this.#standing(line);
    Object.assign(line, { quantity, cents: Math.sign(line.cents || 1) * Math.round(Math.abs(line.unit) * quantity) });
    return [this.#event("quantity_change", { ...this.#about(line), changes_line: line.number }, ++this.ticket.numbers)];
  }

  price(line, cents) {
    this.#standing(line);
    Object.assign(line, { unit: cents, cents: Math.sign(line.cents || 1) * Math.round(cents * line.quantity) });
    const data = { ...this.#about(line), changes_line: line.number, reason: "marked down" };
    return [this.#event("price_override", data, ++this.ticket.numbers)];
  }

  subtotal() {
    this.#some();
    return [this.#event("subtotal", { amount: money(this.total) })];
  }

  /** Without `cents` all that is owed; when it is paid the ticket closes. */
  tender(kind, cents) {
    this.#some();
    const owed = this.total - this.ticket.paid;
    const given = cents ?? owed;
    this.ticket.paid += given;
    const events = [this.#event("tender", { tender: kind, amount: money(given) })];
    const change = this.ticket.paid - this.total;
    if (change < 0) return events;
    if (change > 0) events.push(this.#event("tender", { tender: kind, amount: money(-change), reason: "change" }));
    if (kind === "cash") events.push(this.#event("drawer_open", { reason: "tender" }));
    events.push(this.#event("ticket_close", { amount: money(this.total) }));
    this.ticket = null;
    return events;
  }

  suspend() {
    this.#some();
    const events = [this.#event("ticket_suspend")];
    this.#parked.push(this.ticket);
    this.ticket = null;
    return events;
  }

  resume() {
    if (this.ticket) throw new NotNow("Close, suspend or cancel this ticket first.");
    if (!this.#parked.length) throw new NotNow("No ticket is suspended.");
    this.ticket = this.#parked.pop();
    return [this.#event("ticket_resume")];
  }

  cancel() {
    this.#some();
    const events = [this.#event("ticket_cancel", { amount: money(this.total) })];
    this.ticket = null;
    return events;
  }

  noSale() {
    if (this.ticket) throw new NotNow("No sale is for a till without an open ticket. Close or suspend it first.");
    return [this.#event("no_sale", { reason: "change given" })];
  }

  drawer() {
    return [this.#event("drawer_open", { reason: "manual" })];
  }

  sign(on) {
    return [this.#event(on ? "operator_sign_on" : "operator_sign_off")];
  }

  /** A ticket is of the training mode or it is not, so it says so when it opens. */
  train() {
    if (this.ticket) throw new NotNow("Training begins and ends between tickets.");
    this.training = !this.training;
  }

  /** `events` as if they were others: new ids and tickets, `shift_s` later. */
  renewed(events, suffix, shift_s = 0) {
    return events.map((event) => ({
      ...event,
      id: `${event.id}-${suffix}`,
      ...(event.transaction && { transaction: `${event.transaction}-${suffix}` }),
      occurred_at: moved(event.occurred_at, shift_s),
    }));
  }

  #opened() {
    if (this.ticket) return [];
    const name = `${this.terminal}-try-${this.session}-${String(++this.#tickets).padStart(4, "0")}`;
    this.ticket = { name, lines: [], numbers: 0, paid: 0, training: this.training };
    const events = [this.#event("ticket_open")];
    if (this.training) events.push(this.#event("training_mode"));
    return events;
  }

  #line(type, article, quantity, cents) {
    const line = { type, number: ++this.ticket.numbers, gtin: article.gtin, name: article.name, quantity, cents };
    Object.assign(line, { unit: article.cents, voided: false });
    this.ticket.lines.push(line);
    return line;
  }

  #about(line) {
    return {
      gtin: line.gtin,
      description: line.name,
      quantity: line.quantity,
      unit_price: money(Math.abs(line.unit)),
      amount: money(line.cents),
    };
  }

  #event(type, data = {}, line) {
    return {
      id: `${this.terminal}-try-${this.session}-${String(++this.#number).padStart(6, "0")}`,
      terminal: this.terminal,
      type,
      occurred_at: instant(new Date()),
      ...(this.ticket && { transaction: this.ticket.name }),
      ...(line && { line }),
      ...(this.operator && { operator: this.operator }),
      data: { ...data, ...(this.ticket?.training && { training: true }), source: this.source },
    };
  }

  #live() {
    return this.ticket ? this.ticket.lines.filter((line) => !line.voided) : [];
  }

  #some() {
    if (!this.#live().length) throw new NotNow("Ring up an article first.");
  }

  #standing(line) {
    if (!line || line.voided || line.type === "discount") throw new NotNow("Choose an article's line that stands, with the arrow keys.");
  }
}

/** What cannot be read stays: the server says what is wrong with it. */
function moved(occurred_at, shift_s) {
  const at = Date.parse(occurred_at);
  return Number.isNaN(at) ? occurred_at : instant(new Date(at + shift_s * 1000));
}

/** RFC 3339 with this computer's offset, as a till writes its own clock. */
export function instant(date) {
  const minutes = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1);
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  return `${local}${minutes < 0 ? "-" : "+"}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}
