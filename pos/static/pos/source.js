// Of the form of a till's source, shows only the parts that its door needs.
(() => {
  function show() {
    const door = document.querySelector("#id_door");
    if (!door) return;
    for (const part of document.querySelectorAll('fieldset[class*="door-"]')) {
      part.hidden = door.value !== "" && !part.classList.contains(`door-${door.value}`);
    }
  }
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelector("#id_door")?.addEventListener("change", show);
    show();
  });
})();
