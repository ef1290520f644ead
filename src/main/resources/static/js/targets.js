// The map: poles and outlines without tiles; outlines and circles are drawn with mouse, finger or keys alike:
// a click, or the button (Enter on the map) for the place under the cross in the middle.
"use strict";
(() => {
  const box = document.getElementById("map");
  const form = document.getElementById("choose");
  if (!box || !form || !window.L) return;
  const at = id => document.getElementById(id);
  const said = at("draw-said");
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const map = L.map(box, {
    renderer: L.canvas({ tolerance: 10 }), attributionControl: false, zoomControl: false, maxZoom: 18, minZoom: 4, zoomAnimation: false, fadeAnimation: false
  });
  L.control.zoom({ zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut }).addTo(map);
  map.setView([16.0, 107.5], 6);
  const drawn = L.layerGroup().addTo(map);
  const pending = L.layerGroup().addTo(map);
  const marks = [];
  let mode = "";
  let corners = [];

  fetch(box.dataset.src, { headers: { Accept: "application/json" } }).then(answer => answer.ok ? answer.json() : null).then(found => {
    if (!found) return;
    const bounds = L.latLngBounds([]);
    found.areas.forEach(area => {
      const shape = L.polygon(area.rings.map(ring => [ring]), { color: colour("--control"), weight: 1, fillColor: colour("--chosen-bg"), fillOpacity: 0.35, interactive: false }).addTo(map);
      bounds.extend(shape.getBounds());
    });
    found.poles.forEach(pole => {
      const mark = L.circleMarker(pole.at, { fillOpacity: 1, bubblingMouseEvents: true })
        .bindTooltip(`${pole.name} – ${box.dataset[pole.state.toLowerCase() + "Word"]}`).addTo(map);
      mark.on("click", () => { if (!mode) toggle(pole.target, pole.name); });
      marks.push([mark, pole]);
      bounds.extend(pole.at);
    });
    paint();
    if (bounds.isValid()) map.fitBounds(bounds.pad(0.1), { maxZoom: 15, animate: false });
    box.dataset.ready = found.poles.length;
  });

  // Places picked by name or on the map: a tick in the tree where the tree shows them, else a line of their own.
  const ticks = wire => [...form.querySelectorAll("input[type=checkbox][name=target]")].filter(tick => tick.value === wire);
  const line = wire => [...form.querySelectorAll("#picked input")].find(input => input.value === wire)?.closest("li");
  const chosen = wire => Boolean(line(wire)) || ticks(wire).some(tick => tick.checked);
  function paint() {
    marks.forEach(([mark, pole]) => {
      const mine = chosen(pole.target), ready = pole.state === "READY";
      mark.setRadius(mine ? 9 : 6).setStyle({
        weight: mine ? 4 : 2, color: colour(mine ? "--emergency" : ready ? "--ok" : "--off"), fillColor: colour(ready ? "--ok" : "--surface"), dashArray: pole.state === "BOXLESS" ? "3 3" : null
      });
    });
  }
  function pick(wire, name) {
    if (chosen(wire)) return;
    if (ticks(wire).length) ticks(wire).forEach(tick => { tick.checked = true; });
    else {
      const item = at("pick").content.firstElementChild.cloneNode(true);
      item.querySelector("input").value = wire;
      item.querySelector("span").textContent = name;
      item.querySelector("button").setAttribute("aria-label", `${item.querySelector("button").textContent} ${name}`);
      at("picked").append(item);
    }
    said.textContent = fill(said.dataset.picked, name);
    changed();
  }
  function unpick(wire, name) {
    line(wire)?.remove();
    ticks(wire).forEach(tick => { tick.checked = false; });
    said.textContent = fill(said.dataset.unpicked, name);
    changed();
  }
  const toggle = (wire, name) => { if (chosen(wire)) unpick(wire, name); else pick(wire, name); };
  form.addEventListener("change", paint);
  at("found").addEventListener("click", event => {
    const button = event.target.closest("[data-pick]");
    if (button) pick(button.dataset.pick, button.dataset.name);
  });
  at("picked").addEventListener("click", event => {
    const item = event.target.closest("[data-unpick]")?.closest("li");
    if (!item) return;
    unpick(item.querySelector("input").value, item.querySelector("span").textContent);
    at("words").focus();
  });
  // Enter in the field of words must not send the form.
  at("words").addEventListener("keydown", event => { if (event.key === "Enter") event.preventDefault(); });

  const round = value => Math.round(value * 1e6) / 1e6;
  const fill = (text, value) => text.replace("{0}", value);
  const changed = () => { show(); form.dispatchEvent(new Event("shapes", { bubbles: true })); };

  /** Draws what is chosen. */
  function show() {
    paint();
    drawn.clearLayers();
    form.querySelectorAll("#shapes input").forEach(input => {
      const [kind, rest] = input.value.split(/:(.*)/);
      const style = { color: colour("--emergency"), weight: 3, fillOpacity: 0.15, interactive: false };
      if (kind === "polygon") drawn.addLayer(L.polygon(rest.split(";").map(corner => corner.split(",").map(Number)), style));
      if (kind === "circle") {
        const [lat, lng, radius] = rest.split(",").map(Number);
        drawn.addLayer(L.circle([lat, lng], { ...style, radius }));
      }
    });
  }

  function add(wire, words) {
    const item = at("shape").content.firstElementChild.cloneNode(true);
    item.querySelector("input").value = wire;
    item.querySelector("span").textContent = words;
    at("shapes").append(item);
    said.textContent = fill(said.dataset.added, words);
    changed();
  }

  function set(next) {
    mode = next;
    corners = [];
    at("draw-start").hidden = mode !== "";
    at("drawing-polygon").hidden = mode !== "polygon";
    at("drawing-circle").hidden = mode !== "circle";
    at("cross").hidden = mode === "";
    if (mode === "polygon") said.textContent = fill(said.dataset.corners, 0);
    if (mode === "circle") said.textContent = said.dataset.circle;
    draft();
  }

  function draft() {
    pending.clearLayers();
    at("polygon-done").disabled = corners.length < 3;
    if (corners.length) {
      pending.addLayer(L.polyline(corners.length > 2 ? [...corners, corners[0]] : corners, { color: colour("--emergency"), weight: 3, dashArray: "6 6", interactive: false }));
      corners.forEach(corner => pending.addLayer(L.circleMarker(corner, { radius: 5, color: colour("--emergency"), fillOpacity: 1, interactive: false })));
    }
  }

  function corner(place) {
    if (corners.length >= 200) return;
    corners.push([round(place.lat), round(place.lng)]);
    said.textContent = fill(said.dataset.corners, corners.length);
    draft();
  }

  function circle(place) {
    const radius = Number(at("radius").value);
    if (!Number.isInteger(radius) || radius < 1 || radius > 200000) { said.textContent = said.dataset.radius; at("radius").focus(); return; }
    add(`circle:${round(place.lat)},${round(place.lng)},${radius}`, fill(at("shape").dataset.circle, radius));
    set("");
    at("draw-circle").focus();
  }

  const put = place => { if (mode === "polygon") corner(place); else if (mode === "circle") circle(place); };
  function back() {
    corners.pop();
    said.textContent = fill(said.dataset.corners, corners.length);
    draft();
  }
  function done() {
    if (corners.length < 3) return;
    add("polygon:" + corners.map(corner => corner.join(",")).join(";"), fill(at("shape").dataset.polygon, corners.length));
    set("");
    at("draw-polygon").focus();
  }

  map.on("click", event => put(event.latlng));
  at("draw-polygon").addEventListener("click", () => { set("polygon"); box.focus(); });
  at("draw-circle").addEventListener("click", () => { set("circle"); box.focus(); });
  at("corner").addEventListener("click", () => put(map.getCenter()));
  at("circle-here").addEventListener("click", () => put(map.getCenter()));
  at("corner-back").addEventListener("click", back);
  at("polygon-done").addEventListener("click", done);
  form.querySelectorAll("[data-stop]").forEach(button => button.addEventListener("click", () => set("")));
  box.addEventListener("keydown", event => {
    if (!mode || event.isComposing || event.target !== box) return;
    if (event.key === "Enter") { event.preventDefault(); put(map.getCenter()); }
    if (event.key === "Backspace" && mode === "polygon") { event.preventDefault(); back(); }
    if (event.key === "Escape") set("");
  });
  // Enter in the field of the radius must not send the form.
  at("radius").addEventListener("keydown", event => { if (event.key === "Enter") { event.preventDefault(); put(map.getCenter()); } });
  at("shapes").addEventListener("click", event => {
    if (!event.target.closest("[data-remove]")) return;
    event.target.closest("li").remove();
    said.textContent = said.dataset.removed;
    at("draw-polygon").focus();
    changed();
  });
  show();
})();
