// Holding a button two seconds: a shaking finger may, sliding off may not; keys as well. A short press stays a short press.
// Beside it, what every page shows of alerts: the countdown's number, the dialog over everything, buttons that answer in place.
"use strict";
(() => {
  const HOLD_MS = 2000, SLOP = 24;

  function hold(button, onStart, onFire, onStop) {
    let timer = null, pointer = null;
    const start = () => {
      if (timer || button.getAttribute("aria-disabled") === "true") return;
      button.classList.add("is-holding");
      onStart();
      timer = setTimeout(() => { stop(); button.dataset.fired = "1"; onFire(); }, HOLD_MS);
    };
    const stop = () => {
      if (!timer) return;
      clearTimeout(timer);
      timer = null;
      pointer = null;
      button.classList.remove("is-holding");
      onStop();
    };
    const inside = event => {
      const box = button.getBoundingClientRect();
      return event.clientX > box.left - SLOP && event.clientX < box.right + SLOP && event.clientY > box.top - SLOP && event.clientY < box.bottom + SLOP;
    };
    button.draggable = false;
    button.addEventListener("pointerdown", event => {
      if (event.button || !event.isPrimary) return;
      delete button.dataset.fired;
      pointer = event.pointerId;
      button.setPointerCapture(pointer);
      start();
    });
    button.addEventListener("pointermove", event => { if (event.pointerId === pointer && !inside(event)) { button.dataset.fired = "1"; stop(); } });
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) button.addEventListener(name, stop);
    button.addEventListener("contextmenu", event => event.preventDefault());
    button.addEventListener("click", event => { if (button.dataset.fired || button.tagName === "BUTTON") event.preventDefault(); delete button.dataset.fired; });
    button.addEventListener("keydown", event => {
      if (event.isComposing) return;
      if (event.code === "Escape") { stop(); return; }
      const space = event.code === "Space", enter = event.code === "Enter" && button.tagName === "BUTTON";
      if (!space && !enter) return;
      event.preventDefault();
      if (!event.repeat) start();
    });
    button.addEventListener("keyup", stop);
    button.addEventListener("blur", stop);
    document.addEventListener("visibilitychange", () => { if (document.hidden) stop(); });
  }

  // Sends a form and goes where the answer leads. A page that cannot be reached must not pretend that it was.
  async function send(form, says) {
    if (form.dataset.sending) return;
    form.dataset.sending = "1";
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin", headers: { Accept: "text/html" } });
      if (answer.redirected) { location.assign(answer.url); return; }
      const html = await answer.text();
      const sentence = new DOMParser().parseFromString(html, "text/html").querySelector("[role=alert]:not([hidden])");
      says(sentence ? sentence.textContent.trim() : form.dataset.away);
    } catch (error) {
      console.debug("the server was not reached", error);
      says(form.dataset.away);
    } finally {
      delete form.dataset.sending;
    }
  }

  function bubble() {
    let at = document.getElementById("hold-says");
    if (!at) {
      at = document.createElement("p");
      at.id = "hold-says";
      at.className = "hold-says";
      at.setAttribute("role", "alert");
      at.hidden = true;
      document.body.append(at);
    }
    return at;
  }

  // The button in the frame: a short press opens the page, two seconds arm what was chosen beforehand. Not on a page of a drill:
  // whoever holds something there means the drill.
  const link = document.querySelector('.rail-nav a[href="/emergency"]');
  const errand = () => document.getElementById("emergency-errand");
  if (link && errand() && !document.body.classList.contains("own-drill")) {
    link.classList.add("hold");
    link.setAttribute("aria-describedby", "hold-says");
    bubble();
    hold(link, () => { const says = bubble(); says.textContent = errand()?.dataset.says ?? ""; says.hidden = !errand(); },
      () => { const form = errand(); if (form) send(form, text => { const says = bubble(); says.textContent = text; says.hidden = false; }); },
      () => { bubble().hidden = true; });
  }

  for (const button of document.querySelectorAll("[data-hold]")) {
    const form = button.closest("form"), away = document.getElementById("away");
    hold(button, () => { away.hidden = true; }, () => send(form, text => { away.textContent = text; away.hidden = false; away.scrollIntoView({ block: "nearest" }); }), () => {});
    form.addEventListener("submit", event => { if (!event.submitter || !event.submitter.hasAttribute("data-plain")) event.preventDefault(); });
    const label = button.textContent;
    document.addEventListener("live:lost", () => { button.setAttribute("aria-disabled", "true"); button.firstElementChild.textContent = form.dataset.away; });
    document.addEventListener("live:back", () => { button.removeAttribute("aria-disabled"); button.firstElementChild.textContent = label; });
  }
  document.addEventListener("live:lost", () => link?.setAttribute("aria-disabled", "true"));
  document.addEventListener("live:back", () => link?.removeAttribute("aria-disabled"));
  document.addEventListener("keydown", event => {
    if (event.altKey && event.code === "Digit0") { const button = document.querySelector("[data-hold]") ?? link; if (button) { event.preventDefault(); button.focus(); } }
  });

  // The countdown belongs to the server; the page only shows how far it is.
  function counting() {
    const dialog = document.getElementById("count");
    if (dialog && !dialog.open) {
      dialog.showModal();
      dialog.addEventListener("cancel", event => event.preventDefault());
      (dialog.querySelector(".count-cancel") ?? dialog).focus();
    }
    for (const number of document.querySelectorAll("[data-left]")) {
      if (!number.dataset.until) number.dataset.until = performance.now() + Number(number.dataset.left);
      const left = Number(number.dataset.until) - performance.now();
      number.classList.toggle("is-sending", left <= 0);
      const text = left > 0 ? String(Math.ceil(left / 1000)) : number.dataset.done;
      if (number.textContent !== text) number.textContent = text;
    }
    for (const clock of document.querySelectorAll("[data-since]")) {
      if (!clock.dataset.from) clock.dataset.from = performance.now() - Number(clock.dataset.since);
      const seconds = Math.floor((performance.now() - Number(clock.dataset.from)) / 1000);
      const two = number => String(number).padStart(2, "0");
      const text = seconds < 3600 ? two(Math.floor(seconds / 60)) + ":" + two(seconds % 60) : Math.floor(seconds / 3600) + ":" + two(Math.floor(seconds / 60) % 60) + ":" + two(seconds % 60);
      if (clock.textContent !== text) clock.textContent = text;
    }
  }
  counting();
  setInterval(counting, 200);
  document.addEventListener("live:replaced", counting);

  // Cancel, agree, noted: the page stays where it is, and the live stream shows what came of it.
  document.addEventListener("submit", event => {
    const form = event.target;
    if (!form.matches("form[data-act]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    // A part of the page in which somebody types is not renewed: what was typed is sent now.
    if (form.contains(document.activeElement)) event.submitter?.focus();
    const says = form.querySelector("[role=alert]");
    const show = text => { if (says) { says.textContent = text; says.hidden = false; } else { const at = bubble(); at.textContent = text; at.hidden = false; } };
    const headers = { Accept: "application/json" };
    fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin", headers })
      .then(async answer => {
        if (!answer.ok && answer.status === 422) show((await answer.json()).detail);
      })
      .catch(error => { console.debug("the server was not reached", error); show(says?.dataset.away ?? ""); });
  }, true);
})();
