
"use strict";
const { elements } = JSON.parse(document.getElementById("data").textContent);
const canvas = document.getElementById("canvas");
const stage = document.getElementById("stage");
const details = document.getElementById("details");
const search = document.getElementById("search");
const facts = new Map([...elements.nodes, ...elements.edges].map(({ data }) => [data.id, data]));
const drawn = [...canvas.querySelectorAll("[data-id]")];
const isNode = (group) => group.classList.contains("node");
const nameOf = (data) => String(data.label || data.slug || data.kind || data.id);

// ---- Looking around: the view box is what the window shows of the drawing.

const whole = canvas.getAttribute("viewBox").split(" ").map(Number);
let view = [...whole];

function show(x, y, width, height) {
  view = [x, y, width, height];
  canvas.setAttribute("viewBox", view.join(" "));
}

function toDrawing(clientX, clientY) {
  const point = new DOMPoint(clientX, clientY).matrixTransform(canvas.getScreenCTM().inverse());
  return [point.x, point.y];
}

function zoom(factor, [x, y] = [view[0] + view[2] / 2, view[1] + view[3] / 2]) {
  const width = Math.min(Math.max(view[2] * factor, 120), whole[2] * 4);
  const by = width / view[2];
  show(x - (x - view[0]) * by, y - (y - view[1]) * by, width, view[3] * by);
}

const fingers = new Map();
let moved = false;

stage.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(Math.exp(event.deltaY * 0.0015), toDrawing(event.clientX, event.clientY));
}, { passive: false });

stage.addEventListener("pointerdown", (event) => {
  if (!fingers.size) moved = false;
  fingers.set(event.pointerId, event);
});

stage.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  if (!moved && Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY) < 4) return;
  if (!moved) stage.setPointerCapture(event.pointerId);
  moved = true;
  stage.classList.add("dragging");
  const [fromX, fromY] = toDrawing(before.clientX, before.clientY);
  const [toX, toY] = toDrawing(event.clientX, event.clientY);
  const other = [...fingers.values()].find((finger) => finger.pointerId !== event.pointerId);
  fingers.set(event.pointerId, event);
  if (!other) return show(view[0] + fromX - toX, view[1] + fromY - toY, view[2], view[3]);
  const far = (finger) => Math.hypot(finger.clientX - other.clientX, finger.clientY - other.clientY);
  zoom(far(before) / Math.max(far(event), 1), toDrawing(other.clientX, other.clientY));
});

for (const name of ["pointerup", "pointercancel"]) {
  window.addEventListener(name, (event) => {
    fingers.delete(event.pointerId);
    stage.classList.remove("dragging");
  });
}

document.getElementById("in").addEventListener("click", () => zoom(0.75));
document.getElementById("out").addEventListener("click", () => zoom(1 / 0.75));
document.getElementById("fit").addEventListener("click", () => show(...whole));

// ---- Details: everything known about a node or an edge, as text.

const order = ["kind", "share", "valid_from", "valid_until", "sources"];
const unsaid = new Set(["id", "label", "source", "target"]);

function add(parent, tag, text) {
  const element = document.createElement(tag);
  element.dir = "auto";
  element.textContent = text;
  parent.append(element);
  return element;
}

function addValue(parent, value) {
  if (!/^https?:\/\//i.test(value)) return add(parent, "span", value);
  const link = add(parent, "a", value);
  link.href = value;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

function tell(id) {
  const data = facts.get(id);
  if (!data) return;
  details.replaceChildren();
  const ends = [data.source, data.target].map((end) => facts.get(end));
  add(details, "h3", ends[0] ? `${nameOf(ends[0])} — ${nameOf(data)} → ${nameOf(ends[1])}` : nameOf(data));
  const list = add(details, "dl", "");
  const rest = Object.keys(data).filter((name) => !unsaid.has(name) && !order.includes(name)).sort();
  for (const name of [...order, ...rest].filter((name) => name in data)) {
    add(list, "dt", name.replaceAll("_", " "));
    const value = add(list, "dd", "");
    String(data[name]).split(" | ").forEach((part) => addValue(value, part));
  }
  add(list, "dt", "IRI");
  addValue(add(list, "dd", ""), data.id);
}

// ---- Choosing a node shows its neighbours; searching shows what has the words in its label.

let chosen = null;

function refresh() {
  const words = search.value.trim().toLowerCase();
  const near = new Set(chosen ? [chosen] : []);
  for (const { data } of elements.edges) {
    const off = hidden.has(data.kind ?? "");
    if (chosen && !off && (data.source === chosen || data.target === chosen)) [data.id, data.source, data.target].forEach((id) => near.add(id));
  }
  let found = 0;
  for (const group of drawn) {
    const data = facts.get(group.dataset.id);
    const hit = words !== "" && isNode(group) && nameOf(data).toLowerCase().includes(words);
    found += hit;
    group.classList.toggle("found", hit);
    group.classList.toggle("chosen", group.dataset.id === chosen);
    group.classList.toggle("faded", chosen ? !near.has(data.id) : words !== "" && !hit);
    group.classList.toggle("off", !isNode(group) && hidden.has(data.kind ?? ""));
    if (isNode(group)) group.setAttribute("aria-pressed", String(data.id === chosen));
  }
  document.getElementById("found").textContent = words ? `${found} found` : "";
}

function choose(id) {
  chosen = id === chosen ? null : id;
  refresh();
  if (chosen) tell(chosen);
}

search.addEventListener("input", () => {
  chosen = null;
  refresh();
});

search.addEventListener("keydown", (event) => {
  const first = drawn.find((group) => group.classList.contains("found"));
  if (event.key !== "Enter" || !first) return;
  const box = first.getBBox();
  const [width, height] = [Math.min(whole[2], 900), Math.min(whole[2], 900) * whole[3] / whole[2]];
  show(box.x + box.width / 2 - width / 2, box.y + box.height / 2 - height / 2, width, height);
  tell(first.dataset.id);
});

for (const group of drawn) {
  const title = group.querySelector("title");
  if (title) {
    group.setAttribute("aria-label", title.textContent);
    title.remove();
  }
  group.addEventListener("pointerenter", () => tell(group.dataset.id));
  group.addEventListener("pointerleave", () => chosen && tell(chosen));
  if (isNode(group)) {
    group.setAttribute("tabindex", "0");
    group.setAttribute("role", "button");
    group.addEventListener("focus", () => tell(group.dataset.id));
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose(group.dataset.id);
    });
  } else if (group.classList.contains("edge")) {
    const grip = group.querySelector(".line").cloneNode();
    grip.setAttribute("class", "grip");
    group.append(grip);
  }
}

stage.addEventListener("click", (event) => {
  const group = event.target.closest("[data-id]");
  if (moved) return;
  if (group && isNode(group)) choose(group.dataset.id);
  else if (chosen) choose(chosen);
});

window.addEventListener("keydown", (event) => event.key === "Escape" && chosen && choose(chosen));

// ---- Switches for the kinds of edges.

const hidden = new Set();
const kinds = [...new Set(elements.edges.map(({ data }) => data.kind ?? ""))].sort();

for (const kind of kinds) {
  const label = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = true;
  box.value = kind;
  box.addEventListener("change", () => {
    if (box.checked) hidden.delete(kind);
    else hidden.add(kind);
    refresh();
  });
  const count = elements.edges.filter(({ data }) => (data.kind ?? "") === kind).length;
  label.append(box);
  add(label, "span", `${kind || "without a kind"} (${count})`);
  document.getElementById("edge-kinds").append(label);
}

document.getElementById("edge-kinds").hidden = !kinds.length;
