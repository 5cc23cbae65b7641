// The receipt beside the clip: the line of the moment is marked and kept in view.

export class Receipt {
  constructor(element) {
    this.element = element;
    this.lines = [...element.querySelectorAll("[data-seek]")].map((line) => ({ line, at: Number(line.dataset.seek) }));
    this.now = null;
    const hole = element.querySelector(".receipt__hole");
    if (hole) this.#keepInView(hole);
  }

  show(seconds) {
    let current = null;
    for (const { line, at } of this.lines) if (at <= seconds + 0.05) current = line;
    if (current === this.now) return;
    this.now?.removeAttribute("data-now");
    current?.setAttribute("data-now", "");
    this.now = current;
    if (current) this.#keepInView(current);
  }

  // Scrolls the receipt only, never the page.
  #keepInView(line) {
    const middle = line.offsetTop - this.element.offsetTop - this.element.clientHeight / 2 + line.offsetHeight / 2;
    this.element.scrollTop = middle;
  }
}
