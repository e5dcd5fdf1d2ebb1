// The lines of one object's triggers: what the server kept, then what arrived since, up to now.

import {fetchPoints, live, pointOf} from "./api.js";
import {span} from "./format.js";

export class Lines {
  constructor(seconds) {
    this.seconds = seconds;
    this.kept = new Map();  // trigger index -> points
  }

  async load(object) {
    const lists = await Promise.all(
        object.triggers.map((trigger) => fetchPoints(object, trigger, this.seconds)));
    this.kept = new Map(lists.map((points, i) => [object.triggers[i].index, points]));
  }

  // Oldest first, ending now with the object as it stands, or where the connection was lost.
  of(object, trigger) {
    const recent = live.samplesOf(object, trigger);
    const kept = this.kept.get(trigger.index) || [];
    const first = recent[0]?.at ?? Infinity;
    const from = live.now() - this.seconds * 1000;
    const points = [...kept.filter((point) => point.at < first), ...recent].filter(
        (point) => point.at >= from - 60e3);
    points.push(pointOf(object, trigger, live.connected ? live.now() : object.receivedAt));
    return bridged(points);
  }
}

// Between events nothing changed: a copy of the last point closes the hole, but not one from before
// the page was opened.
function bridged(points) {
  const out = [];
  for (const point of points) {
    const before = out.at(-1);
    if (before?.live && point.at - before.at > 30e3) {
      for (let at = before.at + 30e3; at < point.at; at += 30e3) out.push({...before, at});
    }
    out.push(point);
  }
  return out;
}

const SHORTEST_MS = 120e3;

// The stretch of time to draw: up to `seconds`, less while there is not so much history yet.
export function stretchOf(panels, seconds) {
  const to = live.now();
  const oldest = Math.min(to, ...panels.map((panel) => panel.points[0]?.at ?? to));
  const known = Math.max(SHORTEST_MS, to - oldest);
  const wanted = seconds * 1000;
  const length = known > wanted * 0.95 ? wanted : known;
  return {from: to - length, to, words: `last ${span(length / 1000)}`};
}

// What a chart draws of an object: a panel per trigger, and its replicas.
export function panelsOf(object, lines, {triggersMax, valueHeight, replicasHeight}) {
  const shown = object.triggers.slice(0, triggersMax);
  const panels = shown.map((trigger) => ({
                             kind: "value",
                             name: trigger.name,
                             points: lines.of(object, trigger),
                             height: valueHeight,
                           }));
  if (panels.length) {
    panels.push(
        {kind: "replicas", name: "replicas", points: panels[0].points, height: replicasHeight});
  }
  return panels;
}
