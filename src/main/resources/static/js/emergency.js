// Khẩn cấp and Diễn tập: what would happen is asked of the server whenever the choice changes.
"use strict";
(() => {
  const form = document.querySelector("form[data-plan]"), plan = document.getElementById("plan");
  let asked = 0;
  form?.addEventListener("change", async event => {
    if (!event.target.matches("[name=target], [name=message]")) return;
    const mine = ++asked;
    try {
      const chosen = new URLSearchParams(new FormData(form));
      chosen.delete("_csrf");
      const answer = await fetch(form.dataset.plan + "?" + chosen, { credentials: "same-origin", headers: { "X-Live": "1" } });
      const html = await answer.text();
      if (answer.ok && mine === asked) plan.innerHTML = html;
    } catch (error) {
      console.debug("the sentence stays as it is", error);
    }
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
