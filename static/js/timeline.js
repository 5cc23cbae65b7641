// The axis under the clip: its playhead follows, and pointing at it moves the clip.

export class Timeline {
  /** `element` carries start, end, clip start (Unix seconds) and the store's zone in its data. */
  constructor(element, player) {
    const { start, end, clipStart, zone } = element.dataset;
    this.start = Number(start);
    this.span = Number(end) - this.start;
    this.clipStart = Number(clipStart);
    this.player = player;
    this.drawing = element.querySelector("svg[role=group]");
    this.playhead = element.querySelector("#playhead");
    this.scrub = element.querySelector("#scrub");
    this.clock = document.getElementById("clock");
    this.format = new Intl.DateTimeFormat("en-GB", {
      hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 1, timeZone: zone,
    });
    this.playhead.removeAttribute("hidden");
    this.scrub.disabled = false;
    this.scrub.addEventListener("input", () => player.hold(Number(this.scrub.value)));
    this.drawing.addEventListener("pointerdown", (event) => this.#drag(event));
  }

  show(seconds) {
    const at = this.clipStart + seconds;
    const x = `${(((at - this.start) / this.span) * 100).toFixed(3)}%`;
    const [line, knob] = this.playhead.children;
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    knob.setAttribute("cx", x);
    this.clock.textContent = this.format.format(new Date(at * 1000));
    if (document.activeElement !== this.scrub) this.scrub.value = seconds;
  }

  #drag(event) {
    if (event.target.closest("a") || event.button) return;
    this.drawing.setPointerCapture(event.pointerId);
    const move = (moved) => {
      const box = this.drawing.getBoundingClientRect();
      this.player.hold(this.start + ((moved.clientX - box.left) / box.width) * this.span - this.clipStart);
    };
    move(event);
    this.drawing.addEventListener("pointermove", move);
    this.drawing.addEventListener("pointerup", () => this.drawing.removeEventListener("pointermove", move), { once: true });
  }
}
