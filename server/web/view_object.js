// One object in full: how it stands, its signals over up to a day, every trigger, and its decisions
// with their reasons.

import {fetchJson, keyOf, live, objectPath} from "./api.js";
import {Chart} from "./chart.js";
import {h, setChildren, setText} from "./dom.js";
import {NOTHING, number} from "./format.js";
import {Lines, panelsOf, stretchOf} from "./lines.js";
import {Badge, DecisionRow, freshness, problemList, statusOf} from "./parts.js";

const RANGES = [["15 min", 900], ["1 h", 3600], ["6 h", 21600], ["24 h", 86400]];
const LEGEND = [
  ["value", "value"], ["target", "target of one replica"], ["carried", "what the replicas carry"],
  ["gap", "no value"]
];
const DECISIONS_PER_PAGE = 20;
const LAYOUT = {
  triggersMax: 8,
  valueHeight: 130,
  replicasHeight: 76
};

const fact = (name) => {
  const value = h("dd");
  return {value, element: h("div", {}, h("dt", {}, name), value)};
};

export class ObjectView {
  constructor(namespace, name) {
    this.key = `${namespace}/${name}`;
    this.path = objectPath({namespace, name});
    this.title = name;
    this.badge = new Badge();
    this.problems = h("div");
    this.facts = Object.fromEntries(
        ["Replicas", "Wanted", "Ready", "Allowed", "Target", "Engine"].map((n) => [n, fact(n)]));
    this.chart = new Chart(`${name} over time`);
    this.ranges = RANGES.map(
        ([label, seconds]) =>
            h("button",
              {type: "button", "aria-pressed": "false", onclick: () => this.setRange(seconds)},
              label));
    this.triggers = h("tbody");
    this.decisions = h("div", {class: "decisions"});
    this.older =
        h("button", {type: "button", class: "more", onclick: () => this.loadOlder()}, "Show older");
    this.rows = new Map();  // decision id -> row
    this.missing =
        h("div", {class: "empty"}, h("h2", {}, "Not here"),
          h("p", {}, `There is no object ${this.key}.`));
    this.content = this.layout(name, namespace);
    this.element =
        h("div", {}, h("p", {class: "back"}, h("a", {href: "#/"}, "← All objects")), this.missing,
          this.content);
    this.setRange(RANGES[0][1]);
    this.loadDecisions();
  }

  layout(name, namespace) {
    const titles = [["trigger"], ["value", 1], ["target", 1], ["activation", 1], ["asks for", 1]];
    const head = titles.map(
        ([title, isNumber]) => h("th", {scope: "col", class: isNumber ? "number" : null}, title));
    return h(
        "div", {},
        h("div", {class: "view-head"}, h("h1", {}, name), h("span", {class: "muted"}, namespace),
          this.badge.element),
        this.problems,
        h("dl", {class: "facts-list"}, Object.values(this.facts).map((f) => f.element)),
        h("section", {class: "card"},
          h("div", {class: "section-head"}, h("h2", {}, "Signals and replicas"),
            h("div", {class: "ranges", role: "group", "aria-label": "Time range"}, this.ranges)),
          this.chart.element,
          h("p", {class: "legend muted"},
            LEGEND.map(
                ([key, text]) => h("span", {}, h("span", {class: `key key-${key}`}), text)))),
        h("section", {class: "card"}, h("h2", {}, "Triggers"),
          h("div", {class: "scroll"},
            h("table", {class: "triggers"}, h("thead", {}, h("tr", {}, head)), this.triggers))),
        h("section", {class: "card"},
          h("div", {class: "section-head"}, h("h2", {}, "Decisions"),
            h("a", {class: "muted", href: `${this.path}/explain`}, "as text")),
          this.decisions, this.older));
  }

  setRange(seconds) {
    this.seconds = seconds;
    RANGES.forEach(
        ([, s], i) => this.ranges[i].setAttribute("aria-pressed", String(s === seconds)));
    this.lines = new Lines(seconds);
    this.loadLines();
  }

  async loadLines() {
    const object = live.objects.get(this.key);
    if (object) await this.lines.load(object).catch(() => {});
    this.update();
  }

  async loadDecisions(before) {
    const paging = before === undefined ? "" : `&before=${before}`;
    const list = await fetchJson(`${this.path}/decisions?limit=${DECISIONS_PER_PAGE}${paging}`)
                     .catch(() => null);
    if (!list) return;
    list.items.forEach((record) => this.takeDecision(record));
    if (list.items.length < DECISIONS_PER_PAGE) this.older.hidden = true;
    this.orderDecisions();
  }

  loadOlder() { this.loadDecisions(Math.min(...this.rows.keys())); }

  takeDecision(record) {
    const row = this.rows.get(record.id);
    if (row)
      row.update(record);
    else
      this.rows.set(record.id, new DecisionRow(record));
  }

  orderDecisions() {
    const ids = [...this.rows.keys()].sort((a, b) => b - a);
    setChildren(this.decisions, ids.map((id) => this.rows.get(id).element));
    if (!ids.length) this.decisions.replaceChildren(h("p", {class: "muted"}, "No decision yet."));
  }

  decision(record) {
    if (keyOf(record) !== this.key) return;
    this.takeDecision(record);
    this.orderDecisions();
  }

  resynced() {
    this.loadLines();
    this.loadDecisions();
  }

  update() {
    const object = live.objects.get(this.key);
    this.missing.hidden = !live.loaded || Boolean(object);
    this.content.hidden = !object;
    if (!object) return;
    this.badge.update(statusOf(object));
    const problemKey = object.problems.join("\n");
    if (problemKey !== this.problemKey)
      this.problems.replaceChildren(...(problemKey ? [problemList(object)] : []));
    this.problemKey = problemKey;
    this.showFacts(object);
    this.showTriggers(object);
    const panels = panelsOf(object, this.lines, LAYOUT);
    const {from, to, words} = stretchOf(panels, this.seconds);
    this.chart.update({
      from,
      to,
      panels,
      caption: words,
      label: `${object.name}: signals and replicas, ${words}`
    });
  }

  showFacts(object) {
    const text = {
      Replicas: object.replicas ?? NOTHING,
      Wanted: object.desiredReplicas,
      Ready: object.readyReplicas,
      Allowed: `${object.minReplicas} to ${object.maxReplicas}`,
      Target: `${object.target.kind} ${object.target.name}${
          object.replicas === null ? " (missing)" : ""}`,
      Engine: `${object.engine}${object.paused ? ", paused" : ""}`,
    };
    for (const [name, value] of Object.entries(text))
      setText(this.facts[name].value, String(value));
  }

  showTriggers(object) {
    const tone = (trigger) =>
        (trigger.state === "value"     ? "quiet" :
             trigger.state === "error" ? "bad" :
                                         "warn");
    const rows = object.triggers.map(
        (trigger) => h(
            "tr", {},
            h("td", {}, h("strong", {}, trigger.name), " ",
              h("span", {class: "age", "data-tone": tone(trigger)},
                `${freshness(object, trigger)}, ${trigger.series} series`),
              h("code", {class: "query"}, trigger.query)),
            h("td", {class: "number"}, trigger.state === "value" ? number(trigger.value) : NOTHING),
            h("td", {class: "number"}, number(trigger.target)),
            h("td", {class: "number"}, number(trigger.activation)),
            h("td", {class: "number"},
              trigger.proposal === null ? NOTHING :
                                          `${trigger.proposal}${trigger.held ? " (held)" : ""}`)));
    this.triggers.replaceChildren(...rows);
  }
}
