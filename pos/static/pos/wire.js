// What goes over the wire and what comes back, shown as it is.

const $ = (id) => document.getElementById(id);

export class Wire {
  #token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  #queue = Promise.resolve();
  last = null; // the batch that was sent last, as events

  constructor(most, changed) {
    this.most = most;
    this.changed = changed;
  }

  /** Send `events` in batches to `address`; one after the other, whatever is pressed meanwhile. */
  send(address, events) {
    this.last = { address, events };
    const batches = [];
    for (let first = 0; first < events.length; first += this.most) batches.push(events.slice(first, first + this.most));
    this.#queue = this.#queue.then(() => this.#all(address, batches));
    return this.#queue;
  }

  /** Send a body that need not be a batch. */
  sendText(address, text) {
    this.#queue = this.#queue.then(async () => {
      this.#sent(text, "1 body");
      this.#answered([{ events: [], ...(await this.post(address, text, "application/json")) }]);
    });
    return this.#queue;
  }

  /** `{status, told}`; `told` is null where no answer came. */
  async post(address, body, type) {
    try {
      const headers = { "X-CSRFToken": this.#token, "Content-Type": type };
      const answer = await fetch(address, { method: "POST", headers, body });
      if (answer.redirected) return { status: 401, told: { detail: "You are signed out. Sign in again, in another tab." } };
      const json = answer.headers.get("Content-Type")?.startsWith("application/json");
      const told = json ? await answer.json() : { detail: `${answer.status} ${answer.statusText}` };
      return { status: answer.status, told };
    } catch (error) {
      return { status: 0, told: { detail: `No answer: ${error.message}. Nothing is lost: send it again.` } };
    }
  }

  async #all(address, batches) {
    const answers = [];
    for (const batch of batches) {
      const text = JSON.stringify(batch, null, 1);
      this.#sent(text, `${batch.length} event${batch.length === 1 ? "" : "s"}`);
      answers.push({ events: batch, ...(await this.post(address, text, "application/json")) });
      this.#answered(answers);
      if (answers.at(-1).status !== 200) break;
    }
  }

  #sent(text, count) {
    $("sent").textContent = text.length > 20_000 ? `${text.slice(0, 20_000)}\n… ${text.length} characters in all` : text;
    $("sent").scrollTop = 0;
    $("sent-as").textContent = `${count}, ${new TextEncoder().encode(text).length.toLocaleString("en")} bytes`;
  }

  #answered(answers) {
    const { status, told } = answers.at(-1);
    const good = status === 200;
    $("status").hidden = false;
    $("status").textContent = status || "no answer";
    $("status").dataset.good = good;
    $("counts").textContent = good ? counts(answers) : `${told.detail}${told.code ? ` (${told.code})` : ""}`;
    $("brief").textContent = good ? $("counts").textContent : `${status || "no answer"}`;
    $("rejected").replaceChildren(...answers.flatMap((one) => (one.told.rejected ?? []).map((no) => item(no, one.events))));
    this.changed();
  }
}

function counts(answers) {
  const sum = (name) => answers.reduce((all, one) => all + (one.told[name] ?? 0), 0);
  const rejected = answers.reduce((all, one) => all + (one.told.rejected?.length ?? 0), 0);
  return `${sum("accepted")} accepted, ${sum("duplicates")} known before, ${rejected} rejected`;
}

function item(rejected, events) {
  const event = events[rejected.index];
  return line(`${rejected.index}${event?.id ? `, ${event.id}` : ""}`, rejected.code, rejected.detail);
}

/** One line of a list of what was not taken. */
export function line(place, code, detail) {
  const row = document.createElement("li");
  const name = document.createElement("b");
  name.textContent = code;
  row.append(name, ` at ${place}: ${detail}`);
  return row;
}
