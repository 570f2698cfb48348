/* What the board is made of: elements of the page, and points whose shape tells their state. */
"use strict";

// Elements of the page

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "on") for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

function drawing(width, height, attributesOf) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("width", width);
  svg.setAttribute("height", height);
  svg.setAttribute("aria-hidden", "true");
  for (const [tag, attributes] of attributesOf) {
    const shape = document.createElementNS(space, tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    svg.append(shape);
  }
  return svg;
}

// Points: their shape tells what the color tells

const CORNERS = {
  triangle: [[0, -1.25], [1.15, 0.85], [-1.15, 0.85]],
  diamond: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
  square: [[-0.95, -0.95], [0.95, -0.95], [0.95, 0.95], [-0.95, 0.95]],
};
CORNERS.frame = CORNERS.dashed = CORNERS.square;

L.Canvas.include({
  _updateMark(mark) {
    if (!this._drawing || mark._empty()) return;
    const { x, y } = mark._point;
    const radius = mark._radius;
    const pen = this._ctx;
    pen.beginPath();
    const corners = CORNERS[mark.options.shape];
    if (corners) {
      corners.forEach(([dx, dy], i) => pen[i ? "lineTo" : "moveTo"](x + dx * radius, y + dy * radius));
      pen.closePath();
    } else pen.arc(x, y, radius, 0, Math.PI * 2, false);
    this._fillStroke(pen, mark);
  },
});
const Mark = L.CircleMarker.extend({
  _updatePath() { this._renderer._updateMark(this); },
});

/* Seen from afar a county has many things: they are drawn small, and grow. */
const STEPS = [[9.3, 1.8, 0.4], [10.6, 2.5, 0.5], [12, 3.6, 0.75], [14.5, 5.5, 1], [99, 7.5, 1]];
const stepAt = (zoom) => STEPS.find(([below]) => zoom < below);
const radiusAt = (zoom) => stepAt(zoom)[1];
const weightOf = (look, zoom) => Math.max(look.weight * stepAt(zoom)[2], 0.5);

function markOf(look, kind) {
  const paint = {
    stroke: look.color, "stroke-width": kind === "point" ? Math.min(look.weight, 2) : Math.min(look.weight, 3),
    fill: look.fill ? look.fillColor : "none",
    ...(look.dashArray && kind !== "point" ? { "stroke-dasharray": "3 2" } : {}),
  };
  if (kind === "line") return drawing(16, 16, [["path", { d: "M1 12 6 5l4 5 5-7", ...paint, fill: "none" }]]);
  if (kind === "area") return drawing(16, 16, [["rect", { x: 2, y: 3, width: 12, height: 10, rx: 1.5, ...paint, ...(look.color === "#ffffff" ? { stroke: "#8b95a3", "stroke-width": 1 } : {}) }]]);
  const corners = CORNERS[look.shape];
  if (!corners) return drawing(16, 16, [["circle", { cx: 8, cy: 8, r: 5, ...paint }]]);
  const points = corners.map(([x, y]) => `${8 + x * 5},${8 + y * 5}`).join(" ");
  return drawing(16, 16, [["polygon", { points, ...paint, ...(look.shape === "dashed" ? { "stroke-dasharray": "3 2" } : {}) }]]);
}
