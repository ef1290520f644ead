// Khẩn cấp and Diễn tập: what would happen is asked of the server whenever the choice changes.
"use strict";
(() => {
  const form = document.querySelector("form[data-plan]"), plan = document.getElementById("plan");
  let asked = 0;
  // What this person may not air is not offered either; the server would refuse it.
  const offer = () => { document.getElementById("offer").hidden = Boolean(document.getElementById("barred")); };
  form?.addEventListener("change", async event => {
    if (!event.target.matches("[name=target], [name=message]")) return;
    const mine = ++asked;
    try {
      const chosen = new URLSearchParams(new FormData(form));
      chosen.delete("_csrf");
      const answer = await fetch(form.dataset.plan + "?" + chosen, { credentials: "same-origin", headers: { "X-Live": "1" } });
      const html = await answer.text();
      if (!answer.ok || mine !== asked) return;
      hush();
      plan.innerHTML = html;
      offer();
      soften();
    } catch (error) {
      console.debug("the sentence stays as it is", error);
    }
  });

  // What will sound is heard quietly on this device, one after the other; holding the button ends it.
  const sounds = () => [...(plan?.querySelectorAll("audio") ?? [])];
  // What sounds elsewhere in place of another is heard by itself.
  const apart = sound => "apart" in sound.dataset;
  const inOrder = () => sounds().filter(sound => !apart(sound));
  const soften = () => sounds().forEach(sound => { sound.volume = 0.15; });
  let inTurn = false;
  const turn = on => {
    const button = document.getElementById("hear");
    inTurn = on;
    if (!button) return;
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? button.dataset.stop : button.dataset.hear;
  };
  const hush = () => { turn(false); sounds().forEach(sound => { sound.pause(); sound.currentTime = 0; }); };
  const hear = sound => sound.play().catch(error => { console.debug("cannot be heard here", error); hush(); });
  plan?.addEventListener("click", event => {
    if (!event.target.closest("#hear")) return;
    if (inTurn) { hush(); return; }
    hush();
    turn(true);
    hear(inOrder()[0]);
  });
  plan?.addEventListener("play", event => {
    if (apart(event.target)) turn(false);
    sounds().forEach(sound => { if (sound !== event.target) sound.pause(); });
  }, true);
  plan?.addEventListener("ended", event => {
    if (!inTurn) return;
    const next = inOrder()[inOrder().indexOf(event.target) + 1];
    if (next) hear(next); else turn(false);
  }, true);
  soften();
  document.getElementById("hold")?.addEventListener("pointerdown", hush);
  document.getElementById("hold")?.addEventListener("keydown", hush);

  // Where a drill goes stands beside the button that starts it.
  const to = document.getElementById("drill-to");
  document.getElementById("drill")?.addEventListener("change", event => {
    if (to && event.target.dataset.says) to.textContent = event.target.dataset.says;
  });

  // Only the typed word lets a drill go.
  const typed = document.getElementById("typed"), go = document.getElementById("drill-do");
  if (typed && go) {
    const plain = text => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toUpperCase().replace(/\s+/g, " ").trim();
    const check = () => { go.disabled = plain(typed.value) !== "DIEN TAP"; };
    typed.addEventListener("input", check);
    check();
  }
})();
