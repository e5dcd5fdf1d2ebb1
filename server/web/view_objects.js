// All objects, problems first: how each stands, its signals over the last quarter of an hour, and
// its last decision.

import {byUrgency, keyOf, live} from "./api.js";
import {Chart} from "./chart.js";
import {h, setChildren, setText} from "./dom.js";
import {clock, count, NOTHING, number} from "./format.js";
import {Lines, panelsOf, stretchOf} from "./lines.js";
import {Badge, changeText, needsAttention, problemList, statusOf, TriggerLine} from "./parts.js";

const SECONDS = 15 * 60;
const CARDS_AT_FIRST = 30;
const LAYOUT = {
  triggersMax: 2,
  valueHeight: 84,
  replicasHeight: 46
};

export const objectLink = (object) =>
    `#/objects/${encodeURIComponent(object.namespace)}/${encodeURIComponent(object.name)}`;

class Card {
  constructor(object) {
    this.key = keyOf(object);
    this.badge = new Badge();
    this.replicas = h("p", {class: "replicas-now"});
    this.facts = h("p", {class: "facts muted"});
    this.problems = h("div", {hidden: true});
    this.triggers = h("ul", {class: "trigger-lines"});
    this.lines = new Lines(SECONDS);
    this.chart = new Chart(`${object.name} over time`);
    this.last = h("p", {class: "last-decision"});
    const title = h("h2", {}, h("a", {href: objectLink(object)}, object.name));
    this.element =
        h("article", {class: "card", "aria-label": this.key},
          h("div", {class: "card-head"}, h("div", {}, title, this.facts),
            h("div", {class: "card-side"}, this.badge.element, this.replicas)),
          this.problems, this.triggers, this.chart.element, this.last);
    this.triggerLines = [];
    this.load();
  }

  async load() {
    const object = live.objects.get(this.key);
    if (!object) return;
    await this.lines.load(object).catch(() => {});
    this.update();
  }

  update() {
    const object = live.objects.get(this.key);
    if (!object) return;
    this.badge.update(statusOf(object));
    setText(
        this.facts,
        `${object.namespace} · ${object.target.kind} ${object.target.name} · ${object.engine}`);
    this.showReplicas(object);
    this.showProblems(object);
    this.showTriggers(object);
    this.showChart(object);
    this.showLast(object.lastDecision);
  }

  showReplicas(object) {
    const now = object.replicas ?? NOTHING;
    const wanted = object.desiredReplicas === object.replicas ? "" : ` → ${object.desiredReplicas}`;
    const key = `${now}${wanted} of ${object.minReplicas}–${object.maxReplicas}`;
    if (this.replicasKey === key) return;
    this.replicasKey = key;
    this.replicas.replaceChildren(
        h("strong", {}, `${now}${wanted}`), " ",
        h("span", {class: "muted"},
          `${object.replicas === 1 && !wanted ? "replica" : "replicas"}, ${object.minReplicas}–${
              object.maxReplicas}`));
  }

  showProblems(object) {
    const key = object.problems.join("\n");
    if (this.problemKey === key) return;
    this.problemKey = key;
    this.problems.hidden = !key;
    this.problems.replaceChildren(...(object.problems.length ? [problemList(object)] : []));
  }

  showTriggers(object) {
    while (this.triggerLines.length < object.triggers.length)
      this.triggerLines.push(new TriggerLine());
    this.triggerLines.length = object.triggers.length;
    this.triggerLines.forEach((line, i) => line.update(object, object.triggers[i]));
    setChildren(this.triggers, this.triggerLines.map((line) => line.element));
  }

  showChart(object) {
    this.chart.element.hidden = !object.triggers.length;
    const first = object.triggers[0];
    const panels = panelsOf(object, this.lines, LAYOUT);
    const {from, to, words} = stretchOf(panels, SECONDS);
    const label = first ? `${object.name}: ${first.name} is ${number(first.value)}, target ${
                              number(first.target)}, ` +
            `${object.replicas ?? "no"} replicas; ${words}` :
                          object.name;
    this.chart.update({from, to, panels, caption: words, label});
  }

  showLast(record) {
    const key = record ? `${record.id}` : "";
    if (this.lastKey === key) return;
    this.lastKey = key;
    if (!record) return this.last.replaceChildren("No decision yet.");
    const {decision} = record;
    this.last.replaceChildren(
        h("time", {class: "muted", datetime: decision.at}, clock(Date.parse(decision.at))), " ",
        h("strong", {}, changeText(decision)), " ", decision.reason);
  }
}

const EMPTY = () => h(
    "div", {class: "empty"}, h("h2", {}, "Nothing to scale yet"),
    h("p", {},
      "No ScaledObject has been loaded. Apply one, or start Tidewheel with a folder of manifests:"),
    h("pre", {}, h("code", {}, "tidewheel standalone manifests/")),
    h("p", {}, "Whether metrics arrive already can be seen under ",
      h("a", {href: "#/metrics"}, "Metrics"), "."));

export class ObjectsView {
  title = "Objects";

  constructor() {
    this.cards = new Map();
    this.shownMax = CARDS_AT_FIRST;
    this.summary = h("p", {class: "summary"});
    this.filter = h("input", {
      type: "search",
      placeholder: "Filter by name",
      "aria-label": "Filter objects by name",
      oninput: () => this.update()
    });
    this.grid = h("div", {class: "grid"});
    this.more = h("button", {type: "button", class: "more", onclick: () => this.showMore()});
    this.empty = EMPTY();
    this.head = h("div", {class: "view-head"}, h("h1", {}, "Objects"), this.summary, this.filter);
    this.element = h("div", {}, this.head, this.empty, this.grid, this.more);
    this.update();
  }

  showMore() {
    this.shownMax += CARDS_AT_FIRST;
    this.update();
  }

  wanted() {
    const text = this.filter.value.trim().toLowerCase();
    return [...live.objects.values()]
        .filter((object) => keyOf(object).toLowerCase().includes(text))
        .sort(byUrgency);
  }

  update() {
    const all = [...live.objects.values()];
    const wanted = this.wanted();
    const shown = wanted.slice(0, this.shownMax);
    this.head.hidden = this.empty.hidden = !live.loaded;
    this.empty.hidden = this.empty.hidden || all.length > 0;
    this.filter.hidden = all.length < 6;
    this.more.hidden = shown.length === wanted.length;
    setText(this.more, `Show ${Math.min(CARDS_AT_FIRST, wanted.length - shown.length)} more`);
    const troubled = all.filter(needsAttention).length;
    const replicas = all.reduce((sum, object) => sum + (object.replicas ?? 0), 0);
    setText(
        this.summary,
        all.length ?
            [
              count(all.length, "object"), count(replicas, "replica"),
              troubled ? `${troubled} ${troubled === 1 ? "needs" : "need"} attention` : "all well"
            ].join(" · ") :
                         "");
    for (const key of [...this.cards.keys()])
      if (!live.objects.has(key)) this.cards.delete(key);
    const cards = shown.map((object) => {
      const key = keyOf(object);
      if (!this.cards.has(key)) this.cards.set(key, new Card(object));
      return this.cards.get(key);
    });
    cards.forEach((card) => card.update());
    setChildren(this.grid, cards.map((card) => card.element));
  }

  resynced() { this.cards.forEach((card) => card.load()); }
}
