// Kho chương trình: sends files in chunks that survive a broken line, a closed tab and a restarted server, and draws the wave.
"use strict";
(() => {
  const API = "/api/v1/uploads", POLL_MS = 600, LONGEST_WAIT_MS = 15000, PIECE = 512 * 1024;
  const section = document.getElementById("upload");
  if (section) upload();
  wave();

  function upload() {
    const input = document.getElementById("file"), pick = document.getElementById("pick");
    const items = document.getElementById("uploading"), said = document.getElementById("upload-said");
    const words = section.dataset, csrf = document.querySelector("meta[name=csrf]");
    const queue = [];
    let busy = false;
    section.hidden = false;
    pick.hidden = false;
    pick.addEventListener("click", () => input.click());
    input.addEventListener("change", () => { add(input.files); input.value = ""; });

    let depth = 0;
    const holdsFiles = event => [...(event.dataTransfer?.types ?? [])].includes("Files");
    const over = on => section.classList.toggle("is-over", on);
    document.addEventListener("dragenter", event => { if (holdsFiles(event)) { depth++; over(true); } });
    document.addEventListener("dragleave", event => { if (holdsFiles(event) && --depth <= 0) { depth = 0; over(false); } });
    document.addEventListener("dragover", event => { if (holdsFiles(event)) event.preventDefault(); });
    document.addEventListener("drop", event => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      depth = 0;
      over(false);
      add(event.dataTransfer.files);
    });
    addEventListener("beforeunload", event => { if (busy) event.preventDefault(); });

    function add(files) {
      for (const file of files) queue.push(row(file));
      work();
    }

    async function work() {
      if (busy) return;
      busy = true;
      for (let next = queue.shift(); next; next = queue.shift()) await send(next);
      busy = false;
    }

    function row(file) {
      const item = document.createElement("li"), head = document.createElement("div"), name = document.createElement("span");
      const text = document.createElement("span"), bar = document.createElement("progress"), button = document.createElement("button");
      item.className = "upload-item";
      head.className = "spread";
      name.className = "upload-name";
      name.textContent = file.name;
      text.className = "muted num";
      text.textContent = words.queued;
      button.type = "button";
      button.className = "link-button";
      button.textContent = words.cancel;
      button.setAttribute("aria-label", words.cancel + ": " + file.name);
      bar.className = "progress";
      bar.max = 1;
      bar.value = 0;
      bar.setAttribute("aria-label", file.name);
      head.append(name, text, button);
      item.append(head, bar);
      items.append(item);
      const job = { file, item, text, bar, button, id: null, cancelled: false, wake: null };
      button.addEventListener("click", () => {
        job.cancelled = true;
        job.wake?.();
        if (job.id) call("DELETE", "/" + job.id).catch(error => console.debug("the server drops it by itself tomorrow", error));
        forget(job);
        item.remove();
        said.textContent = file.name + ": " + words.cancelled;
      });
      return job;
    }

    async function send(job) {
      if (job.cancelled) return;
      try {
        let state = await patiently(job, () => begin(job));
        job.id = state.id;
        localStorage.setItem(key(job.file), state.id);
        while (state.state === "RECEIVING" && state.offset < state.size) {
          show(job, state.offset / state.size * 0.8, words.sending.replace("@1", megabytes(state.offset)).replace("@2", megabytes(state.size)));
          const from = state.offset, piece = job.file.slice(from, Math.min(state.size, from + Math.min(PIECE, state.chunkBytes)));
          state = await patiently(job, () => call("PUT", "/" + job.id + "?offset=" + from, piece), () => call("GET", "/" + job.id));
        }
        if (state.state === "RECEIVING") state = await patiently(job, () => call("POST", "/" + job.id + "/finish"));
        while (state.state === "PROCESSING") {
          job.button.hidden = true;
          show(job, 0.8 + state.progress / 500, words.working.replace("@1", state.progress));
          await sleep(job, POLL_MS);
          state = await patiently(job, () => call("GET", "/" + job.id));
        }
        forget(job);
        if (state.state === "DONE") done(job, state); else failed(job, state.problem.detail);
      } catch (error) {
        if (job.cancelled) return;
        if (error.gone || error.refused) forget(job);
        failed(job, error.sentence ?? words.failed);
      }
    }

    // An upload of the same file that was interrupted, even by closing the browser, goes on where it stopped.
    async function begin(job) {
      const known = localStorage.getItem(key(job.file));
      if (known) {
        try {
          const state = await call("GET", "/" + known);
          if (state.size === job.file.size && (state.state === "RECEIVING" || state.state === "PROCESSING")) return state;
        } catch (error) {
          if (!error.gone) throw error;
        }
        forget(job);
      }
      job.idempotency ??= Array.from(crypto.getRandomValues(new Uint8Array(12)), b => b.toString(16).padStart(2, "0")).join("");
      return call("POST", "", JSON.stringify({ name: job.file.name, size: job.file.size }), { "Content-Type": "application/json", "Idempotency-Key": job.idempotency });
    }

    // Tries again as long as the line or the server is away; before it does, asks where to go on.
    async function patiently(job, attempt, ask) {
      let wait = 1000, next = attempt;
      for (;;) {
        try {
          return await next();
        } catch (error) {
          if (job.cancelled || !error.again) throw error;
          show(job, job.bar.value, words.waiting);
          await sleep(job, error.conflict ? 0 : wait);
          wait = Math.min(LONGEST_WAIT_MS, wait * 2);
          if (job.cancelled) throw error;
          if (ask) next = ask;
        }
      }
    }

    async function call(method, path, body, headers) {
      let answer;
      try {
        answer = await fetch(API + path, { method, body, credentials: "same-origin", headers: { Accept: "application/json", ...(csrf ? { [csrf.dataset.header]: csrf.content } : {}), ...headers } });
      } catch (error) {
        throw Object.assign(new Error("the line is broken"), { again: true, cause: error });
      }
      if (answer.ok) return answer.status === 204 ? null : answer.json();
      if (answer.status === 401) throw Object.assign(new Error("signed out"), { sentence: words.signIn });
      if (answer.status === 409) throw Object.assign(new Error("gap"), { again: true, conflict: true });
      if (answer.status >= 500) throw Object.assign(new Error("the server is away"), { again: answer.status !== 500 });
      const problem = await answer.json().catch(() => ({}));
      throw Object.assign(new Error(answer.status), { gone: answer.status === 404, refused: true, sentence: problem.detail });
    }

    function show(job, part, sentence) {
      job.bar.value = part;
      job.text.textContent = sentence;
    }

    function done(job, state) {
      const link = document.createElement("a");
      link.className = "button";
      link.href = "/library/" + state.recording;
      link.textContent = words.open;
      link.setAttribute("aria-label", words.open + ": " + state.title);
      end(job, "ok", words.done);
      job.item.firstChild.append(link);
      reload();
    }

    function failed(job, sentence) { end(job, "bad", sentence); }

    function end(job, look, sentence) {
      job.bar.remove();
      job.text.className = "status " + look;
      job.text.textContent = sentence;
      const dismiss = job.button.cloneNode();
      dismiss.hidden = false;
      dismiss.textContent = words.dismiss;
      dismiss.setAttribute("aria-label", words.dismiss + ": " + job.file.name);
      dismiss.addEventListener("click", () => job.item.remove());
      job.button.replaceWith(dismiss);
      said.textContent = job.file.name + ": " + sentence;
    }

    function reload() {
      const list = document.getElementById("recordings");
      fetch(list.dataset.liveSrc, { headers: { "X-Live": "1" }, credentials: "same-origin" })
        .then(answer => answer.ok ? answer.text() : Promise.reject(answer.status))
        .then(html => { list.innerHTML = html; })
        .catch(error => console.debug("the list stays as it is", error));
    }

    function sleep(job, ms) {
      return new Promise(wake => {
        const timer = setTimeout(finish, ms);
        function finish() { clearTimeout(timer); removeEventListener("online", finish); job.wake = null; wake(); }
        job.wake = finish;
        addEventListener("online", finish);
      });
    }

    function key(file) { return "upload:" + file.size + ":" + file.lastModified + ":" + file.name; }
    function forget(job) { localStorage.removeItem(key(job.file)); }
    function megabytes(bytes) { return (bytes / 1e6).toLocaleString(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 }); }
  }

  function wave() {
    const canvas = document.getElementById("wave"), sound = document.getElementById("listen");
    if (!canvas || !sound) return;
    const peaks = Uint8Array.from(atob(canvas.dataset.peaks), c => c.charCodeAt(0));
    const draw = () => {
      const scale = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
      if (!width) return;
      canvas.width = width * scale;
      canvas.height = height * scale;
      const pen = canvas.getContext("2d"), colours = getComputedStyle(document.documentElement);
      const bars = Math.max(1, Math.floor(width / 4)), played = sound.duration ? sound.currentTime / sound.duration : 0;
      pen.scale(scale, scale);
      for (let i = 0; i < bars; i++) {
        const from = Math.floor(i * peaks.length / bars), to = Math.max(from + 1, Math.floor((i + 1) * peaks.length / bars));
        let sum = 0;
        for (let j = from; j < to; j++) sum += peaks[j] ?? 0;
        const tall = Math.max(2, sum / (to - from) / 255 * (height - 8));
        pen.fillStyle = colours.getPropertyValue((i + 0.5) / bars <= played ? "--accent" : "--control").trim();
        pen.fillRect(i * 4, (height - tall) / 2, 2.4, tall);
      }
    };
    canvas.addEventListener("click", event => {
      const part = event.offsetX / canvas.clientWidth;
      const seek = () => { sound.currentTime = part * sound.duration; draw(); };
      if (sound.duration) seek(); else { sound.addEventListener("loadedmetadata", seek, { once: true }); sound.load(); }
      sound.play().catch(error => console.debug("listening waits for a touch", error));
    });
    ["timeupdate", "seeked", "ended", "loadedmetadata"].forEach(name => sound.addEventListener(name, draw));
    new ResizeObserver(draw).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    draw();
  }
})();
