// The page where a till can be tried: its keys, its receipt, and what else can happen to a batch.
import { growAges, themeButton } from "../js/chrome.js";
import { bindKeys, helpDialog } from "../js/keys.js";
import { FileToSend } from "./file.js";
import { NotNow, Register, money } from "./register.js";
import { Wire } from "./wire.js";

const $ = (id) => document.getElementById(id);
const LATE_S = -2 * 3600;

class Till {
  how = "scanned";
  chosen = null;
  #variants = 0;

  constructor(page) {
    this.wire = new Wire(Number(page.dataset.most), () => this.#buttons());
    this.source = page.dataset.source;
    this.page = page;
    this.registers = new Map(); // a terminal that is come back to is as it was left
    this.#choose();
    $("terminal").addEventListener("change", () => this.#choose());
    for (const button of page.querySelectorAll("[data-how]")) button.addEventListener("click", () => this.mode(button.dataset.how));
    for (const button of this.articles) button.addEventListener("click", () => this.article(button));
    for (const button of page.querySelectorAll("[data-act]")) button.addEventListener("click", () => this.act(button.dataset.act));
    for (const button of page.querySelectorAll("[data-wire]")) button.addEventListener("click", () => this.resend(button.dataset.wire));
    this.file = new FileToSend(page, this.wire, () => this.place);
  }

  get place() {
    const option = $("terminal").selectedOptions[0];
    return { terminal: option.value, address: option.dataset.send, currency: option.dataset.currency };
  }

  get articles() {
    return this.page.querySelectorAll("[data-gtin]");
  }

  mode(how) {
    this.how = how;
    for (const button of this.page.querySelectorAll("[data-how]")) button.setAttribute("aria-pressed", button.dataset.how === how);
  }

  article(button) {
    const { gtin, name, cents, weighed } = button.dataset;
    const article = { gtin, name, cents: Number(cents) };
    const how = weighed === undefined ? (this.how === "weighed" ? "scanned" : this.how) : "weighed";
    this.does((till) => till.ring(article, how, this.#number() ?? (how === "weighed" ? 0.75 : 1)));
    this.last = article;
  }

  act(name) {
    const acts = {
      void: (till) => till.voidLine(this.chosen),
      quantity: (till) => till.quantity(this.chosen, this.#number("a quantity")),
      price: (till) => till.price(this.chosen, cents(this.#number("a price"))),
      discount: (till) => till.discount(cents(this.#number() ?? 1)),
      giveBack: (till) => till.giveBack(this.#brought(), this.#number() ?? 1),
      subtotal: (till) => till.subtotal(),
      cash: (till) => till.tender("cash", optional(this.#number())),
      card: (till) => till.tender("card", optional(this.#number())),
      suspend: (till) => till.suspend(),
      resume: (till) => till.resume(),
      cancel: (till) => till.cancel(),
      noSale: (till) => till.noSale(),
      drawer: (till) => till.drawer(),
      training: (till) => till.train(),
      signOn: (till) => till.sign(true),
      signOff: (till) => till.sign(false),
    };
    this.does(acts[name]);
  }

  /** Do it, show it, send what it gave. */
  does(act) {
    this.register.operator = $("operator").value.trim();
    try {
      const events = act(this.register) ?? [];
      $("number").value = "";
      this.chosen = this.register.ticket?.lines.findLast((line) => !line.voided) ?? null;
      this.draw(events);
      if (events.length) this.wire.send(this.place.address, events);
    } catch (error) {
      if (!(error instanceof NotNow)) throw error;
      $("said").textContent = error.message;
    }
  }

  /** What else can happen to the batch that was sent last. */
  resend(how) {
    const last = this.wire.last;
    if (!last) return;
    const name = `${how}${++this.#variants}`;
    if (how === "again") this.wire.send(last.address, last.events);
    if (how === "late") this.wire.send(last.address, this.register.renewed(last.events, name, LATE_S));
    if (how === "broken") this.wire.send(last.address, broken(this.register.renewed(last.events.slice(0, 1), name)[0]));
    if (how === "cut") {
      const text = JSON.stringify(last.events);
      this.wire.sendText(last.address, text.slice(0, text.length / 2));
    }
  }

  step(by) {
    const lines = this.register.ticket?.lines ?? [];
    const next = lines[lines.indexOf(this.chosen) + by];
    if (!next || document.activeElement?.closest("pre")) return false;
    this.chosen = next;
    this.draw();
  }

  draw(events) {
    const { ticket, total, parked, training } = this.register;
    const state = ticket ? ticket.name.split("-").at(-1) : "no ticket";
    $("state").textContent = [state, parked && `${parked} suspended`, training && "training"].filter(Boolean).join(" · ");
    $("total").textContent = `${money(total)} ${this.place.currency}`;
    $("lines").replaceChildren(...(ticket?.lines ?? []).map((line) => this.#row(line)));
    $("lines").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    this.page.querySelector("[data-act=training]").setAttribute("aria-pressed", training);
    if (events) $("said").textContent = events.map((event) => event.type.replaceAll("_", " ")).join(", ") || "Nothing is sent for this.";
  }

  #choose() {
    const { terminal, currency } = this.place;
    if (!this.registers.has(terminal)) this.registers.set(terminal, new Register(terminal, session(), this.source));
    this.register = this.registers.get(terminal);
    this.chosen = this.register.ticket?.lines.at(-1) ?? null;
    for (const button of this.articles) {
      const per = button.dataset.weighed === undefined ? "" : " /kg";
      button.querySelector("[data-price]").textContent = `${money(Number(button.dataset.cents))} ${currency}${per}`;
    }
    this.draw();
  }

  #row(line) {
    const row = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "till__line";
    if (line.voided) button.dataset.voided = "";
    if (line === this.chosen) button.setAttribute("aria-current", "true");
    const what = line.quantity === 1 ? line.name : `${line.quantity} × ${line.name}`;
    for (const text of [line.number, what, money(line.cents)]) {
      const part = document.createElement("span");
      part.textContent = text;
      button.append(part);
    }
    button.addEventListener("click", () => {
      this.chosen = line;
      this.draw();
    });
    row.append(button);
    return row;
  }

  /** What stands in the number field; null where nothing does. */
  #number(wanted) {
    const text = $("number").value.trim().replace(",", ".");
    if (!text && wanted) {
      $("number").focus();
      throw new NotNow(`Write ${wanted} first, then press the key again.`);
    }
    if (!text) return null;
    if (!/^\d{1,6}(\.\d{1,3})?$/.test(text)) throw new NotNow(`${text} is no number. Write one such as 2 or 0.75.`);
    return Number(text);
  }

  #brought() {
    const line = this.chosen;
    const article = line && line.type !== "discount" ? { gtin: line.gtin, name: line.name, cents: Math.abs(line.unit) } : this.last;
    if (!article) throw new NotNow("Ring up the article once, so that it is known what comes back.");
    return article;
  }

  #buttons() {
    for (const button of this.page.querySelectorAll("[data-wire]")) button.disabled = !this.wire.last;
  }
}

const cents = (number) => Math.round(number * 100);
const optional = (number) => (number === null ? undefined : cents(number));
// getRandomValues is there on plain http too, as in a store's own network.
const session = () => Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** One good event between four mistakes that integrators make. */
function broken(event) {
  const { id, ...nameless } = event;
  return [
    { ...event, id: `${id}-1`, type: "scna" },
    { ...event, id: `${id}-2`, occurred_at: "yesterday" },
    nameless,
    { ...event, id: `${id}-4`, data: { ...event.data, amount: "seven" } },
    event,
  ];
}

const page = $("till");
if (page) {
  const till = new Till(page);
  const press = (selector) => () => {
    const button = page.querySelector(selector);
    if (!button || button.disabled) return false;
    button.click();
  };
  const keys = { "/": () => $("number").focus(), "?": helpDialog(), ArrowDown: () => till.step(1), ArrowUp: () => till.step(-1) };
  const acts = { v: "void", q: "quantity", p: "price", d: "discount", r: "giveBack", t: "subtotal", c: "cash", e: "card", u: "suspend" };
  Object.assign(acts, { m: "resume", x: "cancel", n: "noSale", o: "drawer", g: "training", i: "signOn", f: "signOff" });
  for (const [key, act] of Object.entries(acts)) keys[key] = press(`[data-act=${act}]`);
  for (const [key, how] of Object.entries({ s: "scanned", k: "keyed", w: "weighed" })) keys[key] = press(`[data-how=${how}]`);
  for (const [key, how] of Object.entries({ a: "again", l: "late", b: "broken", h: "cut" })) keys[key] = press(`[data-wire=${how}]`);
  till.articles.forEach((button, place) => (keys[place + 1] = () => button.click()));
  bindKeys(keys);
  $("number").addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.target.blur();
  });
} else {
  bindKeys({ "?": helpDialog() });
}
themeButton();
growAges();
