// The queue: cards come, change and go by themselves; j, k and Enter walk it.
import { growAges, themeButton, toast } from "./chrome.js";
import { bindKeys, helpDialog } from "./keys.js";
import { listen } from "./live.js";

const list = document.getElementById("queue");
const filter = list.dataset.query;
const cards = () => [...list.querySelectorAll(".card")];
const title = document.title.replace(/^\(\d+\) /, "");

function htmlOf(text) {
  const template = document.createElement("template");
  template.innerHTML = text.trim();
  return template.content.firstElementChild;
}

function count(number) {
  document.getElementById("queue-count").textContent = number;
  document.getElementById("queue-noun").textContent = number === 1 ? "case" : "cases";
  document.title = number ? `(${number}) ${title}` : title;
  document.getElementById("queue-empty").hidden = cards().length > 0;
}

function place(card) {
  const mark = card.dataset.mark;
  const below = cards().find((other) => other.dataset.mark < mark);
  if (below) below.before(card);
  else list.append(card);
}

async function refresh(id, what) {
  const answer = await fetch(`/cases/${id}/card/${filter}`, { headers: { Accept: "text/html" } });
  const old = document.getElementById(`case-${id}`);
  if (!answer.ok || answer.redirected) {
    old?.remove(); // no longer ours to see
    return;
  }
  const fresh = htmlOf(await answer.text());
  const known = document.getElementById(`case-${id}`);
  if ("gone" in fresh.dataset) {
    if (known) known.replaceWith(fresh);
  } else if (known?.classList.contains("card")) {
    const chosen = "chosen" in known.dataset;
    known.replaceWith(fresh);
    if (chosen) fresh.dataset.chosen = "";
  } else if (list.dataset.first) {
    known?.remove();
    fresh.classList.add("card--new");
    place(fresh);
    toast(fresh.querySelector(".card__title").textContent, { href: fresh.querySelector("a").href, text: "Open" });
  } else if (what === "created") {
    toast("A new case arrived.", { href: `/${filter}`, text: "Show it" });
  }
  count(Number(answer.headers.get("X-Case-Count")));
  marginSoon();
}

// The counts and the lanes stand beside the list: refreshed a moment after it changed, and now and then.
const MARGIN_SOON_MS = 1500;
const MARGIN_EVERY_MS = 30_000;
let soon;

async function refreshMargin() {
  clearTimeout(soon);
  soon = undefined;
  const answer = await fetch(`/queue/margin/${filter}`, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of fresh.querySelectorAll("#queue-counts, #lanes")) {
    document.getElementById(part.id).replaceWith(document.adoptNode(part));
  }
}

function marginSoon() {
  soon ??= setTimeout(() => refreshMargin().catch(() => {}), MARGIN_SOON_MS);
}

// Changes of one case follow each other; those of different cases do not wait.
const last = new Map();
function queued(id, what) {
  const next = (last.get(id) ?? Promise.resolve()).then(() => refresh(id, what)).catch(() => {});
  last.set(id, next);
  next.then(() => { if (last.get(id) === next) last.delete(id); });
}

/** After a gap in the stream: the list as it is now, keeping the notes about what went. */
async function catchUp() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById("queue");
  const missing = cards().filter((card) => !now.querySelector(`#${CSS.escape(card.id)}`));
  for (const fresh of now.querySelectorAll(".card")) {
    const known = document.getElementById(fresh.id);
    if (known?.classList.contains("card")) known.replaceWith(document.adoptNode(fresh));
    else {
      known?.remove();
      fresh.classList.add("card--new");
      place(document.adoptNode(fresh));
    }
  }
  for (const card of missing) queued(card.dataset.case, "changed");
  count(Number(page.getElementById("queue-count").textContent));
  marginSoon();
}

function choose(step) {
  const all = cards();
  if (!all.length) return;
  const at = all.findIndex((card) => "chosen" in card.dataset);
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  all[at]?.removeAttribute("data-chosen");
  next.dataset.chosen = "";
  next.querySelector("a").focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function openChosen() {
  const link = list.querySelector(".card[data-chosen] a") ?? cards()[0]?.querySelector("a");
  if (document.activeElement?.closest("a, button")) return false;
  link?.click();
}

const form = document.getElementById("filter");
form.addEventListener("change", () => form.requestSubmit());
form.addEventListener("submit", () => {
  for (const field of form.querySelectorAll("select")) field.disabled = !field.value;
});
document.getElementById("filter-apply").hidden = true;

themeButton();
growAges();
setInterval(() => { if (!document.hidden) marginSoon(); }, MARGIN_EVERY_MS);
listen({ onCase: queued, onCatchUp: catchUp });
bindKeys({ j: () => choose(1), k: () => choose(-1), Enter: openChosen, "?": helpDialog() });
