// One websocket that says which case changed. Reconnects with growing pauses, tells its state, and after every
// gap asks the page to catch up: what was said meanwhile is not repeated.

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const PING_MS = 25_000;
const SILENCE_MS = 10_000;
const SIGNED_OUT = 4401;
const WORDS = { live: "Live", connecting: "Connecting", waiting: "Reconnecting" };

/**
 * @param {{onCase: (id: string, what: string) => void, onCatchUp: () => void}} page
 *   onCatchUp is called after a reconnection, and when the stores this person may see have shrunk.
 */
export function listen({ onCase, onCatchUp }) {
  const sign = document.getElementById("live");
  let pause = FIRST_PAUSE_MS;
  let connectedBefore = false;
  let socket, pinging, silence, waiting;

  const show = (state) => {
    if (!sign || sign.dataset.state === state) return;
    sign.dataset.state = state;
    sign.querySelector("span").textContent = WORDS[state];
  };

  function connect() {
    clearTimeout(waiting);
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/cases/`);
    socket.addEventListener("message", (event) => heard(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => lost(event.code));
  }

  function heard(message) {
    clearTimeout(silence);
    if (message.type === "ready") ready();
    if (message.type === "case") onCase(message.id, message.what);
    if (message.type === "stores") onCatchUp();
  }

  function ready() {
    show("live");
    pause = FIRST_PAUSE_MS;
    if (connectedBefore) onCatchUp();
    connectedBefore = true;
    clearInterval(pinging);
    pinging = setInterval(ping, PING_MS);
  }

  function ping() {
    socket.send('{"type":"ping"}');
    clearTimeout(silence);
    silence = setTimeout(() => socket.close(), SILENCE_MS);
  }

  function lost(code) {
    clearInterval(pinging);
    clearTimeout(silence);
    if (code === SIGNED_OUT) {
      location.reload(); // leads to the sign-in page and back here
      return;
    }
    show("waiting");
    waiting = setTimeout(connect, pause * (0.75 + Math.random() / 2));
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }

  // A laptop that wakes up should not wait for its pause to end.
  addEventListener("online", () => { if (socket.readyState === WebSocket.CLOSED) connect(); });
  connect();
}
