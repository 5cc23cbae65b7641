// The clip: plays at once, silent and in a loop; steps by frame; tells where it stands.

const SPEEDS = [1, 0.5, 0.25, 2];
const FALLBACK_FRAME_S = 1 / 12;

export class Player extends EventTarget {
  #frame = FALLBACK_FRAME_S;
  #lastMedia = null;

  /** `transport` holds the buttons. Dispatches "time" with `detail` in seconds. */
  constructor(video, transport) {
    super();
    this.video = video;
    this.transport = transport;
    transport.hidden = false;
    transport.addEventListener("click", (event) => this.#press(event.target.closest("[data-do]")?.dataset.do));
    video.addEventListener("click", () => this.toggle());
    for (const name of ["play", "pause"]) video.addEventListener(name, () => this.#show());
    for (const name of ["seeked", "loadedmetadata"]) video.addEventListener(name, () => this.#tell(video.currentTime));
    video.addEventListener("loadedmetadata", () => { if (!video.paused) this.#start(); }, { once: true });
    this.#watch();
    this.#start();
    this.#show();
  }

  #start() {
    this.video.play().catch(() => this.#show()); // a browser that refuses shows the play button
  }

  // requestVideoFrameCallback is exact; where it is missing, the animation frame is close enough.
  #watch() {
    if ("requestVideoFrameCallback" in HTMLVideoElement.prototype) {
      const each = (_, { mediaTime }) => {
        const step = mediaTime - (this.#lastMedia ?? mediaTime);
        if (step > 0.005 && step < 0.2 && this.video.playbackRate <= 1) this.#frame = step;
        this.#lastMedia = mediaTime;
        this.#tell(mediaTime);
        this.video.requestVideoFrameCallback(each);
      };
      this.video.requestVideoFrameCallback(each);
    } else {
      const each = () => {
        this.#tell(this.video.currentTime);
        requestAnimationFrame(each);
      };
      requestAnimationFrame(each);
    }
  }

  #tell(seconds) {
    this.dispatchEvent(new CustomEvent("time", { detail: seconds }));
  }

  #show() {
    const playing = !this.video.paused;
    const button = this.transport.querySelector('[data-do="play"]');
    button.setAttribute("aria-label", playing ? "Pause" : "Play");
    button.querySelector('[data-when="playing"]').hidden = !playing;
    button.querySelector('[data-when="paused"]').hidden = playing;
  }

  #press(what) {
    if (what === "play") this.toggle();
    if (what === "back") this.step(-1);
    if (what === "forward") this.step(1);
    if (what === "speed") this.faster();
    if (what === "gap") this.dispatchEvent(new Event("gap"));
  }

  toggle() {
    if (this.video.paused) this.#start();
    else this.video.pause();
  }

  /** To the middle of the next or previous frame, so that rounding never shows the same one twice. */
  step(frames) {
    this.video.pause();
    const at = Math.floor(this.video.currentTime / this.#frame + 1e-3) + frames;
    this.seek((at + 0.5) * this.#frame);
  }

  seek(seconds) {
    const end = Number.isFinite(this.video.duration) ? this.video.duration - 0.01 : Infinity;
    this.video.currentTime = Math.min(Math.max(seconds, 0), Math.max(end, 0));
  }

  /** Show one instant and hold it. */
  hold(seconds) {
    this.video.pause();
    this.seek(seconds);
  }

  faster() {
    const next = SPEEDS[(SPEEDS.indexOf(this.video.playbackRate) + 1) % SPEEDS.length];
    this.video.playbackRate = next;
    this.transport.querySelector('[data-do="speed"]').textContent = `${next}×`;
  }
}
