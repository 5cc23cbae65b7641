// Draws a camera's zones on its picture. The textarea below it holds the truth (what the form
// sends); without this script it is edited as text. Coordinates are shares of the picture, 0 to 1.
(() => {
  const WIDTH = 1000; // of the drawing, in its own units; the height follows the picture
  const STEP = 0.005;
  const NAMESPACE = "http://www.w3.org/2000/svg";

  const clamp = (value) => Math.round(Math.min(1, Math.max(0, value)) * 10000) / 10000;
  const percent = (value) => `${Math.round(value * 1000) / 10} %`;
  const middle = ([ax, ay], [bx, by]) => [(ax + bx) / 2, (ay + by) / 2];
  const centre = (polygon) => polygon.reduce(([x, y], p) => [x + p[0] / polygon.length, y + p[1] / polygon.length], [0, 0]);

  function crosses(polygon) {
    const side = (a, b, c) => Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
    return polygon.some((a, i) => {
      const b = polygon[(i + 1) % polygon.length];
      return polygon.some((c, j) => {
        const d = polygon[(j + 1) % polygon.length];
        return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
      });
    });
  }

  class Editor {
    constructor(root) {
      this.root = root;
      this.text = root.querySelector("textarea");
      this.part = (name) => root.querySelector(`[data-zones="${name}"]`);
      this.kinds = root.dataset.kinds.split(" ");
      this.height = (WIDTH * 9) / 16;
      this.chosen = 0;
      this.past = [];
      if (!this.read()) return;
      this.build();
      this.draw();
    }

    read() {
      try {
        this.zones = JSON.parse(this.text.value || "[]");
        return Array.isArray(this.zones) && this.zones.every((zone) => Array.isArray(zone.polygon));
      } catch {
        return false; // refused text stays text, with the form's message above it
      }
    }

    build() {
      for (const name of ["picture", "list"]) this.part(name).hidden = false;
      this.root.querySelector(".zones-tools").hidden = false;
      this.root.querySelector("details").open = false;
      for (const kind of this.kinds) this.part("kind").add(new Option(kind, kind));
      this.svg = this.element("svg", { role: "group", "aria-label": "Zones on the picture of the camera" });
      this.picture = this.element("image", { width: WIDTH, preserveAspectRatio: "none" });
      this.layer = this.element("g", {});
      this.svg.append(this.picture, this.layer);
      this.part("picture").append(this.svg);
      this.part("kind").addEventListener("change", () => this.kindChange());
      this.part("add").addEventListener("click", () => this.add());
      this.part("remove").addEventListener("click", () => this.remove());
      this.part("undo").addEventListener("click", () => this.undo());
      this.text.addEventListener("change", () => this.read() && this.draw());
      new ResizeObserver(() => this.draw()).observe(this.part("picture"));
      this.load();
    }

    load() {
      if (!this.root.dataset.snapshot) return this.say("Save the camera first; its picture appears once it has run.");
      const image = new Image();
      image.addEventListener("load", () => {
        this.height = (WIDTH * image.naturalHeight) / image.naturalWidth;
        this.picture.setAttribute("href", image.src);
        this.draw();
      });
      image.addEventListener("error", () => this.say("There is no picture of this camera yet: it appears once the camera has run."));
      image.src = this.root.dataset.snapshot;
    }

    element(name, attributes) {
      const made = document.createElementNS(NAMESPACE, name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      return made;
    }

    // --- changing -------------------------------------------------------------------------------------------
    change(act) {
      this.past.push(this.text.value);
      act();
      this.write();
      this.draw();
    }

    write() {
      this.text.value = JSON.stringify(this.zones);
      const wrong = this.zones.find((zone) => crosses(zone.polygon));
      this.say(wrong ? `The border of ${wrong.kind} crosses itself: it will be refused.` : "Not saved yet.", Boolean(wrong));
    }

    undo() {
      if (!this.past.length) return;
      this.text.value = this.past.pop();
      this.read();
      this.draw();
      this.say("Undone.");
    }

    add() {
      this.change(() => {
        this.zones.push({ kind: this.part("kind").value, polygon: [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]] });
        this.chosen = this.zones.length - 1;
      });
      this.focus(0);
    }

    remove() {
      if (!this.zones.length) return;
      this.change(() => {
        this.zones.splice(this.chosen, 1);
        this.chosen = Math.max(0, this.chosen - 1);
      });
    }

    kindChange() {
      if (this.zones[this.chosen]) this.change(() => { this.zones[this.chosen].kind = this.part("kind").value; });
    }

    cornerInsert(after) {
      const polygon = this.zones[this.chosen].polygon;
      const point = middle(polygon[after], polygon[(after + 1) % polygon.length]).map(clamp);
      this.change(() => polygon.splice(after + 1, 0, point));
      this.focus(after + 1);
    }

    cornerRemove(index) {
      const polygon = this.zones[this.chosen].polygon;
      if (polygon.length <= 3) return this.say("A zone keeps at least 3 corners: remove the zone instead.", true);
      this.change(() => polygon.splice(index, 1));
      this.focus(Math.max(0, index - 1));
    }

    cornerKey(event, index) {
      const step = event.shiftKey ? STEP * 5 : STEP;
      const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
      if (moves[event.key]) {
        const corner = this.zones[this.chosen].polygon[index];
        this.change(() => moves[event.key].forEach((by, axis) => { corner[axis] = clamp(corner[axis] + by); }));
        this.focus(index);
      } else if (event.key === "Delete" || event.key === "Backspace") this.cornerRemove(index);
      else if (event.key === "Enter" || event.key === "Insert") this.cornerInsert(index);
      else return;
      event.preventDefault();
    }

    // --- dragging -------------------------------------------------------------------------------------------
    at(event) {
      const box = this.svg.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    }

    drag(event, move) {
      event.preventDefault();
      const before = this.text.value;
      const from = this.at(event);
      const start = JSON.parse(JSON.stringify(this.zones[this.chosen].polygon));
      const onMove = (moved) => {
        const [x, y] = this.at(moved);
        this.zones[this.chosen].polygon = move(start, x - from[0], y - from[1]);
        this.draw();
      };
      const onEnd = () => {
        window.removeEventListener("pointermove", onMove);
        if (JSON.stringify(this.zones) === before) return;
        this.past.push(before);
        this.write();
        this.draw();
      };
      window.addEventListener("pointermove", onMove);
      window.addEventListener("pointerup", onEnd, { once: true });
      window.addEventListener("pointercancel", onEnd, { once: true });
    }

    dragCorner(event, index) {
      this.drag(event, (start, dx, dy) => start.map(([x, y], i) => (i === index ? [clamp(x + dx), clamp(y + dy)] : [x, y])));
      this.focus(index);
    }

    dragZone(event, index) {
      this.choose(index);
      this.drag(event, (start, dx, dy) => {
        // the whole zone stays in the picture, in its shape
        const room = (axis, by) => Math.min(1 - Math.max(...start.map((p) => p[axis])), Math.max(-Math.min(...start.map((p) => p[axis])), by));
        const [mx, my] = [room(0, dx), room(1, dy)];
        return start.map(([x, y]) => [clamp(x + mx), clamp(y + my)]);
      });
    }

    // --- showing --------------------------------------------------------------------------------------------
    choose(index) {
      this.chosen = index;
      this.draw();
    }

    focus(index) {
      this.layer.querySelector(`[data-corner="${index}"]`)?.focus();
    }

    say(sentence, wrong = false) {
      this.part("said").textContent = sentence;
      this.part("said").classList.toggle("wrong", wrong);
    }

    draw() {
      const focused = document.activeElement?.dataset?.corner;
      this.svg.setAttribute("viewBox", `0 0 ${WIDTH} ${this.height}`);
      this.picture.setAttribute("height", this.height);
      this.unit = WIDTH / (this.svg.clientWidth || WIDTH); // drawing units per screen pixel
      this.layer.replaceChildren();
      this.zones.forEach((zone, index) => this.drawZone(zone, index));
      if (this.zones[this.chosen]) this.drawHandles(this.zones[this.chosen]);
      this.drawList();
      if (focused !== undefined) this.focus(focused);
    }

    drawZone(zone, index) {
      const points = zone.polygon.map(([x, y]) => `${x * WIDTH},${y * this.height}`).join(" ");
      const chosen = index === this.chosen ? " chosen" : "";
      const area = this.element("polygon", { points, class: `zone-area zone-${zone.kind}${chosen}` });
      area.addEventListener("pointerdown", (event) => this.dragZone(event, index));
      const [x, y] = centre(zone.polygon);
      const name = this.element("text", { x: x * WIDTH, y: y * this.height, class: "zone-name", "font-size": 13 * this.unit, "stroke-width": 3 * this.unit });
      name.textContent = zone.kind;
      this.layer.append(area, name);
    }

    drawHandles(zone) {
      const count = zone.polygon.length;
      zone.polygon.forEach((corner, index) => {
        const [mx, my] = middle(corner, zone.polygon[(index + 1) % count]);
        const between = this.handle(mx, my, 4, `zone-between zone-${zone.kind}`);
        between.addEventListener("pointerdown", (event) => { event.preventDefault(); this.cornerInsert(index); });
      });
      zone.polygon.forEach((corner, index) => {
        const handle = this.handle(corner[0], corner[1], 7, `zone-corner zone-${zone.kind}`);
        const label = `Corner ${index + 1} of ${count} of ${zone.kind}: ${percent(corner[0])} from the left, ${percent(corner[1])} from the top`;
        for (const [key, value] of Object.entries({ tabindex: 0, role: "button", "aria-label": label, "data-corner": index })) handle.setAttribute(key, value);
        handle.addEventListener("pointerdown", (event) => this.dragCorner(event, index));
        handle.addEventListener("keydown", (event) => this.cornerKey(event, index));
      });
    }

    handle(x, y, radius, classes) {
      const group = this.element("g", { class: classes.split(" ").at(-1) });
      const at = { cx: x * WIDTH, cy: y * this.height };
      const dot = this.element("circle", { ...at, r: radius * this.unit, class: classes });
      // a wider grip than the dot, for fingers
      const grip = this.element("circle", { ...at, r: (radius + 7) * this.unit, class: "zone-grip" });
      grip.addEventListener("pointerdown", (event) => dot.dispatchEvent(new PointerEvent("pointerdown", event)));
      group.append(grip, dot);
      this.layer.append(group);
      return dot;
    }

    drawList() {
      this.part("list").replaceChildren(...this.zones.map((zone, index) => {
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.className = `zone-${zone.kind}`;
        button.textContent = zone.kind;
        button.setAttribute("aria-pressed", String(index === this.chosen));
        button.addEventListener("click", () => { this.choose(index); this.part("list").children[index].firstChild.focus(); });
        item.append(button);
        return item;
      }));
      if (this.zones[this.chosen]) this.part("kind").value = this.zones[this.chosen].kind;
      this.part("remove").disabled = !this.zones.length;
      this.part("undo").disabled = !this.past.length;
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const root of document.querySelectorAll("[data-zones-editor]")) new Editor(root);
  });
})();
