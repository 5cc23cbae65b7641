// What every page has: the theme button, ages that grow, toasts.

export function themeButton() {
  const button = document.querySelector("[data-theme-toggle]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
  });
}

const UNITS = [["d", 86400], ["h", 3600], ["min", 60]];

export function ageWords(seconds) {
  for (const [unit, length] of UNITS) if (seconds >= length) return `${Math.floor(seconds / length)} ${unit} ago`;
  return "just now";
}

export function growAges() {
  const grow = () => {
    for (const time of document.querySelectorAll("time[data-age]")) {
      time.textContent = ageWords((Date.now() - Date.parse(time.dateTime)) / 1000);
    }
  };
  setInterval(grow, 15_000);
}

/** A short message at the corner; read aloud politely. `link`: {href, text}. */
export function toast(text, link) {
  const place = document.getElementById("toasts");
  const message = document.createElement("p");
  message.className = "toast";
  message.textContent = text;
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link.href;
    anchor.textContent = link.text;
    message.append(" ", anchor);
  }
  place.append(message);
  setTimeout(() => message.remove(), 7000);
}
