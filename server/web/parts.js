// Pieces that several views show: a trigger's state, an object's status, one decision.

import {ageOf, hasProblem, lacksData} from "./api.js";
import {h, setAttribute, setText} from "./dom.js";
import {count, dateAndClock, NOTHING, number, span, STATE_WORDS} from "./format.js";

// What is the matter with an object, in one word and one tone.
export function statusOf(object) {
  if (hasProblem(object)) return ["problem", "bad"];
  const without = object.triggers.find((trigger) => trigger.state !== "value");
  if (without) return [STATE_WORDS[without.state], without.state === "error" ? "bad" : "warn"];
  if (object.paused) return ["paused", "quiet"];
  return object.active ? ["active", "good"] : ["idle", "quiet"];
}

export class Badge {
  element = h("span", {class: "badge"}, h("span", {class: "dot"}), h("span"));

  update([word, tone]) {
    setAttribute(this.element, "data-tone", tone);
    setText(this.element.lastChild, word);
  }
}

// "2 s old", "stale for 35 s", "absent: no series has matched yet".
export function freshness(object, trigger) {
  const age = ageOf(object, trigger);
  switch (trigger.state) {
    case "value":
      return age === null ? "" : `${span(age)} old`;
    case "stale":
      return age === null ? "stale" : `stale, newest ${span(age)} old`;
    case "absent":
      return "absent: nothing has matched yet";
    case "error":
      return `error: ${trigger.error}`;
    default:
      return "not a number";
  }
}

// One line of an overview card: name, value, target, freshness.
export class TriggerLine {
  value = h("span", {class: "figure"});
  target = h("span", {class: "muted"});
  age = h("span", {class: "age"});
  name = h("span", {class: "trigger-name"});
  element =
      h("li", {class: "trigger-line"}, h("span", {class: "signal"}, this.name, this.age),
        h("span", {class: "reading"}, this.value, " ", this.target));

  update(object, trigger) {
    setText(this.name, trigger.name);
    setAttribute(this.name, "title", trigger.query);
    setText(this.value, trigger.state === "value" ? number(trigger.value) : NOTHING);
    setText(this.target, `target ${number(trigger.target)}`);
    setText(this.age, freshness(object, trigger));
    setAttribute(
        this.age, "data-tone",
        trigger.state === "value"     ? "quiet" :
            trigger.state === "error" ? "bad" :
                                        "warn");
  }
}

export function problemList(object) {
  return h("ul", {class: "problems"}, object.problems.map((problem) => h("li", {}, problem)));
}

const changed = (decision) => decision.from !== decision.to;

export function changeText(decision) {
  return changed(decision) ? `${decision.from} → ${decision.to}` : `stays at ${decision.to}`;
}

function proposalRow(decision, proposal, index) {
  const value =
      proposal.state === "value" ? number(proposal.value) : proposal.state.replaceAll("_", " ");
  const asks = proposal.replicas === null ? "nothing yet" :
                                            `${proposal.replicas}${proposal.held ? " (held)" : ""}`;
  return h(
      "tr", {class: decision.winner === index ? "winner" : ""},
      h("td", {}, proposal.name || `trigger ${proposal.trigger}`,
        decision.winner === index ? h("span", {class: "tag"}, "wins") : null),
      h("td", {class: "number"}, value),
      h("td", {class: "number"}, proposal.target === null ? NOTHING : number(proposal.target)),
      h("td", {}, proposal.active ? "active" : "inactive"), h("td", {class: "number"}, asks));
}

function proposalTable(decision) {
  const head = ["trigger", "value", "target", "state", "asks for"].map(
      (title, i) => h("th", {scope: "col", class: [1, 2, 4].includes(i) ? "number" : null}, title));
  return h(
      "div", {class: "scroll"},
      h("table", {}, h("thead", {}, h("tr", {}, head)),
        h("tbody", {},
          decision.proposals.map((proposal, i) => proposalRow(decision, proposal, i)))));
}

function clampList(decision) {
  if (!decision.clamps.length)
    return h("p", {class: "muted"}, "Nothing changed the number on the way.");
  return h(
      "ol", {class: "clamps"},
      decision.clamps.map(
          (clamp) =>
              h("li", {}, h("span", {class: "tag"}, clamp.kind.replaceAll("_", " ")),
                h("span", {class: "mono"}, ` ${clamp.before} → ${clamp.after} `),
                h("span", {class: "muted"}, clamp.detail))));
}

function repeats(record) {
  return record.count > 1 ?
      `${count(record.count, "time")}, last ${dateAndClock(Date.parse(record.last))}` :
      "";
}

// A decision that opens to show how it came about. Keeps being open when it is updated.
export class DecisionRow {
  summary = h("summary");
  body = h("div", {class: "decision-body"});
  element = h("details", {class: "decision"}, this.summary, this.body);

  constructor(record) {
    this.element.addEventListener("toggle", () => this.fillBody());
    this.update(record);
  }

  update(record) {
    this.record = record;
    const {decision} = record;
    setAttribute(this.element, "data-changed", changed(decision) ? "yes" : null);
    this.summary.replaceChildren(
        h("time", {datetime: decision.at}, dateAndClock(Date.parse(decision.at))),
        h("span", {class: "change mono"}, changeText(decision)),
        h("span", {class: "reason"}, decision.reason),
        h("span", {class: "repeats muted"}, repeats(record)));
    this.fillBody();
  }

  fillBody() {
    if (!this.element.open) return;
    const {decision} = this.record;
    this.body.replaceChildren(
        proposalTable(decision), h("h4", {}, "From the largest proposal to the outcome"),
        clampList(decision),
        decision.againAt ?
            h("p", {class: "muted"},
              `Time alone may change this at ${dateAndClock(Date.parse(decision.againAt))}.`) :
            "");
  }
}

export const needsAttention = (object) => hasProblem(object) || lacksData(object);
