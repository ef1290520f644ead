// The clock in the station's zone, counted on from the server's; the wall (F); live voice (M); and one calm summary for screen readers.
"use strict";
(() => {
  const CALM_MS = 5000, DAY = 86400;
  const clock = document.querySelector("[data-clock]");
  const two = n => String(n).padStart(2, "0");
  let second = Number(clock.dataset.second), since = performance.now();

  function tick() {
    const passed = second + Math.floor((performance.now() - since) / 1000);
    if (passed >= DAY) { location.reload(); return; }
    clock.textContent = two(Math.floor(passed / 3600)) + ":" + two(Math.floor(passed / 60) % 60) + ":" + two(passed % 60);
  }
  setInterval(tick, 250);

  let said = "", saidAt = -CALM_MS, later = 0;
  function say() {
    const now = document.querySelector("[data-now]");
    if (!now || now.dataset.summary === said) return;
    const wait = saidAt + CALM_MS - performance.now();
    clearTimeout(later);
    if (wait > 0) { later = setTimeout(say, wait); return; }
    said = now.dataset.summary;
    saidAt = performance.now();
    document.getElementById("today-summary").textContent = said;
  }

  function renewed() {
    const now = document.querySelector("[data-now]");
    if (now) { second = Number(now.dataset.second); since = performance.now(); tick(); }
    say();
  }
  document.addEventListener("live:replaced", renewed);
  document.addEventListener("htmx:afterSettle", renewed);
  say();

  const button = document.getElementById("wall");
  function wall(on) {
    document.documentElement.classList.toggle("wall", on);
    button.setAttribute("aria-pressed", String(on));
  }
  async function toggle() {
    const on = !document.documentElement.classList.contains("wall");
    wall(on);
    try {
      if (on) await document.documentElement.requestFullscreen();
      else if (document.fullscreenElement) await document.exitFullscreen();
    } catch (e) {
      console.debug("the page fills its window only", e);
    }
  }
  button.addEventListener("click", toggle);
  document.addEventListener("fullscreenchange", () => { if (!document.fullscreenElement) wall(false); });
  // What the key of the emergency focuses stands in the frame, which the wall hides: the wall goes first.
  document.addEventListener("keydown", event => {
    if (event.altKey && event.code === "Digit0" && document.documentElement.classList.contains("wall")) toggle();
  }, true);
  document.addEventListener("keydown", event => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "f" || event.key === "F") { event.preventDefault(); toggle(); }
    if (event.key === "m" || event.key === "M") document.getElementById("speak")?.click();
    if (event.key === "Escape" && document.documentElement.classList.contains("wall") && !document.fullscreenElement) wall(false);
  });
})();
