// Lịch phát: keys, the preview while typing, the search among recordings, printing. Everything else works without it.
"use strict";
(() => {
  const PREVIEW_AFTER_MS = 300, TOAST_MS = 10000;

  // N new, T today, arrows for the week, Escape closes the sheet, Ctrl+Z takes back.
  document.addEventListener("keydown", event => {
    if (event.isComposing || event.altKey || event.metaKey || event.shiftKey) return;
    const typing = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
    if (typing && event.key !== "Escape") return;
    if (!event.ctrlKey && event.key.startsWith("Arrow") && event.target.closest("input, summary")) return;
    const key = (event.ctrlKey ? "Control+" : "") + (event.key.length === 1 ? event.key.toLowerCase() : event.key);
    const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (target) { event.preventDefault(); target.click(); }
  });

  document.addEventListener("click", event => {
    if (event.target.closest("[data-print]")) print();
  });
  const showPrint = () => document.querySelectorAll("[data-print]").forEach(button => { button.hidden = false; });
  document.addEventListener("live:replaced", showPrint);
  showPrint();

  // The form's meaning, said by the server while it is being filled in.
  const form = document.getElementById("slot-form");
  if (form) {
    let timer = 0, asked = 0;
    const preview = async () => {
      const number = ++asked;
      try {
        const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin" });
        if (!answer.ok || answer.redirected || number !== asked) return;
        const old = document.getElementById("preview");
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById("preview");
        if (!fresh || !old) return;
        old.replaceChildren(...fresh.childNodes);
        old.querySelectorAll("[data-word]").forEach(word => {
          const place = document.getElementById(word.dataset.word);
          if (place) place.textContent = word.textContent;
        });
      } catch (e) {
        console.debug("the preview waits for the next change", e);
      }
    };
    form.addEventListener("input", event => {
      if (event.target.type === "search") return;
      clearTimeout(timer);
      timer = setTimeout(preview, PREVIEW_AFTER_MS);
    });
    const first = document.querySelector(".field-error, .ask input:checked, [aria-invalid=true]");
    if (first && first.matches("input")) first.focus();
  }

  // Search among older recordings, accents ignored.
  const bare = text => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
  document.querySelectorAll("[data-filter]").forEach(input => {
    input.hidden = false;
    input.addEventListener("input", () => {
      const wanted = bare(input.value.trim());
      document.querySelectorAll(`#${input.dataset.filter} [data-search]`).forEach(option => {
        option.hidden = !option.dataset.search.includes(wanted);
      });
    });
  });

  document.querySelectorAll("[data-toast]").forEach(toast => {
    const hide = () => { if (toast.matches(":hover, :focus-within")) setTimeout(hide, 2000); else toast.hidden = true; };
    setTimeout(hide, TOAST_MS);
  });
})();
