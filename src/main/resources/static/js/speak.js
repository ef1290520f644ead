// Nói trực tiếp. The microphone is heard by this page alone until the countdown is over; then every 100 ms of it go to the server in
// a chain of requests, one under way at a time, so that each waits for nothing but the one before.
"use strict";
(() => {
  const API = "/api/v1/speeches", RATE = 24000, KEPT_MS = 1500, MOST_BLOCKS = 20, RETRY_MS = 250, TIMEOUT_MS = 3000;
  const SILENCE_MS = 5000, QUIET = 0.004, LOW = 0.02, CLIP_SHOWN_MS = 3000, WEAK_AFTER_MS = 1000, FIGURES_MS = 2000;
  const AWAY_AFTER_MS = 5000, TAKEN_AWAY = ["RIGHTS", "CLOSED"];
  const el = id => document.getElementById(id);
  const sheet = el("speak"), words = sheet.dataset, bars = [...el("meter").children];
  const csrf = document.querySelector("meta[name=csrf]");
  const countdown = Number(words.countdown), warning = Number(words.warning);
  let state = "asking", speech = null, stream = null, context = null, wakeLock = null;
  let queue = [], at = 0, sending = false, answeredAt = 0, left = Infinity, startedAt = 0, away = false;
  let loudAt = performance.now(), clippedAt = -Infinity, level = 0, spokenWord = "", figures = "";

  function go(next) {
    state = next;
    sheet.dataset.state = next;
    for (const part of sheet.querySelectorAll("[data-on]")) part.hidden = !part.dataset.on.split(" ").includes(next);
    el("heard").hidden = next !== "air";
  }

  function trouble(text) {
    el("trouble").hidden = !text;
    el("trouble-word").textContent = text;
  }

  // ---- microphone
  async function listen(device) {
    trouble("");
    el("retry").hidden = true;
    if (!navigator.mediaDevices || !window.isSecureContext || !window.AudioWorkletNode) { trouble(words.insecure); return; }
    try {
      stopListening();
      const audio = { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true };
      if (device) audio.deviceId = { exact: device };
      stream = await navigator.mediaDevices.getUserMedia({ audio });
      await connect();
      stream.getAudioTracks()[0].addEventListener("ended", () => { trouble(words.micLost); el("retry").hidden = state === "air"; });
      await offerDevices();
      el("meter-part").hidden = false;
      if (state === "asking") go("ready");
      loudAt = performance.now();
      choose();
    } catch (error) {
      console.debug("no microphone", error);
      trouble(error.name === "NotAllowedError" ? words.denied : words.none);
      el("retry").hidden = false;
    }
  }

  async function connect() {
    let source;
    try {
      context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
      source = context.createMediaStreamSource(stream);
    } catch (error) {
      // Some browsers join no stream of another rate; the worklet then turns it into ours.
      console.debug("microphone at its own rate", error);
      context = new AudioContext({ latencyHint: "interactive" });
      source = context.createMediaStreamSource(stream);
    }
    await context.audioWorklet.addModule(words.worklet);
    const voice = new AudioWorkletNode(context, "voice", { numberOfOutputs: 1, outputChannelCount: [1] });
    voice.port.onmessage = event => heard(event.data);
    source.connect(voice);
    // An output that carries silence keeps the processor running.
    voice.connect(context.destination);
    if (context.state !== "running") await context.resume().catch(error => console.debug("waits for a touch", error));
  }

  function stopListening() {
    stream?.getTracks().forEach(track => track.stop());
    context?.close();
    stream = null;
    context = null;
  }

  async function offerDevices() {
    const devices = (await navigator.mediaDevices.enumerateDevices()).filter(device => device.kind === "audioinput");
    const used = stream.getAudioTracks()[0].getSettings().deviceId;
    const select = el("mic");
    select.replaceChildren(...devices.map(device => new Option(device.label || device.deviceId, device.deviceId, false, device.deviceId === used)));
    el("mic-field").hidden = devices.length < 2;
  }

  function heard(block) {
    const now = performance.now();
    level = Math.max(block.peak, level * 0.75);
    if (block.rms > QUIET) loudAt = now;
    if (block.clipped > 2) clippedAt = now;
    meter();
    judge(now, block.rms);
    if (state !== "air") return;
    queue.push(block.pcm);
    // What waited too long is old news: listeners had better hear the present.
    while (queue.length > KEPT_MS / 100) { queue.shift(); at += RATE / 10; }
    send();
  }

  function meter() {
    // 60 dB on 32 bars.
    const lit = level <= 0 ? 0 : Math.max(0, Math.min(32, Math.round(32 + 20 * Math.log10(level) * 32 / 60)));
    bars.forEach((bar, i) => bar.setAttribute("class", i >= lit ? "" : i >= 31 ? "is-over" : i >= 27 ? "is-high" : "is-low"));
  }

  let rms = 0;
  function judge(now, fresh) {
    rms = Math.max(fresh, rms * 0.9);
    const silent = now - loudAt > SILENCE_MS, clipping = now - clippedAt < CLIP_SHOWN_MS;
    const word = silent ? "silent" : clipping ? "clipping" : rms < LOW ? "low" : "good";
    el("silent").hidden = !silent;
    el("silent-advice").hidden = state !== "air";
    el("clipping").hidden = !clipping;
    if (word === spokenWord) return;
    spokenWord = word;
    const tone = { silent: "bad", clipping: "warn", low: "off", good: "ok" }[word], icon = { silent: "bad", clipping: "warn", low: "unknown", good: "ok" }[word];
    el("level").className = "status " + tone;
    const use = el("level").querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#" + icon));
    el("level-word").textContent = words[word];
  }

  // ---- places
  const form = el("open");
  const covers = (wide, place) => wide === "" || place === wide || place.startsWith(wide + ".");
  const speakers = () => [...taken().querySelectorAll("[data-ground]")];
  const isTaken = place => speakers().some(it => it.dataset.ground.split(" ").some(ground => covers(ground, place) || covers(place, ground)));
  function choose() {
    if (!form) return;
    const boxes = [...form.querySelectorAll("input[name=area]")], chosen = boxes.filter(box => box.checked);
    const below = box => chosen.some(other => other !== box && covers(other.value, box.value));
    const highest = chosen.filter(box => !below(box));
    for (const box of boxes) box.disabled = below(box);
    const poles = highest.reduce((sum, box) => sum + Number(box.dataset.poles), 0), button = el("go");
    button.disabled = poles === 0 || !context || state !== "ready" || chosen.some(box => isTaken(box.value));
    button.textContent = poles === 0 ? button.dataset.none : words.go.replace("@", poles);
  }
  const taken = () => el("taken");
  el("go").dataset.none = el("go").textContent;
  form?.addEventListener("change", choose);
  el("mic").addEventListener("change", event => listen(event.target.value));
  el("retry").addEventListener("click", () => listen(""));
  document.addEventListener("live:replaced", event => {
    if (event.target !== taken()) return;
    taken().hidden = speakers().length === 0 || speech !== null || state === "counting" || state === "air";
    choose();
  });
  document.addEventListener("click", () => context?.resume());

  // ---- on the air
  form?.addEventListener("submit", async event => {
    event.preventDefault();
    if (state !== "ready" || el("go").disabled) return;
    const button = el("go"), before = button.textContent;
    button.disabled = true;
    button.textContent = words.opening;
    trouble("");
    try {
      const asked = performance.now();
      const opened = await call("", new URLSearchParams(new FormData(form)), 15000);
      speech = opened.id;
      // The news that somebody speaks may have come before the answer: it is this page.
      taken().hidden = true;
      startedAt = performance.now() + countdown;
      answeredAt = performance.now();
      console.debug("opened in ms", Math.round(performance.now() - asked));
      go("counting");
      lock();
      tick();
    } catch (error) {
      trouble(error.message);
      button.textContent = before;
      choose();
    }
  });

  function tick() {
    if (state !== "counting" && state !== "air") return;
    const passed = performance.now() - startedAt;
    if (state === "counting") {
      say(el("clock"), String(Math.max(1, Math.ceil(-passed / 1000))));
      if (passed >= 0) { go("air"); loudAt = performance.now(); el("said").textContent = words.air; el("finish").focus(); refreshHeard(); }
    }
    if (state === "air") {
      const seconds = Math.max(0, Math.floor(passed / 1000)), two = n => String(n).padStart(2, "0");
      say(el("clock"), two(Math.floor(seconds / 60)) + ":" + two(seconds % 60));
      const unanswered = performance.now() - answeredAt;
      el("away").hidden = unanswered < AWAY_AFTER_MS;
      el("weak").hidden = unanswered < WEAK_AFTER_MS || queue.length < 10 || !el("away").hidden;
      const soon = left < warning;
      el("soon").hidden = !soon;
      if (soon) say(el("soon-word"), words.soon.replace("@", Math.max(1, Math.ceil(left / 60000))));
    }
    setTimeout(tick, 100);
  }

  function say(target, text) { if (target.textContent !== text) target.textContent = text; }

  async function refreshHeard() {
    const region = el("heard");
    if (state !== "air") return;
    try {
      const answer = await fetch("/speak/" + speech + "/now", { headers: { "X-Live": "1" }, credentials: "same-origin" });
      const html = answer.ok ? await answer.text() : figures;
      // What has not changed is not read out again.
      if (html !== figures) region.innerHTML = figures = html;
    } catch (error) {
      console.debug("figures come later", error);
    }
    setTimeout(refreshHeard, FIGURES_MS);
  }

  async function send() {
    if (sending || !speech) return;
    sending = true;
    while (queue.length > 0 && (state === "air" || state === "ending")) {
      const blocks = queue.splice(0, MOST_BLOCKS), from = at, size = blocks.reduce((sum, block) => sum + block.byteLength, 0);
      const pcm = new Uint8Array(size);
      let place = 0;
      for (const block of blocks) { pcm.set(new Uint8Array(block), place); place += block.byteLength; }
      at += size / 2;
      try {
        const standing = await call("/" + speech + "/sound?at=" + from, pcm);
        answeredAt = performance.now();
        away = false;
        left = standing.left;
        if (standing.ending) { ended(standing); break; }
      } catch (error) {
        if (error.final) { refused(error); break; }
        away = true;
        queue.unshift(...blocks);
        at = from;
        while (queue.length > KEPT_MS / 100) { queue.shift(); at += RATE / 10; }
        await new Promise(resolve => setTimeout(resolve, RETRY_MS));
      }
    }
    sending = false;
  }

  async function finish() {
    if (state !== "air" && state !== "counting") return;
    go("ending");
    await send();
    // The last words may be under way already.
    for (let waits = 0; sending && waits < 75; waits++) await new Promise(resolve => setTimeout(resolve, 20));
    for (let tries = 0; tries < 20 && speech; tries++) {
      try { ended(await call("/" + speech + "/end")); return; } catch (error) {
        if (error.final) { refused(error); return; }
        away = true;
        await new Promise(resolve => setTimeout(resolve, 500));
      }
    }
    over("");
  }

  // Whoever lost the right to speak may not look at the result either, so this page says what happened.
  function ended(standing) {
    over(standing.ending === "SIGNED_OUT" ? words.out : TAKEN_AWAY.includes(standing.ending) ? standing.why : "");
  }
  function refused(error) {
    if (error.status === 401 || error.status === 403) over(away ? words.restarted : words.out); else over("");
  }

  function over(why) {
    if (!speech) return;
    go("ending");
    wakeLock?.release().catch(error => console.debug("released already", error));
    stopListening();
    const id = speech;
    speech = null;
    if (!why) { location.assign("/speak/" + id); return; }
    trouble("");
    el("ended-why").textContent = why;
    for (const note of ["weak", "away", "soon", "silent", "clipping", "meter-part"]) el(note).hidden = true;
    go("over");
  }

  // A region could not be read since nobody is signed in any more: what is said here must not vanish behind the sign-in page.
  document.addEventListener("live:out", event => {
    if (!speech && state !== "over") return;
    event.preventDefault();
    refused({ status: 401 });
  });

  async function lock() {
    try { wakeLock = await navigator.wakeLock?.request("screen"); } catch (error) { console.debug("the screen may sleep", error); }
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden && speech) lock(); });

  async function call(path, body, timeout = TIMEOUT_MS) {
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), timeout);
    try {
      const headers = { Accept: "application/json" };
      if (csrf) headers[csrf.dataset.header] = csrf.content;
      if (body instanceof Uint8Array) headers["Content-Type"] = "application/octet-stream";
      const answer = await fetch(API + path, { method: "POST", headers, body, credentials: "same-origin", signal: stop.signal });
      if (answer.ok) return await answer.json();
      const problem = await answer.json().catch(() => ({}));
      const error = new Error(problem.detail || words.failed);
      error.status = answer.status;
      error.final = answer.status >= 400 && answer.status < 500;
      throw error;
    } catch (error) {
      if (error.name === "AbortError" || error instanceof TypeError) throw new Error(words.failed);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  el("finish").addEventListener("click", finish);
  el("cancel").addEventListener("click", finish);
  addEventListener("beforeunload", event => { if (speech && state === "air") event.preventDefault(); });
  addEventListener("pagehide", () => {
    if (!speech) return;
    const headers = csrf ? { [csrf.dataset.header]: csrf.content } : {};
    fetch(API + "/" + speech + "/end", { method: "POST", headers, keepalive: true, credentials: "same-origin" }).catch(error => console.debug("the server notices the silence", error));
  });
  document.addEventListener("keydown", event => {
    if (event.key === "Escape" && state === "counting") finish();
  });

  go("asking");
  if (form) listen("");
})();
