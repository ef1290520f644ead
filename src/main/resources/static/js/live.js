// Keeps regions true: <section data-live="playback fleet" data-live-src="/today/now">. A region is read anew when one of
// its topics changes and whenever the stream opens, the first time too, so an event lost before that does no harm. One
// stream per tab, closed while the tab is hidden.
"use strict";
(() => {
  const GATHER_MS = 60, LOST_AFTER_MS = 15000, RETRY_MS = 2000;
  let stream = null, lastTime = "", lastBeat = 0, lostShown = false, retry = 0;
  const due = new Map();

  const regions = () => [...document.querySelectorAll("[data-live]")];
  const topicsOf = region => region.dataset.live.split(/\s+/).filter(Boolean);

  async function refresh(region) {
    if (region.dataset.liveBusy) { region.dataset.liveBusy = "again"; return; }
    region.dataset.liveBusy = "yes";
    try {
      const answer = await fetch(region.dataset.liveSrc, { headers: { "X-Live": "1" }, credentials: "same-origin" });
      if (answer.redirected || answer.status === 401) { signedOut(); return; }
      if (answer.ok && region.isConnected) replace(region, await answer.text());
    } catch (e) {
      // The stream may be alive all the same, and then no opening would ever read the region anew.
      console.debug("region is read again in a moment", e);
      later(region, RETRY_MS);
    } finally {
      const again = region.dataset.liveBusy === "again";
      delete region.dataset.liveBusy;
      if (again && region.isConnected) refresh(region);
    }
  }

  // The page comes again behind the sign-in, unless it has something to say first.
  function signedOut() {
    if (document.dispatchEvent(new CustomEvent("live:out", { cancelable: true }))) location.reload();
  }

  // Focus and what is being typed outlive the exchange when the element keeps its id.
  function replace(region, html) {
    const focused = region.contains(document.activeElement) ? document.activeElement : null;
    if (focused && focused.matches("input, textarea, select")) return;
    region.innerHTML = html;
    if (focused && focused.id) document.getElementById(focused.id)?.focus();
    window.htmx?.process(region);
    region.dispatchEvent(new CustomEvent("live:replaced", { bubbles: true }));
  }

  // What is due sooner takes the place of what was to be read later: a change does not wait for a repetition.
  function later(region, ms) {
    const at = performance.now() + ms, planned = due.get(region);
    if (planned) {
      if (planned.at <= at) return;
      clearTimeout(planned.timer);
    }
    const timer = setTimeout(() => { due.delete(region); if (region.isConnected && !document.hidden) refresh(region); }, ms);
    due.set(region, { at, timer });
  }

  function changed(topic) {
    for (const region of regions()) {
      if (topicsOf(region).includes(topic)) later(region, GATHER_MS);
    }
    document.dispatchEvent(new CustomEvent("live:changed", { detail: topic }));
  }

  function heard() {
    lastBeat = performance.now();
    if (lostShown) {
      lostShown = false;
      const banner = document.getElementById("stale");
      if (banner) banner.hidden = true;
      document.dispatchEvent(new CustomEvent("live:back"));
    }
  }

  function open() {
    const topics = [...new Set(regions().flatMap(topicsOf))];
    if (stream || document.hidden || topics.length === 0) return;
    if (!lastBeat) lastBeat = performance.now();
    stream = new EventSource("/live?topics=" + encodeURIComponent(topics.join(",")));
    stream.onopen = () => { heard(); regions().forEach(refresh); };
    stream.addEventListener("changed", e => { heard(); changed(e.data); });
    stream.addEventListener("beat", e => { heard(); lastTime = e.data || lastTime; });
    stream.onerror = () => {
      if (!stream || stream.readyState !== EventSource.CLOSED) return;
      close();
      clearTimeout(retry);
      retry = setTimeout(open, RETRY_MS);
    };
  }

  function close() { stream?.close(); stream = null; }

  function watch() {
    if (document.hidden || !lastBeat || lostShown || performance.now() - lastBeat < LOST_AFTER_MS) return;
    const banner = document.getElementById("stale");
    if (!banner) return;
    banner.textContent = banner.dataset.lost.replace("@", lastTime || banner.dataset.rendered);
    banner.hidden = false;
    lostShown = true;
    document.dispatchEvent(new CustomEvent("live:lost"));
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { close(); } else { lastBeat = performance.now(); open(); }
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", e => { if (e.persisted) { lastBeat = performance.now(); open(); } });
  document.addEventListener("htmx:afterSettle", open);
  setInterval(watch, 1000);
  open();
})();
