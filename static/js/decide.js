// Deciding by keyboard: c, d or m opens the form, a number picks the reason, Enter decides.

export class Decide {
  constructor(panel) {
    this.panel = panel;
  }

  open(outcome) {
    const details = this.panel.querySelector(`details[data-outcome="${outcome}"]`);
    if (!details) return;
    details.open = true;
    details.querySelector("input[type=radio]:checked, input[type=radio]")?.focus();
    details.scrollIntoView({ block: "nearest" });
  }

  get #opened() {
    return this.panel.querySelector("details[open]");
  }

  reason(number) {
    const radio = this.#opened?.querySelectorAll("input[type=radio]")[number - 1];
    if (!radio) return false;
    radio.checked = true;
    radio.focus();
  }

  note() {
    const note = this.#opened?.querySelector("textarea");
    if (!note) return false;
    note.focus();
  }

  /** Submit where a form is open and the focus is not on a control with its own Enter. */
  submit() {
    if (document.activeElement?.closest("a, button, summary, select")) return false;
    const form = this.#opened?.querySelector("form");
    if (!form) return false;
    form.requestSubmit();
  }

  close() {
    const opened = this.#opened;
    if (!opened) return false;
    opened.open = false;
    opened.querySelector("summary").focus();
  }

  /** Whether somebody is in the middle of deciding: then nothing is replaced under their hands. */
  get busy() {
    return Boolean(this.#opened);
  }
}
