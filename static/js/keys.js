// Keys for the whole page: one table of key -> action, silent while somebody types.

const typing = (element) =>
  element instanceof HTMLTextAreaElement ||
  element instanceof HTMLSelectElement ||
  (element instanceof HTMLInputElement && !["radio", "checkbox", "range", "submit", "button"].includes(element.type));

/** Bind `actions` ({key: function(event)}). An action that returns false leaves the key to the browser. */
export function bindKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const help = document.getElementById("help");
    if (help?.open && event.key !== "Escape") return;
    const action = actions[event.key];
    if (action && action(event) !== false) event.preventDefault();
  });
}

/** The `?` dialog and its button; returns the action for the key. */
export function helpDialog() {
  const dialog = document.getElementById("help");
  const button = document.querySelector("[data-help]");
  const show = () => dialog?.showModal();
  if (dialog && button) {
    button.hidden = false;
    button.addEventListener("click", show);
  }
  return show;
}
