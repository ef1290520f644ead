// Sirens are listened to quietly; the message form counts what the law still misses.
"use strict";
(() => {
  document.querySelectorAll("audio[data-quiet]").forEach(audio => { audio.volume = 0.15; });
  const count = document.getElementById("law-count");
  if (!count) return;
  const kind = document.getElementById("kind");
  const fields = [...document.querySelectorAll("[data-law]")];
  const brief = ["INCIDENT", "RESPONSE"];
  const tell = () => {
    const asked = kind.value === "ALERT" ? fields : fields.filter(field => brief.includes(field.name));
    const left = asked.filter(field => !field.value.trim()).length;
    count.textContent = left ? count.dataset.some.replace("{0}", left) : count.dataset.all;
    count.className = "status " + (left ? "warn" : "ok");
  };
  document.getElementById("message-form").addEventListener("input", tell);
  tell();
})();
