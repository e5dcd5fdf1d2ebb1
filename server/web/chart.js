// Signals and replicas over time, as SVG: one panel per line, one time axis, one cursor for all.

import {h, s, setText} from "./dom.js";
import {axisNumber, clock, number} from "./format.js";

const LEFT = 44;
const RIGHT = 10;
const TOP = 20;
const AXIS = 20;
const GAP = 26;
const TIME_STEPS =
    [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * 60e3);

// Round values from 0 (or below) to at least `top`.
export function niceTicks(bottom, top, wanted) {
  if (top <= bottom) top = bottom + 1;
  const rough = (top - bottom) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step =
      [1, 2, 2.5, 5, 10].map((m) => m * power).find((candidate) => candidate >= rough * 0.999);
  const first = Math.floor(bottom / step) * step;
  const ticks = [];
  for (let i = 0; i === 0 || ticks.at(-1) < top - step * 1e-9; ++i) ticks.push(first + i * step);
  return ticks;
}

// How many labels fit one above the other.
const ticksIn = (height) => Math.max(1, Math.floor(height / 28));

// 0 to at least `top` in whole numbers.
function wholeTicks(top, wanted) {
  const step = Math.max(1, Math.ceil(top / wanted));
  return Array.from({length: Math.ceil(top / step) + 1}, (_, i) => i * step);
}

function timeTicks(from, to, wanted) {
  const step =
      TIME_STEPS.find((candidate) => (to - from) / candidate <= wanted) || TIME_STEPS.at(-1);
  const zone = new Date(from).getTimezoneOffset() * 60e3;
  const ticks = [];
  for (let t = Math.ceil((from - zone) / step) * step + zone; t <= to; t += step) ticks.push(t);
  return ticks;
}

// A longer hole than this means that nobody kept the points.
const HOLE_MS = 60e3;

const isHole = (before, point) => point.at - before.at > HOLE_MS;

// "M x y L .." through the points that have a value; a new part after each gap.
function linePath(points, x, y) {
  let path = "";
  let before = null;
  for (const point of points) {
    if (point.state !== "value") {
      before = null;
      continue;
    }
    const pen = before && !isHole(before, point) ? "L" : "M";
    path += `${pen}${x(point.at).toFixed(1)} ${y(point.value).toFixed(1)}`;
    before = point;
  }
  return path;
}

// Steps: each level holds until the next point.
function stepPath(points, level, x, y) {
  let path = "";
  let before = null;
  for (const point of points) {
    const at = x(point.at).toFixed(1);
    const height = y(level(point)).toFixed(1);
    path += before && !isHole(before, point) ? `H${at}V${height}` : `M${at} ${height}`;
    before = point;
  }
  return path;
}

function areaPath(points, level, x, y, floor) {
  const parts = [];
  for (const point of points) {
    const part = parts.at(-1);
    if (part && !isHole(part.at(-1), point))
      part.push(point);
    else
      parts.push([point]);
  }
  return parts.map((part) => `${stepPath(part, level, x, y)}V${floor}H${x(part[0].at).toFixed(1)}Z`)
      .join("");
}

// Stretches of time without a value, with the state they were in.
function gapsOf(points) {
  const gaps = [];
  points.forEach((point, i) => {
    if (point.state === "value") return;
    const end = points[i + 1]?.at ?? point.at;
    const last = gaps.at(-1);
    if (last && last.to === point.at && last.state === point.state)
      last.to = end;
    else
      gaps.push({from: point.at, to: end, state: point.state});
  });
  return gaps.filter((gap) => gap.to > gap.from);
}

const carried = (point) => (point.target ?? 0) * point.replicas;

// The point in force at time t.
function pointAt(points, t) {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle].at <= t)
      low = middle + 1;
    else
      high = middle;
  }
  const point = points[low - 1];
  return point && t - point.at <= HOLE_MS ? point : null;
}

function valueTicks(points, wanted) {
  const values = points.filter((p) => p.state === "value").map((p) => p.value);
  const top = Math.max(...values, ...points.map(carried), ...points.map((p) => p.target ?? 0), 0);
  return niceTicks(Math.min(0, ...values), top || 1, wanted);
}

const dense = (points, frame) => (points.length > frame.right - frame.left ? " dense" : "");

function drawValue(panel, frame) {
  const {points} = panel;
  const target = points.at(-1)?.target;
  const parts = [];
  for (const gap of gapsOf(points)) {
    const left = frame.x(gap.from);
    const width = frame.x(gap.to) - left;
    parts.push(s("rect", {class: "gap", x: left, y: frame.top, width, height: frame.height}));
    if (width > 60) {
      const word = gap.state.replaceAll("_", " ");
      parts.push(
          s("text", {class: "gap-word", x: left + width / 2, y: frame.top + frame.height / 2 + 4},
            word));
    }
  }
  parts.push(
      s("path", {class: "carried", d: areaPath(points, carried, frame.x, frame.y, frame.floor)}));
  if (Number.isFinite(target)) {
    const y = frame.y(target);
    parts.push(s("line", {class: "target", x1: frame.left, x2: frame.right, y1: y, y2: y}));
  }
  parts.push(
      s("path", {class: `value${dense(points, frame)}`, d: linePath(points, frame.x, frame.y)}));
  const last = points.at(-1);
  if (last?.state === "value")
    parts.push(
        s("circle", {class: "value-end", cx: frame.x(last.at), cy: frame.y(last.value), r: 3}));
  return parts;
}

function drawReplicas(panel, frame) {
  const level = (point) => point.replicas;
  return [
    s("path",
      {class: "replicas-area", d: areaPath(panel.points, level, frame.x, frame.y, frame.floor)}),
    s("path", {
      class: `replicas${dense(panel.points, frame)}`,
      d: stepPath(panel.points, level, frame.x, frame.y)
    }),
  ];
}

const KINDS = {
  value: {
    ticks: valueTicks,
    draw: drawValue,
    tell: (panel, point) => point.state === "value" ?
        `${panel.name} ${number(point.value)} (target ${number(point.target)} each)` :
        `${panel.name} ${point.state.replaceAll("_", " ")}`,
  },
  replicas: {
    ticks: (points, wanted) => wholeTicks(Math.max(1, ...points.map((p) => p.replicas)), wanted),
    draw: drawReplicas,
    tell: (_, point) => `${point.replicas} ${point.replicas === 1 ? "replica" : "replicas"}`,
  },
};

// panels given to update(): {kind: "value" | "replicas", name, points: oldest first, height}
export class Chart {
  constructor(label) {
    this.readout = h("p", {class: "readout"});
    this.svg = s("svg", {class: "chart", role: "img", tabindex: "0", "aria-label": label});
    this.element = h("div", {class: "chart-box"}, this.readout, this.svg);
    this.panels = [];
    this.cursor = null;  // a time, while somebody points at one
    this.width = 0;
    new ResizeObserver(([entry]) => {
      if (Math.round(entry.contentRect.width) === this.width) return;
      this.width = Math.round(entry.contentRect.width);
      this.draw();
    }).observe(this.element);
    this.svg.addEventListener("pointermove", (event) => this.point(event));
    this.svg.addEventListener("pointerdown", (event) => this.point(event));
    this.svg.addEventListener("pointerleave", () => this.setCursor(null));
    this.svg.addEventListener("blur", () => this.setCursor(null));
    this.svg.addEventListener("keydown", (event) => this.key(event));
  }

  update({from, to, panels, caption, label}) {
    Object.assign(this, {from, to, panels, caption});
    if (label) this.svg.setAttribute("aria-label", label);
    this.draw();
  }

  point(event) {
    const box = this.svg.getBoundingClientRect();
    const share = (event.clientX - box.left - LEFT) / (this.width - LEFT - RIGHT);
    this.setCursor(this.from + Math.min(1, Math.max(0, share)) * (this.to - this.from));
  }

  key(event) {
    const steps = {ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10}[event.key];
    if (event.key === "Escape") return this.setCursor(null);
    if (!steps) return;
    event.preventDefault();
    const next = (this.cursor ?? this.to) + (steps * (this.to - this.from)) / 60;
    this.setCursor(Math.min(this.to, Math.max(this.from, next)));
  }

  setCursor(time) {
    this.cursor = time;
    this.drawCursor();
  }

  frames() {
    let top = TOP;
    const span = this.to - this.from;
    const right = this.width - RIGHT;
    const x = (t) => LEFT + ((t - this.from) / span) * (right - LEFT);
    return this.panels.map((panel) => {
      const ticks = KINDS[panel.kind].ticks(panel.points, ticksIn(panel.height));
      const [low, high] = [ticks[0], ticks.at(-1)];
      const [start, height] = [top, panel.height];
      top += height + GAP;
      const y = (v) => start + height - ((v - low) / (high - low)) * height;
      return {x, y, ticks, left: LEFT, right, top: start, height, floor: start + height};
    });
  }

  draw() {
    if (this.width < 60 || !this.panels.length) return;
    const frames = this.frames();
    const bottom = frames.at(-1).floor;
    const height = bottom + AXIS;
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${height}`);
    this.svg.setAttribute("height", height);
    const parts = frames.flatMap((frame, i) => this.drawPanel(this.panels[i], frame));
    this.overlay = s("g", {class: "cursor"});
    this.svg.replaceChildren(...parts, this.drawTime(frames, bottom), this.overlay);
    this.drawCursor(frames);
  }

  drawPanel(panel, frame) {
    const grid = frame.ticks.map((tick) => s("line", {
                                   class: tick === 0 ? "base" : "grid",
                                   x1: frame.left,
                                   x2: frame.right,
                                   y1: frame.y(tick),
                                   y2: frame.y(tick)
                                 }));
    const labels = frame.ticks.map(
        (tick) => s(
            "text", {class: "tick y", x: frame.left - 8, y: frame.y(tick) + 4}, axisNumber(tick)));
    const clipped = panel.points.filter((point) => point.at >= this.from - HOLE_MS);
    const drawn =
        s("g", {},
          KINDS[panel.kind].draw(
              {...panel, points: clipped}, {...frame, x: (t) => Math.max(frame.left, frame.x(t))}));
    const name = s("text", {class: "panel-name", x: frame.left, y: frame.top - 7}, panel.name);
    return [...grid, ...labels, drawn, name];
  }

  drawTime(frames, bottom) {
    const ticks = timeTicks(this.from, this.to, Math.max(2, Math.floor(this.width / 100)));
    const {x, right} = frames[0];
    return s(
        "g", {},
        ticks.filter((t) => x(t) <= right - 14 && x(t) >= LEFT + 10)
            .map(
                (t) => s(
                    "text", {class: "tick x", x: x(t), y: bottom + 15}, clock(t, t % 60e3 !== 0))));
  }

  drawCursor(frames = this.width ? this.frames() : []) {
    setText(this.readout, this.cursor === null ? this.caption || "" : this.readoutAt(this.cursor));
    this.readout.classList.toggle("live", this.cursor !== null);
    if (!this.overlay) return;
    this.overlay.replaceChildren();
    if (this.cursor === null || !frames.length) return;
    const x = frames[0].x(this.cursor);
    this.overlay.append(s("line", {x1: x, x2: x, y1: TOP, y2: frames.at(-1).floor}));
  }

  readoutAt(time) {
    const told = this.panels.map((panel) => {
      const point = pointAt(panel.points, time);
      return point ? KINDS[panel.kind].tell(panel, point) : null;
    });
    return [clock(time), ...told.filter(Boolean)].join("  ·  ") +
        (told.some(Boolean) ? "" : "  ·  no data kept");
  }
}
