// One case: the clip, the timeline and the receipt on one clock, and the decision.
import { growAges, themeButton, toast } from "./chrome.js";
import { Decide } from "./decide.js";
import { bindKeys, helpDialog } from "./keys.js";
import { listen } from "./live.js";
import { Player } from "./player.js";
import { Receipt } from "./receipt.js";
import { Timeline } from "./timeline.js";

const root = document.getElementById("case");
const { case: caseId, query } = root.dataset;
const panel = document.getElementById("panel");
const decide = new Decide(panel);
const video = document.getElementById("clip");
const axis = document.getElementById("timeline");
const receiptLines = document.getElementById("receipt");
const receipt = receiptLines && new Receipt(receiptLines);
const player = video && new Player(video, document.getElementById("transport"));
const gap = Number(axis.dataset.gap);

if (player) {
  const timeline = new Timeline(axis, player);
  player.addEventListener("time", ({ detail }) => {
    timeline.show(detail);
    receipt?.show(detail);
  });
  player.addEventListener("gap", () => player.hold(gap));
}

// Every mark, line and key frame moves the clip; without a clip a key frame opens as a picture.
root.addEventListener("click", (event) => {
  const link = event.target.closest("[data-seek]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.matches(".frames a") && !player) return;
  event.preventDefault();
  player?.hold(Number(link.dataset.seek));
  if (!player) receipt?.show(Number(link.dataset.seek));
});

/** The decision as it is now: somebody else may have been faster. */
async function refreshPanel() {
  const answer = await fetch(`/cases/${caseId}/panel/${query}`, { headers: { Accept: "text/html" } });
  if (answer.status === 404 || answer.redirected) return location.reload();
  if (!answer.ok) return;
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  const fresh = template.content.querySelector("[data-panel]");
  if (fresh.dataset.status === root.dataset.status) return;
  root.dataset.status = fresh.dataset.status;
  panel.replaceChildren(fresh);
  toast("This case changed while you were looking.");
}

function changed(id, what) {
  if (id !== caseId) return;
  if (what === "evidence" && !player && !decide.busy) location.reload();
  else if (what === "evidence" && !player) toast("The clip is ready.", { href: location.href, text: "Show it" });
  else refreshPanel();
}

const follow = (id) => () => document.getElementById(id)?.click();
const withClip = (action) => () => (player ? action() : false);
const numbers = Object.fromEntries([...Array(9).keys()].map((n) => [String(n + 1), () => decide.reason(n + 1)]));

function space(event) {
  if (!player || event.target.closest("button, summary, a")) return false;
  player.toggle();
}

themeButton();
growAges();
listen({ onCase: changed, onCatchUp: refreshPanel });
bindKeys({
  " ": space,
  ",": withClip(() => player.step(-1)),
  ".": withClip(() => player.step(1)),
  s: withClip(() => player.faster()),
  g: withClip(() => player.hold(gap)),
  c: () => decide.open("confirm"),
  d: () => decide.open("dismiss"),
  m: () => decide.open("more_context"),
  n: () => decide.note(),
  ...numbers,
  Enter: () => decide.submit(),
  Escape: () => decide.close(),
  j: follow("next"),
  k: follow("previous"),
  u: follow("back"),
  "?": helpDialog(),
});
