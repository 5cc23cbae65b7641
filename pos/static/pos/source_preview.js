// What a till's source sends, asked for each second while somebody can see it; and options tried on it.
(() => {
  const EVERY_MS = 1000;
  const root = document.querySelector("[data-source-preview]");
  const part = (name) => root.querySelector(`[data-part="${name}"]`);

  function cell(text, name) {
    const made = document.createElement("td");
    made.textContent = text ?? "";
    if (name) made.className = name;
    return made;
  }

  function fill(body, rows, cells, none) {
    const made = rows.map((row) => {
      const line = document.createElement("tr");
      line.append(...cells(row));
      return line;
    });
    if (!made.length) {
      const line = document.createElement("tr");
      line.append(cell(none));
      line.firstChild.colSpan = 6;
      made.push(line);
    }
    body.replaceChildren(...made);
  }

  const clock = (at) => {
    const read = new Date(at);
    return Number.isNaN(read.getTime()) ? at : read.toLocaleTimeString();
  };
  const event = (row) => [
    cell(clock(row.at)), cell(row.transaction), cell(row.line), cell(row.type), cell(row.description),
    cell(row.amount, "source-amount"),
  ];
  const refusal = (row) => [cell(row.part), cell(`${row.detail} (${row.code})`)];

  function say(element, text) {
    element.textContent = text;
    element.hidden = !text;
  }

  function show(data) {
    const text = part("text");
    if (text && text.textContent !== data.text) {
      const atEnd = text.scrollTop + text.clientHeight >= text.scrollHeight - 8;
      text.textContent = data.text;
      if (atEnd) text.scrollTop = text.scrollHeight;
    }
    fill(part("understood"), [...data.understood].reverse(), event, "Nothing yet.");
    fill(part("refused"), [...data.refused].reverse(), refusal, "Nothing.");
    const heard = data.heard_at ? `last heard ${new Date(data.heard_at).toLocaleString()}` : "never heard yet";
    part("state").textContent =
      `${heard}; ${data.events} events, ${data.refusals} parts refused, ${data.strangers} senders refused.`;
    say(part("error"), data.error);
  }

  async function look() {
    if (document.visibilityState === "visible") {
      try {
        const answer = await fetch(root.dataset.data, { headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(`the server says ${answer.status}`);
        show(await answer.json());
      } catch (error) {
        say(part("error"), `What comes could not be asked for (${error.message}). It is tried again.`);
      }
    }
  }

  let waiting;
  async function keepLooking() {
    clearTimeout(waiting);
    await look();
    clearTimeout(waiting);
    if (document.visibilityState === "visible") waiting = setTimeout(keepLooking, EVERY_MS);
  }

  async function attempt(submitted) {
    submitted.preventDefault();
    try {
      const answer = await fetch(root.dataset.try, { method: "POST", body: new FormData(part("form")) });
      if (!answer.ok) throw new Error(`the server says ${answer.status}`);
      const data = await answer.json();
      say(part("problem"), data.problem);
      part("tried").hidden = Boolean(data.problem);
      fill(part("tried-understood"), data.understood, event, "Nothing.");
      fill(part("tried-refused"), data.refused, refusal, "Nothing is refused.");
    } catch (error) {
      say(part("problem"), `They could not be tried (${error.message}).`);
    }
  }

  document.addEventListener("visibilitychange", keepLooking);
  part("form")?.addEventListener("submit", attempt);
  keepLooking();
})();
